"""The network of ``wide_standard.py``, the newest of its frames its target.

Command, after that of ``wide_standard.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/causal.py
--folder runs/canonical_causal``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

standard = load_experiment(Path(__file__).with_name("wide_standard.py"))
config = dataclasses.replace(
    standard,
    model=TrainedModel("runs/canonical_wide/best.keras", causal=True),
    data=dataclasses.replace(standard.data, seed=3),
    epochs=20,
    learning_rate_decay=0.82,
)
