"""The small network on twice as many chunks of half the frames.

Differs from ``small.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/canonical/chunks_of_16.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

small = load_experiment(Path(__file__).with_name("small.py"))
config = dataclasses.replace(small, batch_size=64, chunk_frames=16)
