"""`causal` that ships: goes on from its first training, without dropout.

What ships was stopped after 16 of the 24 epochs.

Command, after ``anatomy-tf train experiments/motion_capture/causal.py``:
``anatomy-tf train experiments/motion_capture/longer/causal.py --folder runs/longer_causal``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.inference import TrainedModel
from anatomy_tf.training import load_experiment

config = dataclasses.replace(
    load_experiment(Path(__file__).with_name("compact.py")),
    model=TrainedModel("runs/causal/best.keras", dropout=0.0),
    steps_per_epoch=250,
)
