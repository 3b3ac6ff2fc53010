"""Table 4 on motion capture, "AF + ML + BoneAtt + AUG + JSL + LSC + ScoreAtt".

Differs from ``with_long_skips.py``: visibility scores, weighed by the pose.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_visibility_attention.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("with_long_skips.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, visibility="attention"))
