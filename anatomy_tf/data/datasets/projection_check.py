"""Checks that 3D positions fit their 2D keypoints, and that bodies have a possible size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import project
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FIELD_OF_VIEW

FARTHEST = 0.1
"""Largest accepted distance in normalised screen units (half image widths): 50 pixels of 1000,
several times a usable detector's error, half the error of another camera, unit or order of axes or
joints."""

BESIDE = float(np.tan(np.radians(FIELD_OF_VIEW.most / 2)))
"""x / z or y / z of a point that the widest lens does not see."""


def projection_distance(view: View) -> float:
    """Return the median distance of keypoints from projected positions, normalised screen units.

    It is taken over evenly spaced frames, enough for a sure median.
    """
    frames = _some_frames(view)
    projected = project(view.positions[frames], view.intrinsics, limit=BESIDE)
    return float(np.median(np.linalg.norm(projected - view.keypoints[frames], axis=-1)))


def check_projection(views: Sequence[View], where: str, farthest: float = FARTHEST) -> None:
    """Raise AnatomyError where positions are projected far from their keypoints.

    The median of the views decides, since single clips of Human3.6M are off by some 20 cm.

    Args:
        views: the views of one camera and person.
        where: the views' name in the message.
        farthest: largest accepted distance, normalised screen units.

    Raises:
        AnatomyError: when the median distance is larger.
    """
    distance = float(np.median([projection_distance(view) for view in views]))
    if distance > farthest:
        raise AnatomyError(
            f"{where}: the 3D positions are projected {distance / 2:.0%} of the image's width from "
            f"the 2D keypoints (median), expected at most {farthest / 2:.0%}: cameras, units, or "
            f"the order of axes, joints or cameras differ"
        )


_ENOUGH = 200


def _some_frames(view: View) -> NDArray[np.int64]:
    """Return evenly spaced valid frames of a view, at least ``_ENOUGH`` if it has as many."""
    count = len(view.positions)
    valid = np.arange(count) if view.valid is None else np.flatnonzero(view.valid)
    return valid[:: max(1, len(valid) // _ENOUGH)]


SMALLEST, LARGEST = 0.05, 5.0
"""Limits of the diagonal of a body's box, metres: a hand, and more than any person."""


def check_body_size(views: Sequence[View], where: str) -> None:
    """Raise AnatomyError for an impossible body size, as from a wrong unit.

    A projection alone does not show a wrong unit.

    Args:
        views: the views of one person.
        where: the views' name in the message.

    Raises:
        AnatomyError: when the median size over some valid frames is out of ``SMALLEST`` and
            ``LARGEST``.
    """
    sizes = []
    for view in views:
        frames = _some_frames(view)
        sizes.append(np.linalg.norm(np.ptp(view.positions[frames], axis=1), axis=-1))
    size = float(np.median(np.concatenate(sizes)))
    if not SMALLEST <= size <= LARGEST:
        raise AnatomyError(
            f"{where}: expected a body of {SMALLEST} to {LARGEST:g} metres, got {size:.3g} (median "
            "diagonal of the joints' box): the unit of the positions is another"
        )


def fitted_intrinsics(
    positions: NDArray[np.floating], keypoints: NDArray[np.floating], where: str
) -> NDArray[np.float32]:
    """Return the pinhole camera that best projects positions to keypoints (least squares).

    It is for data sets whose files do not state their cameras.

    Args:
        positions: (..., 3) in the camera's frame, any unit of length.
        keypoints: (..., 2) normalised screen coordinates.
        where: what to call them in the message.

    Returns:
        (9,) fx, fy, cx, cy and no distortion, for normalised screen coordinates.

    Raises:
        AnatomyError: when the points are not in front of a camera or show no spread.
    """
    points = np.asarray(positions, np.float64).reshape(-1, 3)
    screen = np.asarray(keypoints, np.float64).reshape(-1, 2)
    if not (points[:, 2] > 0).all():
        raise AnatomyError(
            f"{where}: expected positions in front of the camera (z > 0, forward), "
            f"got z = {points[:, 2].min():g}"
        )
    lens = np.zeros(9, np.float32)
    for axis in range(2):
        slope = points[:, axis] / points[:, 2]
        focal, centre = _line(slope, screen[:, axis])
        if not (np.isfinite(focal) and focal > 0):
            raise AnatomyError(
                f"{where}: no camera projects the 3D positions to the 2D keypoints "
                f"(fitted focal length {focal:g} along {'xy'[axis]}): the order of axes or "
                "joints, or their signs differ"
            )
        lens[axis], lens[2 + axis] = focal, centre
    return lens


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept of the fitted line; NaN without spread."""
    spread = x - x.mean()
    if not spread.any():
        return float("nan"), float("nan")
    slope = float(spread @ y / (spread @ spread))
    return slope, float(y.mean() - slope * x.mean())
