"""The full small network with past frames only; its target is the newest frame.

Differs from ``../ablation/with_visibility_attention.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/differences/causal.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

full = Path(__file__).parents[1] / "ablation/with_visibility_attention.py"
base = load_experiment(full)
config = dataclasses.replace(base, model=dataclasses.replace(base.model, causal=True))
