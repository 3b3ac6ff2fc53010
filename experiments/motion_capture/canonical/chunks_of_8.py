"""The small network on four times as many chunks of a quarter of the frames.

Differs from ``small.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/canonical/chunks_of_8.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

small = load_experiment(Path(__file__).with_name("small.py"))
config = dataclasses.replace(small, batch_size=128, chunk_frames=8)
