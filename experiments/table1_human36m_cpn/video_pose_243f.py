"""Table 1, "Pavllo et al. (243 frames)": the baseline.

Differs from ``anatomy_243f.py``: positions straight from keypoints. Trained here for 60 epochs as
the others; the number is quoted from its own paper.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table1_human36m_cpn/video_pose_243f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import expected_of, load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("anatomy_243f.py")),
    model=VideoPoseConfig(filter_widths=(3, 3, 3, 3, 3)),
)
expected = expected_of(__file__)
