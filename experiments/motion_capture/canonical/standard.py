"""The network of ``mixed.py`` with a block more and five people of UI-PRMD.

UI-PRMD's people count three tenths of what they do in ``with_ui_prmd.py``, a tenth of the frames:
their slow exercises cost accuracy on other motions.

Command, after that of ``mixed.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/standard.py
--folder runs/canonical_standard``
Result and time: ``saved_models/standard/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, load_experiment

with_ui_prmd = load_experiment(Path(__file__).with_name("with_ui_prmd.py"))
*others, ui_prmd = with_ui_prmd.data.further
config = dataclasses.replace(
    with_ui_prmd,
    model=TrainedModel("runs/canonical_mixed/best.keras", filter_widths=(3, 3, 3, 3)),
    data=dataclasses.replace(
        with_ui_prmd.data, further=(*others, dataclasses.replace(ui_prmd, weight=0.3))
    ),
    epochs=12,
    learning_rate=4e-4,
    learning_rate_decay=0.8,
)
