"""Section 4.4, "Baseline + JSL".

Differs from ``table4_ablation/baseline.py``: it also predicts joint shifts. The paper gives the
best of several weights of their loss; here it has the weight of the recipe.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/section44/baseline_with_joint_shift.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table4_ablation/baseline.py")
config = dataclasses.replace(base, model=dataclasses.replace(base.model, joint_shift=True))
expected = expected_of(__file__)
