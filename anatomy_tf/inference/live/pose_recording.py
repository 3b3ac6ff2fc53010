"""Poses of people who come and go, kept until they are written."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.people import LEAST_SEEN
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

Array = NDArray[np.float32]


@dataclasses.dataclass
class _Recorded:
    """One person's poses so far.

    Attributes:
        times: seconds of each pose.
        poses: (J, 3) metres each.
        seen: numbers of the video's frames in which the person was seen.
        bone_lengths: (b,) metres, or ``None``.
    """

    times: list[float] = dataclasses.field(default_factory=list)
    poses: list[Array] = dataclasses.field(default_factory=list)
    seen: list[int] = dataclasses.field(default_factory=list)
    bone_lengths: Array | None = None


class PoseRecording:
    """Keeps the poses of people who come and go, and gives them as sequences of one length.

    Args:
        skeleton: names the joints.
        fps: frames a second.
    """

    def __init__(self, skeleton: Skeleton, fps: float) -> None:
        self.skeleton, self.fps = skeleton, fps
        self._people: dict[str, _Recorded] = {}

    def add(self, person: str, time: float, pose: Array) -> None:
        """Keep a pose (J, 3), metres, root-relative, at a time in seconds from the first frame."""
        recorded = self._of(person)
        recorded.times.append(time)
        recorded.poses.append(np.asarray(pose, np.float32))

    def saw(self, person: str, frame: int) -> None:
        """Note that a person was seen in a frame of the video."""
        self._of(person).seen.append(frame)

    def end(self, person: str, bone_lengths: Array) -> None:
        """Note that no further pose of a person comes.

        Args:
            person: who; forgotten when seen for less than ``LEAST_SEEN`` seconds.
            bone_lengths: (b,) metres; NaN where nothing estimated them.
        """
        recorded = self._people.get(person)
        if recorded is None:
            return
        if not recorded.poses or len(recorded.seen) < LEAST_SEEN * self.fps:
            del self._people[person]
        elif not np.isnan(bone_lengths).any():
            recorded.bone_lengths = bone_lengths

    def points(self, frames: int) -> int:
        """Return the number of points of ``poses``."""
        return len(self._people) * frames * self.skeleton.joint_count

    def poses(self, frames: int, first_frame: int) -> list[PoseSequence]:
        """Return everyone's poses in all frames, the longest seen first.

        Positions are interpolated linearly from the times of the poses to those of the frames. Who
        is not there yet, or no longer, is held and not seen.

        Args:
            frames: their number.
            first_frame: the number of the first in the video.
        """
        order = sorted(self._people.items(), key=lambda item: -len(item[1].seen))
        return [self._sequence(name, one, frames, first_frame) for name, one in order]

    def _of(self, person: str) -> _Recorded:
        return self._people.setdefault(person, _Recorded())

    def _sequence(
        self, person: str, recorded: _Recorded, frames: int, first_frame: int
    ) -> PoseSequence:
        times = np.arange(frames) / self.fps
        known = np.stack(recorded.poses).reshape(len(recorded.poses), -1)
        flat = np.stack([np.interp(times, recorded.times, values) for values in known.T], axis=-1)
        seen = np.zeros(frames, np.bool_)
        seen[np.array(recorded.seen) - first_frame] = True
        return PoseSequence(
            flat.reshape(frames, self.skeleton.joint_count, 3).astype(np.float32),
            self.skeleton,
            self.fps,
            bone_lengths=recorded.bone_lengths,
            person=person,
            source="live",
            seen=seen,
            first_frame=first_frame,
        )
