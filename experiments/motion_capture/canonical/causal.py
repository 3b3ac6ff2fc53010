"""The network of ``with_ui_prmd.py`` with the newest of its frames as target.

Command, after that of ``with_ui_prmd.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/causal.py
--folder runs/canonical_causal``
Result: ``experiments/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

compact = load_experiment(Path(__file__).with_name("with_ui_prmd.py"))
config = dataclasses.replace(
    compact,
    model=TrainedModel("runs/with_ui_prmd/best.keras", causal=True),
    epochs=16,
    learning_rate=4e-4,
    learning_rate_decay=0.82,
)
