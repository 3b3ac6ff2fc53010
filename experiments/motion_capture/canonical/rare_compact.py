"""`compact` that ships: goes on from ``wide_compact.py``, and sees rare postures more often.

The cameras are others, too.

Command, after that of ``wide_compact.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/rare_compact.py``
Result and time: ``saved_models/compact/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

wide = load_experiment(Path(__file__).with_name("wide_compact.py"))
config = dataclasses.replace(
    wide,
    model=TrainedModel("runs/wide_compact/best.keras"),
    data=dataclasses.replace(wide.data, posture_evenness=0.5, seed=31),
    epochs=24,
    learning_rate=4e-4,
    learning_rate_decay=0.88,
)
