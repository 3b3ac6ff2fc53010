"""What the bone length network says of each frame on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.inference.folding import fold_block, fold_convolution
from anatomy_tf.inference.upper_sub_networks import OF_BACKEND, Arithmetic
from anatomy_tf.models import AnatomyLifter

Array = NDArray[np.float32]


class FrameLengths:
    """The bone length network without its pooling, batch normalisation folded in.

    Args:
        model: the trained model. Its weights are copied: make a new one after training on.
        arithmetic: by default the backend's.
    """

    def __init__(self, model: AnatomyLifter, arithmetic: Arithmetic = OF_BACKEND) -> None:
        config, self.skeleton, self.arithmetic = model.config, model.skeleton, arithmetic
        layer = model.get_layer("bone_length_network").get_layer
        product = arithmetic.of_convolution
        self.stem = product(fold_convolution(layer("length_stem")))
        folded = [
            fold_block(layer(f"length_block_{i}")) for i in range(1, len(config.filter_widths))
        ]
        self.blocks = [(product(block.temporal), product(block.pointwise)) for block in folded]
        head = layer(f"frame_{config.length_output}")
        self.head = arithmetic.of_dense(head)
        self.from_positions = config.length_output == "positions"
        self.attention: Any = None
        if config.length_pooling == "attention":
            attention = model.get_layer("bone_length_attention")
            self.absolute, heat = attention.absolute, attention.temperature
            bias = 0.0 if attention.bias is None else heat * ops.convert_to_tensor(attention.bias)
            self.attention = arithmetic.product(ops.convert_to_numpy(attention.kernel), heat, bias)

    def __call__(self, keypoints: Array) -> tuple[Array, Array]:
        """Bone lengths (T, b) in metres and attention logits (T, b) of T frames.

        Args:
            keypoints: (T, J, 2) normalised screen coordinates.
        """
        xp, relu, frames = self.arithmetic.xp, self.arithmetic.relu, len(keypoints)
        features = relu(self.stem(keypoints.reshape(1, frames, -1)))
        for temporal, pointwise in self.blocks:
            features = features + relu(pointwise(relu(temporal(features))))
        values = self.head(features)
        lengths = ops.convert_to_numpy(values)[0]
        if self.from_positions:
            lengths = bone_lengths(lengths.reshape(frames, -1, 3), self.skeleton)
        if self.attention is None:
            return lengths, np.zeros_like(lengths)
        if self.absolute:
            values = xp.concatenate([values, xp.abs(values)], axis=-1)
        return lengths, ops.convert_to_numpy(self.attention(values))[0]
