"""The small network with twice the learning rate.

Differs from ``small.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/canonical/learning_rate.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

small = load_experiment(Path(__file__).with_name("small.py"))
config = dataclasses.replace(small, learning_rate=2e-3)
