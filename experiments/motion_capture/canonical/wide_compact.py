"""Goes on from ``with_ui_prmd.py`` with 320 channels and other cameras.

UI-PRMD's people count as in ``standard.py``.

Command, after that of ``with_ui_prmd.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/wide_compact.py``
It was `compact` until 1 December 2026.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

standard = load_experiment(Path(__file__).with_name("wide_standard.py"))
config = dataclasses.replace(
    standard,
    model=TrainedModel("runs/with_ui_prmd/best.keras", channels=320),
    data=dataclasses.replace(standard.data, training_cameras=6, seed=4),
    epochs=60,
    learning_rate_decay=0.95,
)
