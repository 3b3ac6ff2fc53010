"""Table 3, "Pavllo et al. (243 frames)": the baseline.

Differs from ``video_pose_81f.py``: 243 frames.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table3_mpi_inf_3dhp/video_pose_243f.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("video_pose_81f.py"))
config = dataclasses.replace(
    base, model=dataclasses.replace(base.model, filter_widths=(3, 3, 3, 3, 3))
)
expected = expected_of(__file__)
