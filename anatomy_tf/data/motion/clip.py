"""The clip: a recorded or generated motion in the world, without a camera."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.sequences.frame_arrays import joint_array
from anatomy_tf.sequences.notebook_display import frames_and_joints
from anatomy_tf.skeletons import Skeleton


@dataclasses.dataclass(frozen=True, eq=False)
class MotionClip(EqualFields):
    """One take of one person.

    Args:
        positions: (T, J, 3) world metres, z up, the floor near z = 0.
        skeleton: the skeleton of the J joints.
        fps: frames a second.
        subject: the person.
        action: what the person does, as the data set's classes name it.
        name: the clip's name, unique in its data set; random cameras are seeded by it.
        description: what the person does, in free words.

    Raises:
        AnatomyError: naming the clip, for a wrong shape, no frames, a number that is not finite or
            a rate outside ``files.limits``.
    """

    positions: NDArray[np.float32]
    skeleton: Skeleton
    fps: float
    subject: str
    action: str
    name: str
    description: str = ""

    def __post_init__(self) -> None:
        where = f"clip {self.subject}/{self.name}"
        positions = joint_array(self.positions, self.skeleton, 3, "positions", where)
        if not np.isfinite(positions).all():
            frame = int(np.argwhere(~np.isfinite(positions))[0][0])
            raise AnatomyError(f"{where}: a position of frame {frame} is NaN or infinite")
        FRAME_RATE.check(self.fps, where)
        object.__setattr__(self, "positions", positions)

    def __repr__(self) -> str:
        return (
            f"MotionClip({self.name!r}, {self.action!r} of {self.subject!r}, "
            f"{frames_and_joints(len(self), self.fps, self.skeleton)})"
        )

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def duration(self) -> float:
        """The clip's length in seconds."""
        return len(self) / self.fps
