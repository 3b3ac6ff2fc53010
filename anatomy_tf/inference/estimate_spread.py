"""The spread between several estimates of the same poses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def spread_of(estimates: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
    """Return the root mean square distance of each joint's estimates from their mean.

    A network that is sure should give the same pose for the person and the mirror image, whichever
    frames the bone lengths are taken from. The spread is therefore a sign of doubt, but a weak one,
    because it does not show errors that all estimates share. The model card compares it with the
    error.

    Args:
        estimates: at least one, (T, J, 3) metres; one is held at a time.

    Returns:
        (T, J) metres.
    """
    count, total, squares = 0, np.zeros(()), np.zeros(())
    for estimate in estimates:
        # In float64 the difference of squares below keeps a micrometre.
        points = estimate.astype(np.float64)
        count, total = count + 1, total + points
        squares = squares + (points**2).sum(axis=-1)
    variance = squares / count - ((total / count) ** 2).sum(axis=-1)
    return np.sqrt(np.maximum(variance, 0.0)).astype(np.float32)
