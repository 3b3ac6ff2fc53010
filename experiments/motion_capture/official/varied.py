"""On the way to all models that ship: the plain network sees views of any recording.

The first training (``../compact.py``) knows whole, upright people only; this one shows its network
the views that ``../standard.py`` learns from (``CaptureVariety``), without dropout.

Command, after ``anatomy-tf train experiments/motion_capture/compact.py``:
``anatomy-tf train experiments/motion_capture/official/varied.py``
Result and time: ``saved_models/compact/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).parents[1] / "standard.py"),
    model=TrainedModel("runs/compact/best.keras", dropout=0.0),
    epochs=24,
    steps_per_epoch=270,
    learning_rate=5e-4,
    learning_rate_decay=0.9,
    batch_share_start=0.02,
    validation_every_epochs=4,
)
