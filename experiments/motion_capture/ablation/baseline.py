"""Table 4 on motion capture, "Baseline": the baseline, small.

The row that the others start from. Data: the people of ``compact.py``, two virtual cameras a clip.
Against the paper's table: 27 frames instead of 81, 64 channels instead of 1024, 16 sampled frames
instead of 50, 16 epochs of 150 batches of 256, the learning rate falling as far as in 64 epochs.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/baseline.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).parents[1] / "compact.py")
config = dataclasses.replace(
    base,
    model=VideoPoseConfig(filter_widths=(3, 3, 3), channels=64),
    data=dataclasses.replace(base.data, cameras_per_clip=2),
    epochs=16,
    steps_per_epoch=150,
    learning_rate_decay=0.95**4,
    validation_every_epochs=16,
)
