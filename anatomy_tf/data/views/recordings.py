"""Views of motions like users' recordings: any camera, any detector, lost and wrong keypoints.

``render_views`` shows whole people from cameras that stand level and still. Here cameras tilt,
roll, move and cut people off (``RoomCameras``), a detector has the measured errors of a real one
and its own layout (``DetectorErrors``), and its keypoints are mapped, filled and resampled like
those of any file of that layout.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.detector_errors import DetectorErrors, detect
from anatomy_tf.data.views.moving_camera import MovingCamera, pixels_in_picture
from anatomy_tf.data.views.rendering import (
    Detections,
    check_request,
    seen_view,
    view_counts,
    view_generators,
)
from anatomy_tf.data.views.room_cameras import RoomCameras, room_camera
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import CheckedFields, FrameRate, NotNegative, Share
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.resampling import interpolate_frames, resampled_times
from anatomy_tf.skeletons import Skeleton, get_skeleton, map_skeleton

_AWAY_SECONDS = 0.5
_MOST_VIEWS = 20
_LEAST_FOUND = 0.25


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecordingVariety(CheckedFields):
    """The differences between recordings, which each view draws independently.

    Args:
        cameras: the cameras to draw.
        errors: the detectors' errors.
        frame_rates: rates of other cameras, frames a second; one is drawn as in
            ``CaptureVariety``.
        other_rate_share: share of views, 0 to 1, at one of these rates.
        no_scores_share: share of views whose detector gives no scores, so that found joints have 1.
        reversed_share: share of views of the motion played backwards.
        exchanged_share: share of views in which both arms or both legs move as in another clip.
        tumbled_share: share of views of the body turned about a random horizontal axis, by any
            angle. Up stays the world's, as for people who lie, hang and do handstands.
        body_spread: factor on the deviation of new bodies from the mean body.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    cameras: RoomCameras = dataclasses.field(default_factory=RoomCameras)
    errors: DetectorErrors = dataclasses.field(default_factory=DetectorErrors)
    frame_rates: tuple[FrameRate, ...] = (24.0, 25.0, 30.0, 30.0, 60.0)
    other_rate_share: Share = 0.5
    no_scores_share: Share = 0.15
    reversed_share: Share = 0.25
    exchanged_share: Share = 0.35
    tumbled_share: Share = 0.06
    body_spread: NotNegative = 1.25

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.capture  # It refuses a share of other rates without rates.

    @property
    def capture(self) -> CaptureVariety:
        """The ``CaptureVariety`` with the fields that both have."""
        return CaptureVariety.none(**{field: getattr(self, field) for field in _OF_CAPTURE})


_OF_CAPTURE = (
    "frame_rates",
    "other_rate_share",
    "no_scores_share",
    "reversed_share",
    "exchanged_share",
    "tumbled_share",
)


def render_recordings(
    clips: Sequence[MotionClip],
    *,
    cameras_per_clip: int | Sequence[int] = 4,
    seed: int = 0,
    variety: RecordingVariety | None = None,
    bodies: BodyProportions | None = None,
    detections: Detections = "simulated",
) -> list[View]:
    """Film motions with random cameras and run simulated detectors on the films.

    The random numbers of a view depend on ``seed``, its clip's subject and name and its number
    alone, as in ``render_views``. A view shows only the time in which the person is in the picture:
    where the person leaves it, the longest part without half a second outside.

    Args:
        clips: motions in the world, z up.
        cameras_per_clip: number of views of each clip, one for all or one for each
            (``balanced_views``).
        seed: seed of all random numbers.
        variety: what differs and how often; ``RecordingVariety()`` when ``None``.
        bodies: the distribution of new bodies, one a view; people keep their bodies when ``None``.
        detections: ``"simulated"``, or ``"ground_truth"`` for exact projections of all joints.

    Returns:
        The views in the clips' order. Their cameras are named by number and kind of motion, as in
        ``"0 tracking"``; ``up`` is given in each frame's camera axes.

    Raises:
        AnatomyError: as ``render_views``, or for a layout or bodies that do not fit the clips'
            skeleton.
    """
    check_request(seed, detections)
    film = _Recordings(clips, RecordingVariety() if variety is None else variety, bodies)
    return [
        film.view(clip, number, seed, detections)
        for clip, count in zip(clips, view_counts(cameras_per_clip, clips), strict=True)
        for number in range(count)
    ]


class _Recordings:
    """The clips, variety and bodies that all views of a request share."""

    def __init__(
        self,
        clips: Sequence[MotionClip],
        variety: RecordingVariety,
        bodies: BodyProportions | None,
    ) -> None:
        self._clips, self._variety, self._bodies = clips, variety, bodies
        self._capture = variety.capture

    def view(self, clip: MotionClip, number: int, seed: int, detections: Detections) -> View:
        """Return the first of several random films that shows enough of the person."""
        generators = view_generators(seed, clip, number)
        for _ in range(_MOST_VIEWS):
            view = self._view(clip, number, generators, detections)
            if view is not None:
                return view
        raise AnatomyError(
            f"clip {clip.subject}/{clip.name}: none of {_MOST_VIEWS} views shows enough of it"
        )

    def _view(
        self,
        clip: MotionClip,
        number: int,
        generators: Sequence[np.random.Generator],
        detections: Detections,
    ) -> View | None:
        for_camera, for_detector, for_variety = generators
        moved = self._capture.clip(clip, for_variety, self._clips)
        if self._bodies is not None:
            lengths = self._bodies.draw(for_variety, self._variety.body_spread)
            moved = self._bodies.worn_by(moved, lengths)
        camera, kind = room_camera(for_camera, moved, self._variety.cameras)
        positions = camera.world_to_camera(moved.positions).astype(np.float32)
        kept = _longest_stay(positions, camera, clip.fps)
        if kept.stop - kept.start < min(len(clip), clip.fps):
            return None
        positions, up = positions[kept], camera.up[kept].astype(np.float32)
        if detections == "ground_truth":
            pixels, _ = pixels_in_picture(positions, camera.lens)
            visibility = np.ones(positions.shape[:2], np.float32)
        else:
            found = self._detected(positions, camera, clip, for_detector, for_variety)
            if found is None:
                return None
            # The last frames of the clip may lie behind the other rate's last one.
            frames = min(len(found), len(positions))
            positions, up = positions[:frames], up[:frames]
            pixels, visibility = found.keypoints[:frames], found.visibility[:frames]
        view = seen_view(clip, camera.lens, pixels, visibility, positions)
        return dataclasses.replace(view, camera=f"{number} {kind}", up=up)

    def _detected(
        self,
        positions: NDArray[np.float32],
        camera: MovingCamera,
        clip: MotionClip,
        for_detector: np.random.Generator,
        for_variety: np.random.Generator,
    ) -> KeypointSequence | None:
        """Detect keypoints in a detector's layout, then prepare them as ``Lifter.lift`` does.

        ``None`` where too little is found.
        """
        lens, skeleton = camera.lens, clip.skeleton
        fps = self._capture.frame_rate(clip.fps, for_variety)
        scored = self._capture.has_scores(for_variety)
        taken = interpolate_frames(positions, resampled_times(len(positions), clip.fps, fps))
        layout = get_skeleton(self._variety.errors.layout(for_detector))
        pixels, scores = detect(
            taken,
            lens,
            skeleton,
            layout,
            _feeding(layout, skeleton),
            for_detector,
            self._variety.errors,
            fps,
            scored,
        )
        if np.isnan(pixels).all():
            return None
        given = KeypointSequence(pixels, scores, layout, fps, lens.width, lens.height)
        mapped = given.mapped(skeleton)
        found = ~np.isnan(mapped.keypoints[..., 0])
        if (found.mean(axis=1) >= _LEAST_FOUND).mean() < 0.5:
            return None
        return mapped.filled().resampled(clip.fps)


@functools.cache
def _feeding(layout: Skeleton, skeleton: Skeleton) -> tuple[int, ...]:
    """Return the indices of a layout's keypoints from which a skeleton's joints are made."""
    used = map_skeleton(layout, skeleton).choices.any(axis=(0, 1))
    return tuple(np.flatnonzero(used).tolist())


def _longest_stay(positions: NDArray[np.float32], camera: MovingCamera, fps: float) -> slice:
    """Return the longest part of a film in which the person is never away for long."""
    _, inside = pixels_in_picture(positions, camera.lens)
    present = np.flatnonzero(inside.mean(axis=1) >= _LEAST_FOUND)
    if len(present) == 0:
        return slice(0, 0)
    parts = np.split(present, np.flatnonzero(np.diff(present) > _AWAY_SECONDS * fps) + 1)
    longest = max(parts, key=lambda part: part[-1] - part[0])
    return slice(int(longest[0]), int(longest[-1]) + 1)
