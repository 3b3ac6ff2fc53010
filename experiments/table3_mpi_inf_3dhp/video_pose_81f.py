"""Table 3, "Pavllo et al. (81 frames)": the baseline.

Differs from ``anatomy_81f.py``: positions straight from keypoints.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table3_mpi_inf_3dhp/video_pose_81f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import expected_of, load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("anatomy_81f.py")),
    model=VideoPoseConfig(filter_widths=(3, 3, 3, 3), skeleton="mpi_inf_3dhp_17", fps=25),
)
expected = expected_of(__file__)
