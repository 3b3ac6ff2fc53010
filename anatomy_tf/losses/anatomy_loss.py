"""The base of the paper's losses."""

from __future__ import annotations

from typing import Any, Literal, get_args

import keras
from keras import ops

from anatomy_tf.layers.skeleton_config import skeleton_from_config
from anatomy_tf.skeletons import Skeleton

Over = Literal["sum", "mean"]


class AnatomyLoss(keras.losses.Loss):
    """Base of the losses: a value for each bone, joint or pair, summed or averaged over the body.

    Args:
        skeleton: names the joints and bones.
        over: ``"sum"`` (the paper's equations) or ``"mean"`` over the bones, joints or pairs.

    Raises:
        ValueError: for another ``over``.
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any] | str = "human36m_17",
        over: Over = "mean",
        name: str | None = None,
        reduction: str = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype or "float32")
        if over not in get_args(Over):
            raise ValueError(f"expected over to be one of {get_args(Over)}, got {over!r}")
        self.skeleton = skeleton_from_config(skeleton)
        self.over = over

    def over_body(self, values: Any) -> Any:
        """Return (B, parts) values summed or averaged over the body: (B,)."""
        return ops.sum(values, axis=-1) if self.over == "sum" else ops.mean(values, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            "skeleton": self.skeleton.to_dict(),
            "over": self.over,
            "name": self.name,
            "reduction": self.reduction,
        }
