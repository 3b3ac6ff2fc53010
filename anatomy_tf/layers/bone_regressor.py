"""3D vectors regressed from bone lengths and bone directions together (section 4.2)."""

from __future__ import annotations

from typing import Any, Literal, get_args

import keras
from keras import ops

from anatomy_tf.anatomy import forward_kinematics
from anatomy_tf.layers.initializers import dense
from anatomy_tf.layers.skeleton_config import skeleton_from_config
from anatomy_tf.skeletons import Skeleton

Regression = Literal["concatenation", "product", "derived"]


class BoneRegressor(keras.layers.Layer):
    """Base of ``JointPositions`` and ``JointShift``: (B, b) and (B, b, 3) to (B, vectors, 3).

    Args:
        skeleton: names the bones.
        regression: ``"concatenation"``: one fully connected layer on both, as section 4.2 says;
            ``"product"``: a fully connected layer on each, multiplied, and one on the product, as
            the published implementation does; ``"derived"``: Eq. 1, nothing learnt.
        filters: hidden channels of ``"product"``.

    Raises:
        ValueError: for an unknown regression.
    """

    def __init__(
        self,
        skeleton: Skeleton | dict[str, Any],
        regression: Regression = "concatenation",
        filters: int = 1024,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if regression not in get_args(Regression):
            raise ValueError(
                f"{self.name}: expected regression to be one of {get_args(Regression)}, "
                f"got {regression!r}"
            )
        self.skeleton = skeleton_from_config(skeleton)
        self.regression = regression
        self.filters = filters
        bones = self.skeleton.bone_count
        self.input_spec = [
            keras.layers.InputSpec(shape=(None, bones), name="lengths"),
            keras.layers.InputSpec(shape=(None, bones, 3), name="directions"),
        ]

    @property
    def vectors(self) -> int:
        """Number of output vectors."""
        raise NotImplementedError

    def derive(self, positions: Any) -> Any:
        """Return the vectors derived from joint positions (B, J, 3)."""
        raise NotImplementedError

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        bones = self.skeleton.bone_count
        inputs, own = 4 * bones, {"dtype": self.dtype_policy, "trainable": self.trainable}
        if self.regression == "product":
            self.from_lengths = dense(self.filters, bones, "from_lengths", **own)
            self.from_directions = dense(self.filters, 3 * bones, "from_directions", **own)
            self.from_lengths.build((None, bones))
            self.from_directions.build((None, 3 * bones))
            inputs = self.filters
        if self.regression != "derived":
            self.regress = dense(3 * self.vectors, inputs, "regress", **own)
            self.regress.build((None, inputs))

    def call(self, inputs: list[Any]) -> Any:
        lengths, directions = inputs
        if self.regression == "derived":
            return self.derive(forward_kinematics(directions, lengths, self.skeleton, xp=ops))
        flat = ops.reshape(directions, (-1, 3 * self.skeleton.bone_count))
        if self.regression == "product":
            features = self.from_lengths(lengths) * self.from_directions(flat)
        else:
            features = ops.concatenate([lengths, flat], axis=-1)
        return ops.reshape(self.regress(features), (-1, self.vectors, 3))

    def compute_output_shape(
        self, input_shape: list[tuple[int | None, ...]]
    ) -> tuple[int | None, ...]:
        return input_shape[0][0], self.vectors, 3

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "skeleton": self.skeleton.to_dict(),
            "regression": self.regression,
            "filters": self.filters,
        }
