"""On the way to `causal`: the network of ``varied.py`` learns that the newest frame is the target.

Command, after ``anatomy-tf train experiments/motion_capture/official/varied.py``:
``anatomy-tf train experiments/motion_capture/official/causal_short.py``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=dataclasses.replace(compact.model, causal=True),
    epochs=16,
    learning_rate=1e-3,
    learning_rate_decay=0.9,
)
