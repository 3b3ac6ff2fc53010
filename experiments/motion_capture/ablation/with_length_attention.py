"""Table 4 on motion capture, "AF + ML + BoneAtt".

Differs from ``with_joint_loss.py``: the lengths of the frames are weighed by attention.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_length_attention.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("with_joint_loss.py"))
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, length_pooling="attention")
)
