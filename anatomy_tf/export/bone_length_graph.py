"""Bone lengths of a clip or a stream, and joint positions, as a TensorFlow graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from anatomy_tf.export.graph_products import Product, resized, shape_of
from anatomy_tf.inference.folding import fold_block, fold_convolution
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.skeletons import Skeleton

NEVER = -1e30
"""A logit that counts for nothing, and whose difference to another one is still finite."""


class FrameLengthGraph(tf.Module):
    """The bone length network on each frame alone.

    Args:
        model: the trained model. Its weights are copied.
    """

    def __init__(self, model: AnatomyLifter) -> None:
        super().__init__()
        config, self.skeleton = model.config, model.skeleton
        layer = model.get_layer("bone_length_network").get_layer
        self.stem = Product.of_convolution(fold_convolution(layer("length_stem")))
        blocks = [
            fold_block(layer(f"length_block_{i}"))
            for i in range(1, len(model.config.filter_widths))
        ]
        self.blocks = [
            [Product.of_convolution(block.temporal), Product.of_convolution(block.pointwise)]
            for block in blocks
        ]
        self.head = Product.of_dense(layer(f"frame_{config.length_output}"))
        self.from_positions = config.length_output == "positions"
        self.attention, self.absolute = None, False
        if config.length_pooling == "attention":
            attention = model.get_layer("bone_length_attention")
            self.absolute = attention.absolute
            bias = None if attention.bias is None else attention.temperature * attention.bias
            self.attention = Product(attention.temperature * attention.kernel, bias)

    def __call__(self, keypoints: Any) -> tuple[Any, Any]:
        """Bone lengths (N, T, b), metres, and attention logits (N, T, b) of keypoints (N, T, 2 J).

        Logits are 0 where the model takes the mean.
        """
        features = tf.nn.relu(self.stem(keypoints))
        for temporal, pointwise in self.blocks:
            features = features + tf.nn.relu(pointwise(tf.nn.relu(temporal(features))))
        lengths = values = self.head(features)
        if self.from_positions:
            lengths = bone_lengths(values, self.skeleton)
        if self.attention is None:
            return lengths, tf.zeros_like(lengths)
        if self.absolute:
            values = tf.concat([values, tf.abs(values)], axis=-1)
        return lengths, self.attention(values)


def bone_lengths(flat_positions: Any, skeleton: Skeleton) -> Any:
    """(N, T, 3 J) to (N, T, b)."""
    positions = resized(flat_positions, flat_positions, 2, skeleton.joint_count, 3)
    children = tf.gather(positions, [child for _, child in skeleton.bones], axis=2)
    parents = tf.gather(positions, [parent for parent, _ in skeleton.bones], axis=2)
    return tf.norm(children - parents, axis=-1)


class PositionGraph(tf.Module):
    """Joint positions from bone lengths and directions (``JointPositions``).

    Args:
        model: the trained model. Its weights are copied.
    """

    def __init__(self, model: AnatomyLifter) -> None:
        super().__init__()
        self.joints = model.skeleton.joint_count
        layer = model.get_layer("joint_positions")
        self.from_lengths = self.from_directions = self.regress = self.along_bones = None
        if layer.regression == "product":
            self.from_lengths = Product.of_dense(layer.from_lengths)
            self.from_directions = Product.of_dense(layer.from_directions)
        if layer.regression == "derived":
            self.along_bones = tf.constant(model.skeleton.kinematics_matrix)
        else:
            self.regress = Product.of_dense(layer.regress)

    def __call__(self, lengths: Any, directions: Any) -> Any:
        """Positions (N, T, J, 3), metres, of lengths (N, T, b) and directions (N, T, b, 3).

        Lengths may have a T of 1 for all frames.
        """
        if self.along_bones is not None:
            return tf.einsum("jb,ntbd->ntjd", self.along_bones, directions * lengths[..., None])
        flat = resized(directions, directions, 2, 3 * directions.shape[2])
        if self.from_lengths is not None and self.from_directions is not None:
            features = self.from_lengths(lengths) * self.from_directions(flat)
        else:
            if lengths.shape[1] == 1:
                lengths = lengths + tf.zeros_like(flat[..., : lengths.shape[2]])
            features = tf.concat([lengths, flat], axis=-1)
        assert self.regress is not None
        return resized(self.regress(features), features, 2, self.joints, 3)


def pool_all(lengths: Any, logits: Any) -> tuple[Any, Any]:
    """Softmax-weighted lengths of all frames (Eq. 6), (N, b), and the weights (N, T, b)."""
    attention = tf.nn.softmax(logits, axis=1)
    return tf.reduce_sum(attention * lengths, axis=1), attention


def pool_past(lengths: Any, logits: Any) -> Any:
    """For each frame t the lengths pooled over the frames 0..t: (N, T, b)."""
    sums = running((logits, lengths, tf.ones_like(logits)), joined_sums, (NEVER, 0.0, 0.0))
    return sums[1] / sums[2]


def joined_sums(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two softmax sums as one: largest logit, and numerator and denominator relative to it."""
    largest = tf.maximum(earlier[0], later[0])
    before, after = tf.exp(earlier[0] - largest), tf.exp(later[0] - largest)
    return (
        largest,
        earlier[1] * before + later[1] * after,
        earlier[2] * before + later[2] * after,
    )


def pool_around(lengths: Any, logits: Any, frames: Any, count: int, causal: bool) -> Any:
    """For each frame the lengths pooled over those around it, (N, T, b): "AF(conse)" of Table 4.

    Args:
        lengths: (N, T, b).
        logits: (N, T, b).
        frames: (N,) valid frames of each row.
        count: l, frames around each; they repeat where a clip has fewer.
        causal: the block ends at the frame.
    """
    targets = tf.range(shape_of(lengths)[1])[None]
    last = frames[:, None] - 1
    targets = tf.minimum(targets, last)
    if causal:
        available, start = targets + 1, tf.maximum(targets + 1 - count, 0)
    else:
        available = tf.broadcast_to(last + 1, tf.shape(targets))
        highest = tf.maximum(available - count, 0)
        start = tf.clip_by_value(targets - count // 2, 0, highest)
    block = tf.range(count)[None, None] % tf.minimum(available, count)[..., None]
    chosen = start[..., None] + block
    attention = tf.nn.softmax(tf.gather(logits, chosen, batch_dims=1), axis=2)
    return tf.reduce_sum(attention * tf.gather(lengths, chosen, batch_dims=1), axis=2)


def running(
    values: tuple[Any, ...],
    combine: Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]],
    empty: tuple[Any, ...],
) -> tuple[Any, ...]:
    """Each frame joined with all earlier ones, in log2(T) steps.

    Args:
        values: tensors (N, T, ...), of three axes.
        combine: joins what is earlier with what is later; it must be associative.
        empty: for each tensor what stands before the first frame and changes nothing.
    """
    frames = shape_of(values[0])[1]

    def step(shift: Any, values: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        earlier = tuple(
            tf.pad(v[:, : frames - shift], [[0, 0], [shift, 0], [0, 0]], constant_values=e)
            for v, e in zip(values, empty, strict=True)
        )
        return 2 * shift, combine(earlier, values)

    if isinstance(frames, int):
        shift = 1
        while shift < frames:
            shift, values = step(shift, values)
        return values
    _, values = tf.while_loop(
        lambda shift, _: shift < frames,
        step,
        (tf.constant(1), values),
        shape_invariants=(tf.TensorShape([]), tuple(v.shape for v in values)),
        parallel_iterations=1,
    )
    return values
