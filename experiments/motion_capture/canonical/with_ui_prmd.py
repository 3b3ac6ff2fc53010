"""Goes on from ``mixed.py`` with five people of UI-PRMD: `compact` until 30 November.

Their exercises are not among those of the other people; people 6 to 10 are left to test on.

Command, after that of ``mixed.py``:
``KERAS_BACKEND=jax anatomy-tf train experiments/motion_capture/canonical/with_ui_prmd.py``
Result and time: ``experiments/findings.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, TrainingMotion, load_experiment

mixed = load_experiment(Path(__file__).with_name("mixed.py"))
UI_PRMD = Path(mixed.data.path).parents[1] / "evaluation/uiprmd_17_f16.npz"
config = dataclasses.replace(
    mixed,
    model=TrainedModel("runs/canonical_mixed/best.keras"),
    data=dataclasses.replace(
        mixed.data,
        further=(
            *mixed.data.further,
            TrainingMotion(
                path=str(UI_PRMD), subjects=tuple(f"uiprmd_s{n:02d}" for n in range(1, 6))
            ),
        ),
    ),
    epochs=16,
    learning_rate=2e-4,
    learning_rate_decay=0.85,
)
