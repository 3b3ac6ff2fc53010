"""The network of ``compact.py`` with 128 channels, for an eighth of its frames.

What the other files of this folder are compared with: 1.5 million frames in 1,500 steps.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/canonical/small.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

compact = load_experiment(Path(__file__).with_name("compact.py"))
config = dataclasses.replace(
    compact,
    model=dataclasses.replace(compact.model, channels=128),
    epochs=10,
    steps_per_epoch=150,
    batch_size=32,
    chunk_frames=32,
    learning_rate_decay=0.95,
)
