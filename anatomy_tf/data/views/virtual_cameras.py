"""Random but plausible cameras around a motion."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    NOT_EMPTY,
    RISING,
    CheckedFields,
    Count,
    NotNegative,
    Positive,
    PositiveRange,
    Share,
    at_least,
)

_HUMAN36M_FOCAL_LENGTH = (1140.0, 1150.0)
_HUMAN36M_SIZE = (1000, 1000)
# The lens distortion of Human3.6M's four cameras, rounded: k1, k2, k3 and p1, p2.
_HUMAN36M_RADIAL = np.array([-0.20, 0.24, -0.002])
_HUMAN36M_TANGENTIAL = 0.003
_STEP_BACK = 1.15
_MOST_STEPS = 40

# 45 degrees beside the optical axis is where `cameras.project` limits a point.
_FocalLength = Annotated[float, at_least(0.5)]


@dataclasses.dataclass(frozen=True)
class CameraRanges(CheckedFields):
    """The ranges of ``random_camera``; (low, high) pairs are uniform unless stated otherwise.

    The defaults mix Human3.6M's cameras (a focal length of 1145 pixels on 1000 x 1000) with lenses
    from a phone's (0.7 of the longer side is 25 mm on 35 mm film) to a broadcast's (3 is 108 mm).

    Args:
        human36m_share: share of the cameras, 0 to 1, with Human3.6M's lens and picture.
        focal_length: in units of the picture's longer side, log-uniform; the other cameras.
        sizes: (width, height) pixels, one is drawn; the other cameras.
        radial: half-widths of k1 and k2 (k3 is 0); the other cameras.
        tangential: half-width of p1 and p2; the other cameras.
        principal_point: half-width of the principal point's distance from the picture's middle, in
            units of the longer side.
        distance: metres from the clip's centre, log-uniform, before the camera steps back.
        height: metres above z = 0.
        aim: half-width, metres, of the error with which the camera looks at the clip's centre.
        roll: half-width of the roll, degrees.
        nearest_joint: every joint of every frame has at least this depth, metres.
        in_picture: the camera steps back until this share of all joints is in the picture.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    human36m_share: Share = 0.5
    focal_length: Annotated[tuple[_FocalLength, _FocalLength], RISING] = (0.7, 3.0)
    sizes: Annotated[tuple[tuple[Count, Count], ...], NOT_EMPTY] = (
        (1920, 1080),
        (1080, 1920),
        (1280, 720),
        (1000, 1000),
        (640, 480),
    )
    radial: tuple[NotNegative, NotNegative] = (0.1, 0.1)
    tangential: NotNegative = 0.002
    principal_point: NotNegative = 0.02
    distance: PositiveRange = (1.0, 8.0)
    height: PositiveRange = (0.5, 2.5)
    aim: NotNegative = 0.25
    roll: NotNegative = 4.0
    nearest_joint: Positive = 1.0
    in_picture: Share = 0.97


def random_camera(
    rng: np.random.Generator, clip: MotionClip, ranges: CameraRanges | None = None
) -> Camera:
    """Return a random camera that has a clip in view.

    The camera stands at a random azimuth, distance and height and looks, slightly off and slightly
    rolled, at the middle of the space that the person fills. It then steps straight back until no
    joint of any frame is nearer than ``ranges.nearest_joint`` and the share ``ranges.in_picture``
    of all joints is in the picture, so a clip that travels is seen from further away.

    Args:
        rng: the source of randomness.
        clip: the motion, world z up.
        ranges: the ranges to draw from; ``CameraRanges()`` when ``None``.

    Returns:
        A camera with an empty name.

    Raises:
        AnatomyError: when no distance will do, as for a clip that spans kilometres.
    """
    ranges = CameraRanges() if ranges is None else ranges
    focal, width, height, radial, tangential = _random_lens(rng, ranges)
    longer = max(width, height)
    centre = np.array([width, height]) / 2 + longer * rng.uniform(
        -ranges.principal_point, ranges.principal_point, 2
    )
    azimuth = rng.uniform(0, 2 * np.pi)
    backward = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    distance = np.exp(rng.uniform(*np.log(ranges.distance)))
    above_floor = rng.uniform(*ranges.height)
    roll = np.deg2rad(rng.uniform(-ranges.roll, ranges.roll))
    points = clip.positions.reshape(-1, 3).astype(np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    target = middle + rng.uniform(-ranges.aim, ranges.aim, 3)

    for _ in range(_MOST_STEPS):
        position = target + backward * distance
        position[2] = above_floor
        camera = Camera.looking_at(position, target, focal, width, height, roll)
        camera = dataclasses.replace(camera, centre=centre, radial=radial, tangential=tangential)
        if _sees(camera, points, ranges):
            return camera
        distance *= _STEP_BACK
    raise AnatomyError(
        f"clip {clip.subject}/{clip.name}: no camera has it in view up to {distance:.0f} m away; "
        f"it spans {np.ptp(points, axis=0).max():.1f} m"
    )


def _random_lens(
    rng: np.random.Generator, ranges: CameraRanges
) -> tuple[float, int, int, NDArray[np.float64], NDArray[np.float64]]:
    if rng.random() < ranges.human36m_share:
        focal = rng.uniform(*_HUMAN36M_FOCAL_LENGTH)
        radial = _HUMAN36M_RADIAL * rng.uniform(0.8, 1.2)
        tangential = rng.uniform(-_HUMAN36M_TANGENTIAL, _HUMAN36M_TANGENTIAL, 2)
        return focal, *_HUMAN36M_SIZE, radial, tangential
    width, height = ranges.sizes[rng.integers(len(ranges.sizes))]
    focal = max(width, height) * np.exp(rng.uniform(*np.log(ranges.focal_length)))
    radial = np.array([*rng.uniform(-1, 1, 2) * ranges.radial, 0.0])
    tangential = rng.uniform(-ranges.tangential, ranges.tangential, 2)
    return focal, width, height, radial, tangential


def _sees(camera: Camera, points: NDArray[np.float64], ranges: CameraRanges) -> bool:
    """Return whether no point (P, 3) is too near and enough of them are in the picture."""
    seen = camera.world_to_camera(points)
    if seen[:, 2].min() < ranges.nearest_joint:
        return False
    pixels = camera.project(seen)
    inside = (pixels >= 0).all(axis=1) & (pixels < (camera.width, camera.height)).all(axis=1)
    return bool(inside.mean() >= ranges.in_picture)
