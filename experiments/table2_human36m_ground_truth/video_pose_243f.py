"""Table 2, "Pavllo et al. (243 frames)": the baseline with ground-truth keypoints.

Differs from ``table1_human36m_cpn/video_pose_243f.py``: exact projections.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table2_human36m_ground_truth/video_pose_243f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import NamedData, expected_of, load_experiment

base = load_experiment(Path(__file__).parents[1] / "table1_human36m_cpn/video_pose_243f.py")
config = dataclasses.replace(
    base,
    data=NamedData(name="human36m/ground_truth"),
)
expected = expected_of(__file__)
