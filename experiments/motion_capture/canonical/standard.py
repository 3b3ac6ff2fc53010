"""`standard` that ships: the network of ``with_ui_prmd.py`` grows to 81 frames.

Command, after that of ``with_ui_prmd.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/standard.py
--folder runs/canonical_standard``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

compact = load_experiment(Path(__file__).with_name("with_ui_prmd.py"))
config = dataclasses.replace(
    compact,
    model=TrainedModel("runs/with_ui_prmd/best.keras", filter_widths=(3, 3, 3, 3)),
    epochs=8,
    learning_rate=2e-4,
    learning_rate_decay=0.7,
)
