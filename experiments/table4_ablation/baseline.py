"""Table 4, "Baseline": the baseline with 81 frames.

Differs from ``table1_human36m_cpn/anatomy_81f.py``: positions straight from keypoints.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table4_ablation/baseline.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import expected_of, load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).parents[1] / "table1_human36m_cpn/anatomy_81f.py"),
    model=VideoPoseConfig(filter_widths=(3, 3, 3, 3)),
)
expected = expected_of(__file__)
