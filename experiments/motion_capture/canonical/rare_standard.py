"""`standard` that ships: goes on from ``longer_standard.py``, and sees rare postures more often.

The cameras are others, too.

Command, after that of ``longer_standard.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/rare_standard.py``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

longer = load_experiment(Path(__file__).with_name("longer_standard.py"))
config = dataclasses.replace(
    longer,
    model=TrainedModel("runs/longer_standard/best.keras"),
    data=dataclasses.replace(longer.data, posture_evenness=0.5, seed=32),
)
