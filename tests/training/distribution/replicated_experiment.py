"""An experiment whose weights do not depend on rounding: no dropout, nothing constant in the data.

Ten steps in two epochs of a batch that two, three or four replicas can share.
"""

import dataclasses

import numpy as np

from anatomy_tf.data import SequenceStore, View
from anatomy_tf.models import VideoPoseConfig
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training import TrainingConfig


@dataclasses.dataclass(frozen=True)
class RandomPoses:
    """Two people to train on and one to validate on, whose joints are anywhere."""

    frames: int = 30

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        return self._seen(1, 2), self._seen(3)

    def _seen(self, *people: int) -> SequenceStore:
        views = []
        for person in people:
            rng = np.random.default_rng(person)
            positions = rng.normal([0, 0, 5], 0.3, (self.frames, 17, 3))
            views.append(
                View(
                    keypoints=positions[..., :2] / positions[..., 2:],
                    visibility=rng.uniform(0, 1, (self.frames, 17)),
                    positions=positions,
                    intrinsics=np.array([2, 2, 0, 0, 0, 0, 0, 0, 0.0]),
                    skeleton=HUMAN36M_17,
                    fps=50,
                    subject=str(person),
                    action="any",
                    clip="any",
                    camera="0",
                )
            )
        return SequenceStore.from_views(views)


config = TrainingConfig(
    model=VideoPoseConfig(filter_widths=(3,), channels=8, dropout=0.0),
    data=RandomPoses(),
    epochs=2,
    steps_per_epoch=5,
    batch_size=12,
    checkpoint_every_steps=2,
    seed=5,
)
