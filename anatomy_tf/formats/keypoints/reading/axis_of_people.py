"""The order of people and frames in an array that has an axis for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.formats.keypoints.reading.doubts import overlapping

_SURE = 10
"""Entries of the longer axis from which it is the frames', whatever it holds."""


def people_come_first(places: Any) -> bool:
    """Return whether keypoints (N, T, J, C) of people and frames are in this order.

    The longer axis is the frames'. Where both are short, it is the one along which poses lie over
    each other, if the other's do not.

    Args:
        places: x and y first; something else than an array of four axes has no people first.
    """
    if not isinstance(places, np.ndarray) or places.ndim != 4:
        return False
    count, length = places.shape[:2]
    if places.dtype.kind not in "fiu":
        return count < length
    xy = places[..., :2].astype(np.float64)
    there = ~np.isnan(xy).all(axis=(-2, -1))
    if xy.size and max(count, length) < _SURE and there.all() and not np.isinf(xy).any():
        along_first, along_second = overlapping(xy[:, 0]), overlapping(xy[0])
        if along_first != along_second:
            return along_second
    return count < length
