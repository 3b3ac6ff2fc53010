"""Scores from 0 to 1, whatever a detector gives; and what counts as not found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError

HIGHEST_PEAK = 50.0
"""Scores are probabilities or heights of a response's peak, of which RTMPose's reach about 10; more
is another scale, such as per cent."""


def scored(
    points: NDArray[np.float32], where: object, places: Sequence[str]
) -> NDArray[np.float32]:
    """Return points with scores in [0, 1]; NaN, NaN, 0 where a keypoint was not found.

    It was not found where a number is NaN, the score is 0 or less, or both coordinates are 0. Where
    every score is 0 there are none, and what has a place is visible.

    Args:
        points: (N, J, 3) x, y and score as ``detected_points`` gives them.
        where: the file, for messages.
        places: the place of each of the N in the file, for messages.

    Raises:
        AnatomyError: when a score is above ``HIGHEST_PEAK``.
    """
    found = ~np.isnan(points).any(axis=-1) & (points[..., :2] != 0).any(axis=-1)
    scores = np.where(found, points[..., 2], 0)
    if scores.size and scores.max() > HIGHEST_PEAK:
        index = int(scores.max(axis=1).argmax())
        raise AnatomyError(
            f"{where}: {places[index]}: expected scores in [0, 1] or peaks of at most "
            f"{HIGHEST_PEAK:g}, got {scores.max():g}"
        )
    if not (scores > 0).any():
        # Nobody gives a place to what has no chance: these are no scores.
        scores = found.astype(np.float32)
    clipped = np.concatenate([points[..., :2], np.clip(scores, 0, 1)[..., None]], axis=-1)
    return np.where((scores > 0)[..., None], clipped, np.array((np.nan, np.nan, 0), np.float32))
