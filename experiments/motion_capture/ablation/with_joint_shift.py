"""Table 4 on motion capture, "AF + ML + BoneAtt + AUG + JSL".

Differs from ``with_length_augmentation.py``: joint shifts are predicted and trained.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_joint_shift.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("with_length_augmentation.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, joint_shift=True))
