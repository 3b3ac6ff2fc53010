"""The small network of the ``official`` recipe, which sees the screen and no up direction.

Differs from ``small.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/canonical/official.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

small = load_experiment(Path(__file__).with_name("small.py"))
config = dataclasses.replace(small, model=dataclasses.replace(small.model, recipe="official"))
