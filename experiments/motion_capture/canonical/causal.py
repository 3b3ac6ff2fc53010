"""The network of ``mixed.py``, the newest of its frames its target, on the data of ``standard.py``.

Command, after that of ``mixed.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/causal.py
--folder runs/canonical_causal``
Result: ``experiments/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

standard = load_experiment(Path(__file__).with_name("standard.py"))
config = dataclasses.replace(
    standard,
    model=TrainedModel("runs/canonical_mixed/best.keras", causal=True),
    learning_rate=5e-4,
    learning_rate_decay=0.77,
)
