"""Bone lengths and joint positions of a stream's newest frame."""

from __future__ import annotations

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths, forward_kinematics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.folding import fold_block, fold_convolution
from anatomy_tf.inference.streaming_memory import RunningLengths
from anatomy_tf.inference.streaming_products import Product, rectified
from anatomy_tf.models import AnatomyLifter

Array = NDArray[np.float32]


class StreamingBoneLengths:
    """Bone lengths pooled over all frames so far.

    A recipe that samples l past frames at random has no stream of constant cost: all past frames
    count here, of which its sample is an estimate.

    Args:
        model: the trained model.
        people: P.

    Raises:
        AnatomyError: for ``length_frames="consecutive"``, whose frames fall out of the window.
    """

    def __init__(self, model: AnatomyLifter, people: int) -> None:
        config, self.skeleton = model.config, model.skeleton
        if config.length_frames == "consecutive":
            raise AnatomyError(
                "streaming estimates bone lengths from all past frames, but this model has "
                "length_frames='consecutive'"
            )
        layer = model.get_layer("bone_length_network").get_layer
        self.stem = Product.of_convolution(fold_convolution(layer("length_stem")))
        folded = [
            fold_block(layer(f"length_block_{i}")) for i in range(1, len(config.filter_widths))
        ]
        self.blocks = [
            (Product.of_convolution(block.temporal), Product.of_convolution(block.pointwise))
            for block in folded
        ]
        self.head = Product.of_dense(layer(f"frame_{config.length_output}"))
        self.from_positions = config.length_output == "positions"
        self.attention: Product | None = None
        if config.length_pooling == "attention":
            attention = model.get_layer("bone_length_attention")
            self.absolute = attention.absolute
            bias = 0.0 if attention.bias is None else ops.convert_to_numpy(attention.bias)
            kernel = ops.convert_to_numpy(attention.kernel)
            self.attention = Product.of_kernel(
                attention.temperature * kernel, attention.temperature * bias
            )
        self.pooled = RunningLengths(people, self.skeleton.bone_count)

    def push(self, keypoints: Array, new: NDArray[np.bool_]) -> Array:
        """Bone lengths (P, b), metres, after one more frame's keypoints (P, J, 2)."""
        features = rectified(self.stem(keypoints.reshape(len(keypoints), -1)))
        for temporal, pointwise in self.blocks:
            features = features + rectified(pointwise(rectified(temporal(features))))
        lengths = values = self.head(features)
        if self.from_positions:
            lengths = bone_lengths(values.reshape(len(values), -1, 3), self.skeleton)
        logits = np.zeros_like(lengths)
        if self.attention is not None:
            if self.absolute:
                values = np.concatenate([values, np.abs(values)], axis=-1)
            logits = self.attention(values)
        return self.pooled.add(lengths, logits, new)


class PositionRegression:
    """``JointPositions`` without Keras.

    Args:
        model: the trained model.
    """

    def __init__(self, model: AnatomyLifter) -> None:
        self.skeleton = model.skeleton
        layer = model.get_layer("joint_positions")
        self.regression = layer.regression
        if self.regression == "product":
            self.from_lengths = Product.of_dense(layer.from_lengths)
            self.from_directions = Product.of_dense(layer.from_directions)
        if self.regression != "derived":
            self.regress = Product.of_dense(layer.regress)

    def __call__(self, lengths: Array, directions: Array) -> Array:
        """Positions (P, J, 3), metres, from lengths (P, b) and directions (P, b, 3)."""
        if self.regression == "derived":
            return forward_kinematics(directions, lengths, self.skeleton)
        flat = directions.reshape(len(directions), -1)
        if self.regression == "product":
            features = self.from_lengths(lengths) * self.from_directions(flat)
        else:
            features = np.concatenate([lengths, flat], axis=-1)
        return self.regress(features).reshape(len(lengths), -1, 3)
