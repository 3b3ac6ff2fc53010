"""What exchanged limbs are compared with: the network of ``varied.py`` goes on as it was trained.

Result: ``experiments/README.md``.
Command, after ``anatomy-tf train experiments/motion_capture/shipped/varied.py``:
``anatomy-tf train experiments/motion_capture/exchange/own_limbs.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

shipped = Path(__file__).parents[1] / "shipped"
config = dataclasses.replace(
    load_experiment(shipped / "varied.py"),
    model=load_experiment(shipped / "compact.py").model,
    epochs=8,
    steps_per_epoch=150,
    learning_rate_decay=0.75,
    validation_frames=None,
)
