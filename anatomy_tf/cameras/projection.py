"""Projection of camera-space points with lens distortion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FX, FY, CX, CY, K1, K2, K3, P1, P2 = range(9)
"""Indices into an intrinsics vector."""

NO_DEPTH = 1e-12
"""Replaces a depth of zero, by which nothing can be divided."""


def project(
    points: NDArray[np.floating],
    intrinsics: NDArray[np.floating],
    distortion: bool = True,
    limit: float = 1.0,
) -> NDArray[np.floating]:
    """Project camera-space points to the image.

    Args:
        points: (..., 3) in the camera's frame (x right, y down, z forward), any unit of length.
        intrinsics: (9,) or (..., 9) broadcast against the points' leading axes:
            fx, fy, cx, cy, k1, k2, k3, p1, p2; the result has the unit of f and c.
        distortion: apply the radial (k) and tangential (p) terms; without it f * xy / z + c.
        limit: xy / z is limited to [-limit, limit] first, so that a point beside, behind or in the
            camera stays finite; 1, as in the published implementation, is a view of 90 degrees.

    Returns:
        (..., 2).
    """
    points, intrinsics = np.asarray(points), np.asarray(intrinsics)
    depth = points[..., 2:]
    flat = np.clip(points[..., :2] / np.where(depth == 0, NO_DEPTH, depth), -limit, limit)
    focal, centre = intrinsics[..., FX : FY + 1], intrinsics[..., CX : CY + 1]
    if not distortion:
        return focal * flat + centre
    tangential = intrinsics[..., P1 : P2 + 1]
    squared = np.sum(flat * flat, axis=-1, keepdims=True)
    k1, k2, k3 = (intrinsics[..., k : k + 1] for k in (K1, K2, K3))
    radial = 1 + squared * (k1 + squared * (k2 + squared * k3))
    lean = np.sum(tangential * flat, axis=-1, keepdims=True)
    return focal * (flat * (radial + lean) + tangential * squared) + centre


def pinhole_rays(
    pixels: NDArray[np.floating], intrinsics: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return the rays x / z, y / z of pixels (..., 2) without undoing the lens distortion."""
    centre, focal = intrinsics[CX : CY + 1], intrinsics[FX : FY + 1]
    return ((pixels - centre) / focal).astype(np.float32)


def flip_intrinsics(intrinsics: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the intrinsics (..., 9) of the mirrored normalised image, with cx and p1 negated."""
    flipped = np.array(intrinsics)
    flipped[..., [CX, P1]] *= -1
    return flipped
