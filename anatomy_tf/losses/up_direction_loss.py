"""Loss of the up direction."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import unit
from anatomy_tf.cameras.canonical_view import LARGEST_LOGARITHM


@keras.saving.register_keras_serializable(package="anatomy_tf")
class UpDirectionLoss(keras.losses.Loss):
    """Negative logarithm of a von Mises-Fisher density on the sphere, 0 for the best answer.

    With the concentration k and the angle a between mean and truth it is, but for a constant,
    ``k (1 - cos a) - log k + log(1 - exp(-2 k))``. It is never negative, so that a run whose loss
    grows many times over is known to diverge.

    ``y_true``: unit vectors (B, l, 3), NaN where up is unknown. ``y_pred``: (B, l, 4) a vector of
    any length, and log k.
    """

    def __init__(
        self, name: str | None = None, reduction: str = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype or "float32")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        mean, logarithm = unit(y_pred[..., :3], xp=ops), y_pred[..., 3]
        logarithm = ops.clip(logarithm, -LARGEST_LOGARITHM, LARGEST_LOGARITHM)
        concentration = ops.exp(logarithm)
        known = ops.logical_not(ops.any(ops.isnan(y_true), axis=-1))
        truth = ops.where(known[..., None], y_true, ops.zeros_like(y_true))
        cosine = ops.sum(truth * mean, axis=-1)
        terms = concentration * (1 - cosine) + (LARGEST_LOGARITHM - logarithm)
        terms = terms + ops.log(-ops.expm1(-2 * concentration))
        return ops.mean(ops.where(known, terms, ops.zeros_like(terms)), axis=-1)
