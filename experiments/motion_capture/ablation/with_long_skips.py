"""Table 4 on motion capture, "AF + ML + BoneAtt + AUG + JSL + LSC".

Differs from ``with_joint_shift.py``: two sub-networks with long skip connections, each trained by
its own loss.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_long_skips.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("with_joint_shift.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, sub_networks=2))
