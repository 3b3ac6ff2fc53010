"""As the published implementation trains "causal" models: the target is the window's middle frame.

Differs from ``../ablation/with_visibility_attention.py`` in what it replaces.

Result: ``experiments/findings.md``.
Command: ``anatomy-tf train experiments/motion_capture/differences/causal_delayed.py``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

full = Path(__file__).parents[1] / "ablation/with_visibility_attention.py"
base = load_experiment(full)
config = dataclasses.replace(
    base, causal_target="delayed", model=dataclasses.replace(base.model, causal=True)
)
