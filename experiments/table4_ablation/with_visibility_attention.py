"""Table 4, "AF + ML + BoneAtt + AUG + JSL + LSC + ScoreAtt".

Differs from ``with_long_skips.py``: visibility scores, weighed by the pose. The full model:
``table1_human36m_cpn/anatomy_81f.py``.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table4_ablation/with_visibility_attention.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("with_long_skips.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, visibility="attention"))
expected = expected_of(__file__)
