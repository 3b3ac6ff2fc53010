"""A recording's points with their layout, scores in [0, 1] and places in pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import JOINTS, PIXEL
from anatomy_tf.formats.keypoints.reading.detections import (
    BODY_OF,
    BODY_OF_HOLISTIC,
    Recording,
)
from anatomy_tf.formats.keypoints.reading.layout_recognition import recognized_layout
from anatomy_tf.formats.keypoints.reading.named_keypoints import in_layout as named_in_layout
from anatomy_tf.formats.keypoints.reading.named_keypoints import named_layout
from anatomy_tf.formats.keypoints.reading.scores import scored
from anatomy_tf.formats.keypoints.reading.units import (
    check_inside,
    check_of_picture,
    in_pixels,
    inside,
    shares_of,
)
from anatomy_tf.formats.stated import required_image_size
from anatomy_tf.skeletons import BLAZEPOSE_33, Skeleton

Points = NDArray[np.float32]

_HIPS = ("left_hip", "right_hip")


@dataclasses.dataclass(frozen=True)
class Asked:
    """The facts that the caller states, which take precedence over the file's.

    Attributes:
        skeleton: the keypoints' layout.
        fps: frames a second.
        image_size: (width, height), pixels.
        min_score: keypoints of a lower score count as not found.
        first_frame: the frame of the video with which the sequences begin.
        normalized: what the image's right and lower edges are in the file, where these are not the
            width and height in pixels.
    """

    skeleton: Skeleton | None = None
    fps: float | None = None
    image_size: tuple[int, int] | None = None
    min_score: float = 0.0
    first_frame: int | None = None
    normalized: float | None = None


def in_layout(
    points: Points,
    recording: Recording,
    path: Path,
    asked: Asked,
    places_in_file: Sequence[str],
) -> tuple[Points, Skeleton]:
    """Return points (N, J, 3) of a layout with scores in [0, 1], and the layout.

    Args:
        points: (N, K, 3) as the file has them.
        recording: the recording that they come from.
        path: the file, for messages.
        asked: the facts that the caller states.
        places_in_file: the place of each of the N in the file, for messages.
    """
    JOINTS.check(points.shape[1], path)
    points, known = _body(points, recording, path, asked.skeleton)
    if not recording.exact:
        points = scored(points, path, places_in_file)
    found = ~np.isnan(points).any(axis=-1) & (points[..., 2] >= asked.min_score)
    points = np.where(found[..., None], points, np.float32(np.nan))
    return points, known or recognized_layout(points[..., :2], str(path), recording.candidates)


def in_image(
    points: Points,
    recording: Recording,
    path: Path,
    asked: Asked,
    stated: tuple[int, int] | None,
    layout: Skeleton,
) -> tuple[Points, tuple[int, int]]:
    """Return points (N, J, 3) in pixels (NaN, NaN, 0 where not found), and the image size.

    Args:
        points: as ``in_layout`` returns them.
        recording: the recording that they come from.
        path: the file, for messages.
        asked: the facts that the caller states.
        stated: (width, height) that the file states.
        layout: names the joints.
    """
    given = stated if asked.image_size is None else asked.image_size
    size = required_image_size(given, path)
    places = points[..., :2]
    if asked.normalized is not None:
        if recording.exact:
            raise AnatomyError(f"{path}: states pixels; it takes no --normalized (normalized=)")
        places = shares_of(places, asked.normalized, path) * np.array(size, np.float32)
    # MediaPipe guesses places beyond the edge, whatever format its landmarks are written in.
    of_mediapipe = layout == BLAZEPOSE_33 and not recording.exact
    beyond_edge = recording.beyond_edge or of_mediapipe
    if not beyond_edge:
        # Before any of them is squared, which float32 would not hold.
        PIXEL.check_each(places, path)
    if not recording.exact:
        hips = [layout.index(name) for name in _HIPS if name in layout.joint_names]
        if len(hips) == len(_HIPS):
            check_of_picture(places, hips, path)
        places = in_pixels(places, size, path, centred=recording.centred, beyond_edge=beyond_edge)
    if beyond_edge:
        within = inside(places, size)
        # A detector that guesses joints beyond the edge saw others within.
        lost = ~within.any(axis=1) & ~np.isnan(places[..., 0]).all(axis=1)
        if lost.sum() > within.any(axis=1).sum():
            check_inside(places, size, path, stated)
        places = np.where(within[..., None], places, np.float32(np.nan))
    elif not recording.exact or asked.image_size is not None:
        check_inside(places, size, path, stated)
    scores = np.where(np.isnan(places[..., 0]), np.float32(0), points[..., 2])
    return np.concatenate([places, scores[..., None]], axis=-1), size


def _body(
    points: Points, recording: Recording, path: Path, given: Skeleton | None
) -> tuple[Points, Skeleton | None]:
    """Return the body's keypoints, and their layout where number or names decide it."""
    if recording.names is not None:
        if len(recording.names) != points.shape[1]:
            raise AnatomyError(
                f"{path}: names {len(recording.names)} joints, people have {points.shape[1]}"
            )
        layout = named_layout(recording.names, given or recording.layout, path)
        return named_in_layout(recording.names, layout, points), layout
    count = points.shape[1]
    stated = given or recording.layout
    body = BODY_OF.get(count) or BODY_OF_HOLISTIC.get(count)
    if body is not None and count > body.joint_count and stated in (None, body):
        return points[:, : body.joint_count], body
    if stated is not None and stated.joint_count != count:
        raise AnatomyError(
            f"{path}: layout {stated.name} has {stated.joint_count} keypoints, "
            f"the files have {count}"
        )
    return points, stated
