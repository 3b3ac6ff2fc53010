"""A small student without a teacher: 27 frames, 64 channels, the views of ``standard.py``.

Two cameras a clip instead of eight, 20 epochs of 100 batches of 256.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/distillation/student.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import load_experiment

standard = load_experiment(Path(__file__).parents[1] / "standard.py")
config = dataclasses.replace(
    standard,
    model=AnatomyLifterConfig(filter_widths=(3, 3, 3), channels=64, sampled_frames=16),
    data=dataclasses.replace(standard.data, training_cameras=2),
    epochs=20,
    steps_per_epoch=100,
    learning_rate_decay=0.85,
)
