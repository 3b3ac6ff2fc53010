"""`causal` that ships: goes on from ``causal.py`` with other and more cameras.

Command, after that of ``causal.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/longer_causal.py``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

causal = load_experiment(Path(__file__).with_name("causal.py"))
config = dataclasses.replace(
    causal,
    model=TrainedModel("runs/canonical_causal/best.keras"),
    data=dataclasses.replace(causal.data, training_cameras=6, seed=7),
    epochs=12,
    learning_rate=4e-4,
    learning_rate_decay=0.75,
)
