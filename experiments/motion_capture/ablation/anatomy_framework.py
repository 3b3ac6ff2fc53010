"""Table 4 on motion capture, "AF": bone directions and bone lengths, nothing else.

Differs from ``baseline.py``: the baseline's network predicts bone directions, a fully connected one
the bone lengths of each sampled frame, which are averaged.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/anatomy_framework.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("baseline.py")),
    model=AnatomyLifterConfig(
        filter_widths=(3, 3, 3),
        channels=64,
        sampled_frames=16,
        sub_networks=1,
        visibility="none",
        length_output="lengths",
        length_pooling="mean",
        length_augmentation=False,
        joint_shift=False,
    ),
)
