"""The VideoPose baseline with the data, width and number of windows of ``compact.py``.

Command: ``anatomy-tf train experiments/motion_capture/video_pose.py``
Result and time: ``saved_models/compact/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("compact.py")),
    model=VideoPoseConfig(filter_widths=(3, 3, 3), channels=256),
)
