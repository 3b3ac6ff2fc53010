"""The anatomy-aware network, 81 frames and 256 channels, for any recording.

As ``compact.py``, but of 81 frames, and trained on views that differ as people's recordings do
(``CaptureVariety``): frame rates from 24 to 60, limbs and legs that are not found, no scores, other
bodies, bodies turned over; eight cameras a clip. Tested on the same plain views of the same people.

Command: ``anatomy-tf train experiments/motion_capture/standard.py``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.data import CaptureVariety
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=AnatomyLifterConfig(filter_widths=(3, 3, 3, 3), channels=256, sampled_frames=16),
    data=dataclasses.replace(compact.data, training_cameras=8, training_variety=CaptureVariety()),
    steps_per_epoch=120,
)
