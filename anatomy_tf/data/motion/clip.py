"""A recorded or generated motion in the world, before any camera sees it."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.skeletons import Skeleton


@dataclasses.dataclass(frozen=True)
class MotionClip:
    """One take of one person.

    Args:
        positions: (T, J, 3) world metres, z up, the floor near z = 0.
        skeleton: names the J joints.
        fps: frames a second.
        subject: the person.
        action: what the person does, in the few words of its data set's classes.
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
        positions = np.asarray(self.positions, np.float32)
        joints = self.skeleton.joint_count
        if positions.ndim != 3 or positions.shape[1:] != (joints, 3):
            raise AnatomyError(
                f"{where}: expected positions of shape (frames, {joints}, 3) for "
                f"{self.skeleton.name}, got {positions.shape}"
            )
        if len(positions) == 0:
            raise AnatomyError(f"{where}: expected at least one frame, got none")
        if not np.isfinite(positions).all():
            frame = int(np.argwhere(~np.isfinite(positions))[0][0])
            raise AnatomyError(f"{where}: a position of frame {frame} is NaN or infinite")
        FRAME_RATE.check(self.fps, where)
        object.__setattr__(self, "positions", positions)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) / self.fps
