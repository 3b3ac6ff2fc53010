"""Table 4 on motion capture, "AF + ML".

Differs from ``anatomy_framework.py``: the length network predicts joint positions, trained by their
own loss, and the lengths are derived from them.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_joint_loss.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("anatomy_framework.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, length_output="positions"))
