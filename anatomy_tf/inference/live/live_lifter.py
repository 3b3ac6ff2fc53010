"""People who come and go before a running camera, lifted at the camera's full rate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.formats.keypoints.reading.online_tracking import OnlineTracker
from anatomy_tf.inference.live.pose_recording import PoseRecording
from anatomy_tf.inference.streaming import StreamingLifter
from anatomy_tf.poses.smoothing import OneEuroFilter
from anatomy_tf.sequences import PoseSequence

Array = NDArray[np.float32]


@dataclasses.dataclass(frozen=True, eq=False)
class LivePerson(EqualFields):
    """A person in the newest frame.

    Attributes:
        name: the person's name, "0", "1", ....
        keypoints: (J, 3) pixels and score in the detector's layout; NaN, NaN and 0 where a joint
            was not found.
        pose: (J, 3) root-relative metres in the camera's axes and the model's layout, of the frame
            ``StreamingLifter.latency`` ago; ``None`` where it is still to come.
        bone_lengths: (b,) metres, as estimated so far; ``None`` where the model estimates none.
    """

    name: str
    keypoints: Array
    pose: Array | None
    bone_lengths: Array | None


class LiveLifter:
    """Tracks and lifts the people that a detector finds in some frames of a running camera.

    Frames that came while the detector was at work have no detections. Keypoints are interpolated
    over them linearly, so that there is a pose for each frame, as in ``lift --detect-every``; a
    joint is missing there when a frame before or after lacks it. People get their names by
    ``OnlineTracker``; who is out of sight for longer than its ``LONGEST_GAP`` is forgotten.

    Args:
        stream: a stream without people, of the camera's frame rate.
        new_filter: makes the filter that smooths one person's poses.
        record: whether to keep the poses for ``recorded``.

    Attributes:
        stream: the stream.
    """

    def __init__(
        self,
        stream: StreamingLifter,
        *,
        new_filter: Callable[[], OneEuroFilter] | None = None,
        record: bool = True,
    ) -> None:
        self.stream = stream
        self._tracker = OnlineTracker(stream.source_skeleton)
        self._new_filter = new_filter
        self._filters: dict[str, OneEuroFilter] = {}
        self._recording = PoseRecording(stream.skeleton, stream.fps) if record else None
        self._keypoints: dict[str, Array] = {}
        self._poses = np.zeros((0, stream.skeleton.joint_count, 3), np.float32)
        self._first: int | None = None
        self._last = -1

    def push(self, number: int, detections: Array) -> list[LivePerson]:
        """Return the people of one more frame, who came first before who came later.

        Args:
            number: the frame's number, larger than that of the frame before.
            detections: (P, J, 3) pixels and score of the people in it, in any order; NaN, NaN and 0
                where a joint was not found.
        """
        if self._first is None:
            self._first, self._last = number, number - 1
        names = self._tracker.push(detections[..., :2], number / self.stream.fps)
        found = dict(zip(names, detections, strict=True))
        self._remove_forgotten()
        before, last = self._keypoints, self._last
        frames = number - last
        for frame in range(1, frames):
            share = frame / frames
            between = {
                name: (1 - share) * before[name] + share * points
                for name, points in found.items()
                if name in before
            }
            self._advance(last + frame, between)
        # Whoever is new costs nothing in the frames before.
        for name in self._tracker.people:
            if name not in self.stream.people:
                self.stream.add(name)
        self._advance(number, found)
        self._keypoints = found
        return [self._person(name, found[name]) for name in self.stream.people if name in found]

    def recorded(self) -> list[PoseSequence]:
        """Return the poses of everyone so far; push no frame afterwards.

        People who were seen for less than ``LEAST_SEEN`` seconds are left out. ``seen`` says in
        which frames each was seen; all begin with the first frame that was pushed.

        Returns:
            The people, the longest seen first; nobody where nobody was seen or ``record`` is false.
        """
        if self._recording is None or self._first is None:
            return []
        begun = self.stream.time
        for late, poses in enumerate(self.stream.finish(), start=1):
            self._record(self._smoothed(poses), begun + late / self.stream.model_fps)
        for name, lengths in zip(self.stream.people, self.stream.bone_lengths, strict=True):
            self._recording.end(name, lengths)
        return self._recording.poses(self._last - self._first + 1, self._first)

    @property
    def recorded_points(self) -> int:
        """The number of points (people x frames x joints) that ``recorded`` would return."""
        if self._recording is None or self._first is None:
            return 0
        return self._recording.points(self._last - self._first + 1)

    def _remove_forgotten(self) -> None:
        """Remove those whom the tracker has forgotten from the stream.

        After a gap of more than ``LONGEST_GAP`` that is everyone, which bounds what a frame costs
        after however many dropped ones.
        """
        for name, lengths in zip(self.stream.people, self.stream.bone_lengths, strict=True):
            if name not in self._tracker.people:
                self.stream.remove(name)
                self._filters.pop(name, None)
                if self._recording is not None:
                    self._recording.end(name, lengths)

    def _advance(self, number: int, found: dict[str, Array]) -> None:
        """Push one frame to the stream."""
        # First, so that a recording that is interrupted here has this frame.
        self._last = number
        lost = np.full((self.stream.source_skeleton.joint_count, 3), np.nan, np.float32)
        rows = [found.get(name, lost) for name in self.stream.people]
        points = np.stack(rows) if rows else np.zeros((0, *lost.shape), np.float32)
        before = self.stream.time
        scores = np.nan_to_num(points[..., 2])
        poses = self.stream.push(points[..., :2], scores)
        if self._recording is not None:
            for name, points_of_person in found.items():
                if not np.isnan(points_of_person[:, 0]).all():
                    self._recording.saw(name, number)
        self._poses = self._smoothed(poses)
        if self.stream.time > before:
            self._record(self._poses, self.stream.time)

    def _smoothed(self, poses: Array) -> Array:
        if self._new_filter is None:
            return poses
        smooth = poses.copy()
        for row, name in enumerate(self.stream.people):
            if not np.isnan(poses[row]).any():
                smoother = self._filters.setdefault(name, self._new_filter())
                smooth[row] = smoother.push(poses[row])
        return smooth

    def _record(self, poses: Array, time: float) -> None:
        if self._recording is None:
            return
        for name, pose in zip(self.stream.people, poses, strict=True):
            if not np.isnan(pose).any():
                self._recording.add(name, time, pose)

    def _person(self, name: str, keypoints: Array) -> LivePerson:
        row = self.stream.people.index(name)
        pose, lengths = self._poses[row], self.stream.bone_lengths[row]
        return LivePerson(
            name,
            keypoints,
            None if np.isnan(pose).any() else pose,
            None if np.isnan(lengths).any() else lengths,
        )
