"""Table 4 on motion capture, "AF + ML + BoneAtt + AUG".

Differs from ``with_length_attention.py``: frames with changed bone lengths train the attention,
too.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/ablation/with_length_augmentation.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

base = load_experiment(Path(__file__).with_name("with_length_attention.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, length_augmentation=True))
