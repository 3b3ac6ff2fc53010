"""Angles between directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def angle_between(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return the angles between vectors, in degrees.

    Args:
        a: (..., 3) vectors of any length.
        b: (..., 3), broadcast against ``a``.

    Returns:
        (...) degrees from 0 to 180; NaN where a vector has no length.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    # Exact at small angles too, where the arc cosine is not.
    sine = np.linalg.norm(np.cross(a, b), axis=-1)
    cosine = np.sum(a * b, axis=-1)
    return np.where((sine == 0) & (cosine == 0), np.nan, np.degrees(np.arctan2(sine, cosine)))
