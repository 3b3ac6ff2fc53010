"""The whole way of a training run in seconds: a tiny anatomy-aware network on procedural motion.

It shows that an installation trains, validates, keeps checkpoints and goes on after a kill; the
poses are poor. Data: five procedural people, of whom one is validated on; one virtual camera a
clip, simulated detections. Recipe: ``official``. Against the paper: 9 frames, 16 channels.

Command: ``anatomy-tf train experiments/smoke/procedural.py``
"""

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import ProceduralData, TrainingConfig

config = TrainingConfig(
    model=AnatomyLifterConfig(filter_widths=(3, 3), channels=16, sampled_frames=8),
    data=ProceduralData(people=4, validation_people=1, seconds=4, cameras_per_clip=1),
    epochs=3,
    steps_per_epoch=40,
    batch_size=64,
    validation_frames=512,
)
