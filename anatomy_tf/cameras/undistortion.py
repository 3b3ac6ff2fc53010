"""Undistortion: from pixels back to rays."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.projection import CX, FX, K1, P1

ROUNDS = 30
"""Most rounds of Newton's method; a wide-angle lens needs about 6, a pixel at the very edge 20."""

EXACT = 1e-12
"""Error, in units of the focal length, below which no further round is worth it."""

NOT_REACHED = 1e-6
"""Error, in units of the focal length, above which no ray belongs to the pixel."""


def undistort(
    pixels: NDArray[np.floating], intrinsics: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return the ray x / z, y / z of each pixel, the inverse of ``project``.

    Args:
        pixels: (..., 2), in the unit of the intrinsics.
        intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2.

    Returns:
        (..., 2); NaN where the pixel is NaN. A lens model with barrel distortion bends no ray past
        some circle in the image; pixels outside it have no ray and are NaN too, with a
        ``RuntimeWarning`` that counts them.
    """
    rays, reached = reached_rays(pixels, intrinsics)
    lost = int((~reached & np.isfinite(pixels).all(axis=-1)).sum())
    if lost:
        warnings.warn(
            f"{lost} of {reached.size} pixels lie beyond what this lens model reaches and have no "
            f"ray: do k1, k2, k3, p1, p2 = {np.asarray(intrinsics, float)[K1:].tolist()} belong to "
            "this video?",
            RuntimeWarning,
            stacklevel=2,
        )
    return np.where(reached[..., None], rays, np.nan)


def reached_rays(
    pixels: NDArray[np.floating], intrinsics: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the ray of each pixel, and whether the lens model reaches the pixel.

    Args:
        pixels, intrinsics: see ``undistort``.

    Returns:
        (..., 2) and (...); the ray of a pixel that is not reached means nothing.
    """
    lens: NDArray[np.float64] = np.asarray(intrinsics, np.float64)
    focal, centre = lens[FX : FX + 2], lens[CX : CX + 2]
    distorted = (np.asarray(pixels, np.float64) - centre) / focal
    rays = distorted
    with np.errstate(all="ignore"):  # what diverges is found below
        for _ in range(ROUNDS):
            bent, slopes = _bent(rays, lens)
            off = bent - distorted
            if not (np.abs(off) > EXACT).any():
                break
            rays = rays - _solved(slopes, off)
        bent, slopes = _bent(rays, lens)
        # Past the circle the image turns inside out, and rays come back into it.
        upright = (_determinant(slopes) > 0) & ((bent * rays).sum(axis=-1) >= 0)
        reached = upright & (np.abs(bent - distorted) <= NOT_REACHED).all(axis=-1)
    return rays, reached


def _bent(
    rays: NDArray[np.float64], intrinsics: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rays (..., 2) bent by the lens, and the derivative (..., 2, 2) of the bending."""
    k1, k2, k3 = intrinsics[K1 : K1 + 3]
    tangential = intrinsics[P1 : P1 + 2]
    squared = (rays * rays).sum(axis=-1, keepdims=True)
    radial = 1 + squared * (k1 + squared * (k2 + squared * k3))
    scale = radial + (tangential * rays).sum(axis=-1, keepdims=True)
    of_scale = 2 * rays * (k1 + squared * (2 * k2 + 3 * k3 * squared)) + tangential
    slopes = (
        scale[..., None] * np.eye(2)
        + rays[..., :, None] * of_scale[..., None, :]
        + 2 * tangential[:, None] * rays[..., None, :]
    )
    return rays * scale + tangential * squared, slopes


def _determinant(slopes: NDArray[np.float64]) -> NDArray[np.float64]:
    (a, b), (c, d) = np.moveaxis(slopes, (-2, -1), (0, 1))
    return a * d - b * c


def _solved(slopes: NDArray[np.float64], side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``slopes^-1 side`` by Cramer's rule, which divides by zero instead of raising."""
    (a, b), (c, d) = np.moveaxis(slopes, (-2, -1), (0, 1))
    x, y = side[..., 0], side[..., 1]
    return np.stack([d * x - b * y, a * y - c * x], axis=-1) / _determinant(slopes)[..., None]
