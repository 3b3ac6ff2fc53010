"""Goes on from ``standard.py`` with 384 channels and other cameras.

Command, after that of ``standard.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/wide_standard.py
--folder runs/canonical_wide``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

standard = load_experiment(Path(__file__).with_name("standard.py"))
config = dataclasses.replace(
    standard,
    model=TrainedModel("runs/canonical_standard/best.keras", channels=384),
    data=dataclasses.replace(standard.data, training_cameras=4, seed=2),
    epochs=32,
    learning_rate=5e-4,
    learning_rate_decay=0.9,
)
