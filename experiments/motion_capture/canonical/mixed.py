"""Goes on from ``transferred.py`` with recordings and plain views, half of each.

Data: those of ``../mixed.py``. The up direction that the network is given errs by up to 20 degrees,
as the estimated one does where a camera looks up or down.

Command, after that of ``transferred.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/mixed.py
--folder runs/canonical_mixed``
Result and time: ``experiments/findings.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

transferred = load_experiment(Path(__file__).with_name("transferred.py"))
mixed = load_experiment(Path(__file__).parents[1] / "mixed.py")
config = dataclasses.replace(
    transferred,
    model=TrainedModel("runs/transferred/best.keras"),
    data=mixed.data,
    epochs=80,
    learning_rate_decay=0.957,
    batch_share_start=0.05,
    validation_every_epochs=2,
    precision="bfloat16_products",
)
