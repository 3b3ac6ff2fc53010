"""Errors of each frame, the worst frames, and the PCK curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf import metrics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.sequence_evaluation import checked_predictions
from anatomy_tf.files.limits import is_whole
from anatomy_tf.files.number_arrays import number_array

if TYPE_CHECKING:
    from anatomy_tf.data.batches.store import SequenceStore

CURVE_THRESHOLDS = tuple(float(mm) for mm in range(0, 201, 5))
"""Millimetres."""


@dataclasses.dataclass(frozen=True)
class WorstFrame:
    """A frame: its sequence's index in the store, its index in the sequence, and its error."""

    sequence: int
    frame: int
    error: float
    """Millimetres."""


def frame_errors(
    predictions: Sequence[ArrayLike], store: SequenceStore
) -> list[NDArray[np.float64]]:
    """Return the MPJPE of every frame of every sequence, millimetres; NaN in frames not valid.

    Raises:
        AnatomyError: when a prediction does not fit its sequence.
    """
    checked, errors = checked_predictions(predictions, store), []
    for frames, predicted in zip(store.slices, checked, strict=True):
        own = 1000 * metrics.mpjpe(predicted, store.positions[frames])
        if store.valid is not None:
            own[~store.valid[frames]] = np.nan
        errors.append(own)
    return errors


def worst_frames(
    errors: Sequence[NDArray[np.floating]], count: int = 6, apart: int = 25
) -> list[WorstFrame]:
    """Return the frames with the largest errors, worst first.

    Args:
        errors: from ``frame_errors``.
        count: largest number of frames to return.
        apart: least distance in frames between two of the same sequence, so that one moment is
            shown once.

    Raises:
        AnatomyError: for no list of arrays (T,) of numbers, or when ``count`` or ``apart`` is no
            whole number from 1.
    """
    if not is_whole(count) or count < 1:
        raise AnatomyError(f"expected at least one worst frame, got {count!r:.40}")
    if not is_whole(apart) or apart < 1:
        raise AnatomyError(f"expected worst frames at least one frame apart, got {apart!r:.40}")
    if not isinstance(errors, Sequence | np.ndarray):
        raise AnatomyError(f"expected a list of frames' errors, got {type(errors).__name__}")
    arrays = [number_array(own, np.float64, "errors of frames") for own in errors]
    if any(own.ndim != 1 for own in arrays):
        raise AnatomyError("expected an array (T,) of errors for each sequence, got other shapes")
    left = [np.where(np.isnan(own), -np.inf, own) for own in arrays]
    found: list[WorstFrame] = []
    while left and len(found) < count:
        sequence = int(np.argmax([own.max(initial=-np.inf) for own in left]))
        frame = int(np.argmax(left[sequence]))
        error = float(left[sequence][frame])
        if error == -np.inf:
            break
        found.append(WorstFrame(sequence, frame, error))
        left[sequence][max(0, frame - apart + 1) : frame + apart] = -np.inf
    return found


def pck_curve(
    errors: ArrayLike, thresholds: Sequence[float] = CURVE_THRESHOLDS
) -> NDArray[np.float64]:
    """Return the share of errors strictly below each threshold, in percent.

    Args:
        errors: joint errors in millimetres, any shape.
        thresholds: millimetres.

    Returns:
        (n,) one share for each threshold.

    Raises:
        AnatomyError: without any error, with one that is not finite, or for no numbers.
    """
    ordered = np.sort(number_array(errors, np.float64, "PCK curve: joint errors"), axis=None)
    if not (len(ordered) and np.isfinite(ordered).all()):
        raise AnatomyError("PCK curve: expected at least one joint error, all of them finite")
    limits = number_array(thresholds, np.float64, "PCK curve: thresholds")
    return 100 * np.searchsorted(ordered, limits, side="left") / len(ordered)
