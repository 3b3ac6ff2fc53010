"""What a distilled `compact` is compared with: it goes on as it was trained, a little longer.

Result: ``experiments/README.md``.
Command, after ``anatomy-tf train`` of ``../shipped/compact.py``:
``anatomy-tf train experiments/motion_capture/distillation/compact.py --folder runs/more_compact``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.training import load_experiment

shipped = load_experiment(Path(__file__).parents[1] / "shipped/compact.py")
config = dataclasses.replace(
    shipped,
    model=dataclasses.replace(shipped.model, name="runs/shipped_compact/best.keras"),
    data=dataclasses.replace(shipped.data, training_cameras=4),
    epochs=8,
    steps_per_epoch=150,
    learning_rate=3e-4,
    learning_rate_decay=0.75,
    validation_frames=None,
)
