"""The `VideoPose` baseline on the data and for as many frames as ``small.py``.

It has no form for chunks: a step is 1,024 windows, each with one frame to predict.

Result: ``experiments/findings.md``.
Command:
``anatomy-tf train experiments/motion_capture/canonical/video_pose.py
--folder runs/small_video_pose``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.training import load_experiment

small = load_experiment(Path(__file__).with_name("small.py"))
config = dataclasses.replace(
    small,
    model=VideoPoseConfig(
        filter_widths=small.model.filter_widths, channels=small.model.channels, dropout=0.0
    ),
    batch_size=small.batch_size * small.chunk_frames,
    chunk_frames=None,
)
