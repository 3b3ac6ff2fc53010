"""`causal` that ships: the network of ``causal_short.py`` grows to 243 past frames.

Command, after ``anatomy-tf train experiments/motion_capture/official/causal_short.py``:
``anatomy-tf train experiments/motion_capture/official/causal.py``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=dataclasses.replace(
        compact.model, name="runs/causal_short/best.keras", filter_widths=(3, 3, 3, 3, 3)
    ),
    epochs=30,
    steps_per_epoch=100,
    learning_rate_decay=0.92,
)
