"""`causal` that ships: goes on from ``longer_causal.py``, and sees rare postures more often.

The cameras are others, too.

Command, after that of ``longer_causal.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/rare_causal.py``
Result and time: ``saved_models/causal/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

longer = load_experiment(Path(__file__).with_name("longer_causal.py"))
config = dataclasses.replace(
    longer,
    model=TrainedModel("runs/longer_causal/best.keras"),
    data=dataclasses.replace(longer.data, posture_evenness=0.5, seed=33),
    epochs=8,
    learning_rate_decay=0.68,
)
