"""Section 4.4, "AF + ML + BoneAtt + AUG + JSL + Baseline-D".

Differs from ``table4_ablation/with_joint_shift.py``: the direction network is as deep as with two
sub-networks, but without long skip connections, and with a loss at the top only.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/section44/baseline_deep.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table4_ablation/with_joint_shift.py")
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, sub_networks=2, long_skips=False)
)
expected = expected_of(__file__)
