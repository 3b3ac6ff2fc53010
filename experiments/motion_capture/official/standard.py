"""`standard` until 29 November: the network of ``compact.py`` grows to 81 frames.

Command, after ``compact.py`` beside this file:
``anatomy-tf train experiments/motion_capture/official/standard.py --folder runs/official_standard``
Result and time: ``saved_models/standard/README.md`` of commit 214426b.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=dataclasses.replace(
        compact.model, name="runs/official_compact/best.keras", filter_widths=(3, 3, 3, 3)
    ),
    epochs=36,
    steps_per_epoch=180,
)
