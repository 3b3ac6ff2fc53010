"""What a distilled `compact` is compared with: it goes on as it was trained, a little longer.

Result: ``experiments/findings.md``.
Command, after ``anatomy-tf train`` of ``../official/compact.py``:
``anatomy-tf train experiments/motion_capture/distillation/compact.py --folder runs/more_compact``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

official = load_experiment(Path(__file__).parents[1] / "official/compact.py")
config = dataclasses.replace(
    official,
    model=dataclasses.replace(official.model, name="runs/official_compact/best.keras"),
    data=dataclasses.replace(official.data, training_cameras=4),
    epochs=8,
    steps_per_epoch=150,
    learning_rate=3e-4,
    learning_rate_decay=0.75,
    validation_frames=None,
)
