"""The anatomy-aware network, 27 frames and 256 channels, on real motion seen by virtual cameras.

Data: 25 people of the CMU motion capture database, 50 fps; five people are tested on and two
validated on, none of them trained on; four virtual cameras a clip, simulated detections.
Recipe: ``official``. Against the paper: 27 frames instead of 81 or 243, 256 channels instead of
1024, 16 frames instead of 50 for the bone lengths while training, batches of 256.

Command: ``anatomy-tf train experiments/motion_capture/compact.py``
Result and time: ``saved_models/compact/README.md``.
"""

from pathlib import Path

from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.training import MotionCaptureData, TrainingConfig

MOTION_CAPTURE = Path(__file__).resolve().parents[3] / "shared/data/cmu_mocap_17.npz"

config = TrainingConfig(
    model=AnatomyLifterConfig(filter_widths=(3, 3, 3), channels=256, sampled_frames=16),
    data=MotionCaptureData(
        path=str(MOTION_CAPTURE),
        test_subjects=("cmu_02", "cmu_09", "cmu_35", "cmu_49", "cmu_86"),
        validation_subjects=("cmu_08", "cmu_127"),
    ),
    epochs=60,
    steps_per_epoch=180,
    batch_size=256,
    validation_every_epochs=5,
)
