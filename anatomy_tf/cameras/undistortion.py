"""Pixels back to rays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.projection import CX, FX, K1, P1, project

ROUNDS = 50
"""Of the fixed-point iteration; a wide-angle lens needs about 20."""

NOT_REACHED = 1e-6
"""Error, in units of the focal length, above which no point projects to the pixel."""


def undistort(
    pixels: NDArray[np.floating], intrinsics: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The ray x / z, y / z of each pixel: the inverse of ``project``.

    The lens has no closed inverse; the fixed point of ``ray = (distorted - tangential) / radial``
    is iterated.

    Args:
        pixels: (..., 2), in the unit of the intrinsics.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2.

    Returns:
        (..., 2); NaN where the pixel is NaN or lies beyond what this lens model can reach.
    """
    intrinsics = np.asarray(intrinsics, np.float64)
    focal, centre = intrinsics[FX : FX + 2], intrinsics[CX : CX + 2]
    k1, k2, k3 = intrinsics[K1 : K1 + 3]
    tangential = intrinsics[P1 : P1 + 2]
    distorted = (np.asarray(pixels, np.float64) - centre) / focal
    rays = distorted
    with np.errstate(all="ignore"):  # what diverges is found below
        for _ in range(ROUNDS):
            squared = np.sum(rays * rays, axis=-1, keepdims=True)
            radial = 1 + squared * (k1 + squared * (k2 + squared * k3))
            lean = np.sum(tangential * rays, axis=-1, keepdims=True)
            rays = (distorted - tangential * squared) / (radial + lean)
        points = np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1)
        error = np.abs(project(points, intrinsics) - pixels) / focal
        reached = (error <= NOT_REACHED).all(axis=-1, keepdims=True)
    return np.where(reached, rays, np.nan)
