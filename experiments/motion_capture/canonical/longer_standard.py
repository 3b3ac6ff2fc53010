"""`standard` that ships: goes on from ``wide_standard.py`` with other and more cameras.

Command, after that of ``wide_standard.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/longer_standard.py``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

standard = load_experiment(Path(__file__).with_name("wide_standard.py"))
config = dataclasses.replace(
    standard,
    model=TrainedModel("runs/canonical_wide/best.keras"),
    data=dataclasses.replace(standard.data, training_cameras=6, seed=6),
    epochs=12,
    learning_rate=4e-4,
    learning_rate_decay=0.75,
)
