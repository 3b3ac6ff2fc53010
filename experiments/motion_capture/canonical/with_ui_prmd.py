"""Goes on from ``transferred.py`` with five people of UI-PRMD.

Their exercises are not among those of the other people; people 6 to 10 are left to test on.

Command, after that of ``transferred.py``:
``anatomy-tf train experiments/motion_capture/canonical/with_ui_prmd.py``
Result and time: ``experiments/README.md``.
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import TrainedModel, TrainingMotion, load_experiment

transferred = load_experiment(Path(__file__).with_name("transferred.py"))
UI_PRMD = Path(transferred.data.path).parents[1] / "evaluation/uiprmd_17_f16.npz"
config = dataclasses.replace(
    transferred,
    model=TrainedModel("runs/transferred/best.keras"),
    data=dataclasses.replace(
        transferred.data,
        further=(
            *transferred.data.further,
            TrainingMotion(
                path=str(UI_PRMD), subjects=tuple(f"uiprmd_s{n:02d}" for n in range(1, 6))
            ),
        ),
    ),
    epochs=24,
    learning_rate=2.5e-4,
    learning_rate_decay=0.88,
    batch_share_start=0.05,
)
