"""The error of a model in training, in millimetres."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.window_batches import Batches
from anatomy_tf.metrics import mpjpe, p_mpjpe


@dataclasses.dataclass(frozen=True)
class ValidationResult:
    """What a model predicts for the validation windows, and how far off it is.

    Attributes:
        predicted: (N, J, 3) root-relative metres.
        target: (N, J, 3).
        mpjpe_mm: mean joint error (protocol 1), millimetres.
        p_mpjpe_mm: the same after Procrustes alignment (protocol 2).
    """

    predicted: NDArray[np.float32]
    target: NDArray[np.float32]
    mpjpe_mm: float
    p_mpjpe_mm: float


def validate(model: keras.Model, batches: Batches, frames: int | None) -> ValidationResult:
    """Predicts the first windows of an epoch, one by one, and compares.

    Args:
        model: with an output ``positions``.
        batches: of the validation store; shuffled ones make the first windows a random choice.
        frames: windows to take; ``None`` takes all.
    """
    wanted = batches.window_count if frames is None else min(frames, batches.window_count)
    predicted, target = [], []
    taken = 0
    for index in range(len(batches)):
        if taken >= wanted:
            break
        inputs, targets = batches.batch(0, index)
        predicted.append(np.asarray(model.predict_on_batch(inputs)["positions"]))
        target.append(targets["positions"])
        taken += len(target[-1])
    ours, theirs = np.concatenate(predicted)[:wanted], np.concatenate(target)[:wanted]
    return ValidationResult(
        predicted=ours,
        target=theirs,
        mpjpe_mm=1000 * float(mpjpe(ours, theirs).mean()),
        p_mpjpe_mm=1000 * float(p_mpjpe(ours, theirs).mean()),
    )
