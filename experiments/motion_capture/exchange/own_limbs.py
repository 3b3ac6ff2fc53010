"""What exchanged limbs are compared with: the network of ``varied.py`` goes on as it was trained.

Result: ``experiments/findings.md``.
Command, after ``anatomy-tf train experiments/motion_capture/official/varied.py``:
``anatomy-tf train experiments/motion_capture/exchange/own_limbs.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

official = Path(__file__).parents[1] / "official"
config = dataclasses.replace(
    load_experiment(official / "varied.py"),
    model=load_experiment(official / "compact.py").model,
    epochs=8,
    steps_per_epoch=150,
    learning_rate_decay=0.75,
    validation_frames=None,
)
