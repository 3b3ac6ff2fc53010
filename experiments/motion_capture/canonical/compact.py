"""``compact`` of the canonical recipe: 27 frames, 256 channels, on views as recordings are.

The network sees the person from a virtual camera that looks at it, level with the horizon, and an
up network finds which way up is. Data: those of ``../recordings.py``. A step is 64 chunks of 16
neighbouring frames, each supervised: 12.3 million frames in all.

Command:
``anatomy-tf train experiments/motion_capture/canonical/compact.py --folder runs/canonical``
"""

import dataclasses
from pathlib import Path

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import load_experiment

recordings = load_experiment(Path(__file__).parents[1] / "recordings.py")
config = dataclasses.replace(
    recordings,
    model=AnatomyLifterConfig(
        filter_widths=(3, 3, 3),
        channels=256,
        recipe="canonical",
        sampled_frames=16,
        length_augmentation=False,
        dropout=0.0,
    ),
    epochs=40,
    steps_per_epoch=300,
    batch_size=64,
    chunk_frames=16,
    learning_rate_decay=0.93,
    deterministic=False,
    jit="on",
    validation_every_epochs=2,
    validation_frames=8192,
    checkpoint_every_steps=1000,
)
