"""Focal lengths from angles of view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import FIELD_OF_VIEW

DEFAULT_FIELD_OF_VIEW = 60.0
"""Degrees over the longer side of the image, for a video from an unknown camera.

Published work assumes 55 (MeTRAbs) to 60 (Multi-HMR) degrees over the longer side. Pose2Sim's four
demonstration cameras have 59 to 60, eight cameras around a dance 60 to 73. Distances scale with the
focal length: in front of a camera of 70 degrees people come out 1.2 times too far."""


def focal_of_view(degrees: float, side: float) -> float:
    """Return the focal length, pixels, of a camera with a field of view.

    Args:
        degrees: the angle over one side of the image.
        side: the length of that side, pixels.

    Raises:
        AnatomyError: when the angle is outside ``limits.FIELD_OF_VIEW``.
    """
    FIELD_OF_VIEW.check(degrees, "camera")
    return float(side / 2 / np.tan(np.radians(degrees) / 2))


def view_of_focal(focal: float, side: float) -> float:
    """Return the field of view, degrees, over a side of the image of a camera's focal length.

    Args:
        focal: pixels, positive.
        side: the length of that side, pixels.
    """
    return float(np.degrees(2 * np.arctan2(side / 2, focal)))


def assumed_intrinsics(aspect_ratio: float) -> NDArray[np.float32]:
    """Return the intrinsics of an unknown camera, for normalised screen coordinates.

    Args:
        aspect_ratio: the image's width divided by its height.

    Returns:
        (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2.
    """
    longer = max(2.0, 2.0 / aspect_ratio)
    focal = focal_of_view(DEFAULT_FIELD_OF_VIEW, longer)
    return np.array([focal, focal, *[0.0] * 7], np.float32)


def default_focal_length(width: float, height: float) -> float:
    """Return the focal length that is assumed where it is unknown.

    The camera then sees 60 degrees over the longer side of the image.

    Args:
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        Pixels.
    """
    return focal_of_view(DEFAULT_FIELD_OF_VIEW, max(width, height))
