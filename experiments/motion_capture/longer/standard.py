"""`standard` that ships: goes on from its first training, without dropout.

Command, after ``anatomy-tf train experiments/motion_capture/standard.py``:
``anatomy-tf train experiments/motion_capture/longer/standard.py --folder runs/longer_standard``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.inference import TrainedModel
from anatomy_tf.training import load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("compact.py")),
    model=TrainedModel("runs/standard/best.keras", dropout=0.0),
    steps_per_epoch=256,
)
