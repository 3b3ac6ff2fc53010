"""Section 4.4, "AF + ML + BoneAtt + AUG + JSL + LSC + Fusion".

Differs from ``table4_ablation/with_visibility_attention.py``: visibility scores are concatenated
with the keypoints.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/section44/visibility_concatenated.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table4_ablation/with_visibility_attention.py")
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, visibility="concatenation")
)
expected = expected_of(__file__)
