"""The anatomy-aware network for cameras: 243 frames, all past, 256 channels.

As ``standard.py``, but causal: the target is the newest frame of the window.

Command: ``anatomy-tf train experiments/motion_capture/causal.py``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("standard.py")),
    model=AnatomyLifterConfig(
        filter_widths=(3, 3, 3, 3, 3), channels=256, sampled_frames=16, causal=True
    ),
    steps_per_epoch=80,
)
