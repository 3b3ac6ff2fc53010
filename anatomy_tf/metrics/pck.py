"""Percentage of correct keypoints and the area under its curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_number
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.metrics.mpjpe import joint_errors

PCK_THRESHOLD = 0.150
"""Metres: half a head, the threshold of MPI-INF-3DHP."""

AUC_THRESHOLDS = np.linspace(0, PCK_THRESHOLD, 31)
"""Metres: 0, 5, ..., 150 mm, as in MPI-INF-3DHP's own evaluation scripts."""


def pck(
    predicted: ArrayLike,
    target: ArrayLike,
    threshold: float = PCK_THRESHOLD,
    inclusive: bool = False,
) -> NDArray[np.float64]:
    """Return the share of correct keypoints of each frame.

    Args:
        predicted: (..., J, 3); metres for the default threshold.
        target: (..., J, 3).
        threshold: a joint is correct when its error is strictly below, in the unit of the poses.
        inclusive: count an error equal to the threshold too (MeTRAbs' reading; MPI-INF-3DHP's
            scripts do not).

    Returns:
        (...) in [0, 1].

    Raises:
        AnatomyError: when the shapes differ, a number is not finite or the threshold is none.
    """
    errors = joint_errors(predicted, target)
    if not is_number(threshold) or not threshold >= 0:
        raise AnatomyError(f"expected a threshold of 0 or more, got {threshold!r:.100}")
    correct = errors <= threshold if inclusive else errors < threshold
    return correct.mean(axis=-1)


def auc(
    predicted: ArrayLike,
    target: ArrayLike,
    thresholds: ArrayLike = AUC_THRESHOLDS,
    inclusive: bool = False,
) -> NDArray[np.float64]:
    """Return the area under the PCK curve of each frame: its mean PCK over the thresholds.

    Args:
        predicted: (..., J, 3); metres for the default thresholds.
        target: (..., J, 3).
        thresholds: (n,) in the unit of the poses. With the default 31, of which the first is 0, a
            perfect prediction reaches 30 / 31 unless ``inclusive``.
        inclusive: count errors equal to a threshold too.

    Returns:
        (...) in [0, 1].

    Raises:
        AnatomyError: when the shapes differ or a number is not finite, or without thresholds.
    """
    errors = joint_errors(predicted, target)
    limits = number_array(thresholds, np.float64, "thresholds")
    if limits.ndim != 1 or not len(limits) or not np.isfinite(limits).all():
        raise AnatomyError(f"expected a list of thresholds, got {thresholds!r:.100}")
    limits = np.sort(limits)
    # An error passes all thresholds from its place in the sorted list onwards.
    place = np.searchsorted(limits, errors, side="left" if inclusive else "right")
    return (len(limits) - place).mean(axis=-1) / len(limits)
