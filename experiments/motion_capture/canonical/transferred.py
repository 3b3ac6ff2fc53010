"""The network of ``compact.py`` that begins with what the ``official`` one has learnt.

Directions and bone lengths begin with the weights of ``../official/compact.py``, whose inputs are
the keypoints on the screen; the up network with those of ``compact.py`` after ten epochs.

Command, after those of ``../official/compact.py`` and ``compact.py``:
``anatomy-tf train experiments/motion_capture/canonical/transferred.py``
Result and time: ``experiments/findings.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import LayersOf, TransferredModel, load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=TransferredModel(
        compact.model,
        (
            LayersOf("runs/canonical/best.keras", ("up_", "length_stem/kernel")),
            LayersOf("runs/official_compact/best.keras"),
        ),
    ),
    epochs=30,
    learning_rate=5e-4,
    learning_rate_decay=0.9,
    validation_every_epochs=1,
)
