"""Conversion of detectors' scores to [0, 1], and the rule for keypoints that were not found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError

HIGHEST_PEAK = 50.0
"""Scores are probabilities or peak heights of a response; RTMPose's reach about 10. Higher ones are
on another scale, such as per cent."""

MOST_NEGATIVE = 0.1
"""Largest share of negative scores, as models of heatmaps give a few; more are depths."""


def have_places(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return whether keypoints (..., 3) of x, y and score have a place, (...).

    They have none where a number is NaN, or both coordinates are 0 or both -1, as programs write
    keypoints that they did not find.
    """
    there = ~np.isnan(points).any(axis=-1)
    for missing in (0, -1):
        there &= (points[..., :2] != missing).any(axis=-1)
    return np.asarray(there)


def scored(
    points: NDArray[np.float32], where: object, places: Sequence[str]
) -> NDArray[np.float32]:
    """Return points with scores in [0, 1]; NaN, NaN, 0 where a keypoint was not found.

    A keypoint was not found where a number is NaN, the score is 0 or less, or both coordinates are
    0 or both -1. Where every score is 0, the file has no scores, and keypoints with a position are
    visible.

    Args:
        points: (N, J, 3) x, y and score as ``detected_points`` gives them.
        where: the file, for messages.
        places: the place of each of the N in the file, for messages.

    Raises:
        AnatomyError: when a score is above ``HIGHEST_PEAK``, or many are negative.
    """
    found = have_places(points)
    thirds = points[found][:, 2]
    # Whole numbers, such as -1, stand for keypoints without a score.
    if len(thirds) and ((thirds < 0) & (thirds % 1 != 0)).mean() > MOST_NEGATIVE:
        raise AnatomyError(
            f"{where}: expected a score as the third number, got {thirds.min():.3g}; keep x and y "
            "of 3D points"
        )
    scores = np.where(found, points[..., 2], 0)
    if scores.size and scores.max() > HIGHEST_PEAK:
        index = int(scores.max(axis=1).argmax())
        raise AnatomyError(
            f"{where}: {places[index]}: expected scores in [0, 1] or peaks of at most "
            f"{HIGHEST_PEAK:g}, got {scores.max():g}"
        )
    if not (scores > 0).any():
        # A detector gives no position to keypoints without any chance, so these are no scores.
        scores = found.astype(np.float32)
    clipped = np.concatenate([points[..., :2], np.clip(scores, 0, 1)[..., None]], axis=-1)
    return np.where((scores > 0)[..., None], clipped, np.array((np.nan, np.nan, 0), np.float32))
