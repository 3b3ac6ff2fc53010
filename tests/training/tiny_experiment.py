"""An experiment of a few seconds: a tiny lifter on a made-up walk."""

import dataclasses

import numpy as np

from anatomy_tf.data import MotionClip, SequenceStore, render_views
from anatomy_tf.models import AnatomyLifterConfig
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import TrainingConfig

# A standing person facing +y, metres, z up, in the joint order of HUMAN36M_17.
STANDING = np.array(
    [
        [0, 0, 0.95],
        [0.13, 0, 0.95],
        [0.13, 0, 0.5],
        [0.13, 0, 0.06],
        [-0.13, 0, 0.95],
        [-0.13, 0, 0.5],
        [-0.13, 0, 0.06],
        [0, 0, 1.2],
        [0, 0, 1.45],
        [0, 0.05, 1.55],
        [0, 0.03, 1.7],
        [-0.15, 0, 1.42],
        [-0.2, 0, 1.12],
        [-0.22, 0.05, 0.88],
        [0.15, 0, 1.42],
        [0.2, 0, 1.12],
        [0.22, 0.05, 0.88],
    ]
)


@dataclasses.dataclass(frozen=True)
class SwayingPeople:
    """People of several sizes who sway, seen by one camera each."""

    frames: int = 40
    seed: int = 0

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        return self._seen("ab"), self._seen("c")

    def _seen(self, subjects: str) -> SequenceStore:
        clips = []
        for subject in subjects:
            size = 0.9 + 0.1 * (ord(subject) - ord("a"))
            sway = 0.2 * np.sin(np.arange(self.frames) / 5)[:, None, None]
            positions = size * (STANDING + sway * STANDING[:, 2:] * [1, 0.5, 0])
            clips.append(MotionClip(positions, HUMAN36M_17, 50.0, subject, "sway", subject))
        views = render_views(clips, cameras_per_clip=1, seed=self.seed, detections="ground_truth")
        return SequenceStore.from_views(views)


config = TrainingConfig(
    model=AnatomyLifterConfig(filter_widths=(3, 3), channels=8, sampled_frames=4),
    data=SwayingPeople(),
    epochs=3,
    batch_size=16,
    checkpoint_every_steps=2,
    validation_frames=20,
    seed=5,
)
