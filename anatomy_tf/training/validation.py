"""The error of a model in training, in millimetres."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.batches.window_batches import Batches
from anatomy_tf.metrics import mpjpe, p_mpjpe
from anatomy_tf.training.checkpoint import NotFiniteError


@dataclasses.dataclass(frozen=True)
class ValidationResult:
    """The poses that a model predicts for validation windows, and their errors.

    Attributes:
        predicted: (N, J, 3) root-relative metres.
        target: (N, J, 3).
        errors_mm: (N,) mean joint error of each window (protocol 1), millimetres.
        p_errors_mm: (N,) the same after Procrustes alignment (protocol 2).
        actions: (N,) what the person does.
        sequences: (N,) the sequence of the store that a window is from.
    """

    predicted: NDArray[np.float32]
    target: NDArray[np.float32]
    errors_mm: NDArray[np.float64]
    p_errors_mm: NDArray[np.float64]
    actions: NDArray[np.str_]
    sequences: NDArray[np.int64]

    @property
    def mpjpe_mm(self) -> float:
        """The mean joint error (protocol 1), millimetres."""
        return float(self.errors_mm.mean())

    @property
    def p_mpjpe_mm(self) -> float:
        """The mean joint error after Procrustes alignment (protocol 2), millimetres."""
        return float(self.p_errors_mm.mean())

    @property
    def mpjpe_mm_by_action(self) -> dict[str, float]:
        """The mean joint error of each action's windows, millimetres, by the action's name."""
        return {
            str(action): float(self.errors_mm[self.actions == action].mean())
            for action in np.unique(self.actions)
        }


def validate(
    model: keras.Model, batches: Batches, frames: int | None, actions: Sequence[str]
) -> ValidationResult:
    """Predict the first windows of an epoch and measure their errors.

    Args:
        model: a model with an output ``positions``.
        batches: windows of the validation store; shuffled ones make the first windows a random
            choice.
        frames: windows to take; ``None`` takes all.
        actions: the action of each sequence of that store.

    Raises:
        NotFiniteError: when a prediction is not finite.
    """
    predicted, target, sequences = [], [], []
    taken = 0
    for index in range(len(batches)):
        if frames is not None and taken >= frames:
            break
        inputs, targets = batches.batch(0, index)
        predicted.append(np.asarray(model.predict_on_batch(inputs)["positions"]))
        target.append(targets["positions"])
        sequences.append(batches.sequences(0, index))
        taken += len(target[-1])
    ours, theirs, seen = (
        np.concatenate(parts)[:frames] for parts in (predicted, target, sequences)
    )
    if not np.isfinite(ours).all():
        raise NotFiniteError("a predicted position is not finite")
    return ValidationResult(
        predicted=ours,
        target=theirs,
        errors_mm=1000 * mpjpe(ours, theirs),
        p_errors_mm=1000 * p_mpjpe(ours, theirs),
        actions=np.asarray(actions)[seen],
        sequences=seen,
    )
