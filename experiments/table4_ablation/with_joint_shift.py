"""Table 4, "AF + ML + BoneAtt + AUG + JSL".

Differs from ``with_length_augmentation.py``: joint shifts are predicted and trained.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table4_ablation/with_joint_shift.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("with_length_augmentation.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, joint_shift=True))
expected = expected_of(__file__)
