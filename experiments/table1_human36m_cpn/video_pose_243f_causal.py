"""Table 1, "Pavllo et al. (243 frames, Causal)": the baseline with past frames only.

Differs from ``video_pose_243f.py``: the window ends at the target, which is the newest frame.

Result: not run here, see ``expected``.
Command: ``anatomy-tf train experiments/table1_human36m_cpn/video_pose_243f_causal.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import expected_of, load_experiment

base = load_experiment(Path(__file__).with_name("video_pose_243f.py"))
config = dataclasses.replace(base, model=dataclasses.replace(base.model, causal=True))
expected = expected_of(__file__)
