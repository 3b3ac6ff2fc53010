"""Bone lengths of a person from many frames (section 3.3, Eq. 6), and joint positions from them."""

from __future__ import annotations

from typing import Any

from anatomy_tf.anatomy import bone_lengths, forward_kinematics, symmetric
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.weights import FrameNetwork, NetworkWeights
from anatomy_tf.sequences.resampling import frames_of
from anatomy_tf.sequences.running import running

NEVER = -1e30
"""A logit that counts for nothing, and whose difference to another one is still finite."""

Sums = tuple[Any, Any, Any]
"""A softmax over frames: the largest logit, and numerator and denominator relative to it, so that
no frame's weight overflows."""


class EachFrame:
    """Evaluates a fully connected residual network on each frame alone.

    Args:
        network: its weights.
        arrays: whose arrays.
    """

    def __init__(self, network: FrameNetwork, arrays: NumPyArrays) -> None:
        self.arrays = arrays
        self.stem = arrays.product(network.stem)
        self.blocks = [
            (arrays.product(block.temporal), arrays.product(block.pointwise))
            for block in network.blocks
        ]
        self.head = arrays.product(network.head)

    def __call__(self, values: Any) -> Any:
        """Return (N, T, outputs) of (N, T, inputs)."""
        arrays = self.arrays
        features = arrays.rectified(self.stem(values))
        for temporal, pointwise in self.blocks:
            own = arrays.rectified(pointwise(arrays.rectified(temporal(features))))
            features = arrays.added(own, features)
        return self.head(features)


class FrameLengths:
    """Evaluates the bone length network on each frame alone.

    Args:
        weights: of an anatomy-aware model.
        arrays: whose arrays.
    """

    def __init__(self, weights: NetworkWeights, arrays: NumPyArrays) -> None:
        network, config = weights.lengths, weights.anatomical
        assert network is not None and config is not None and weights.recipe is not None
        self.arrays, self.skeleton = arrays, weights.skeleton
        self.of_frames = EachFrame(network, arrays)
        self.from_positions = config.length_output == "positions"
        self.attention = None
        if weights.attention is not None:
            self.attention = arrays.product(weights.attention)
        self.absolute = weights.recipe.attention_absolute
        self.symmetric = weights.recipe.symmetric_lengths

    def __call__(self, keypoints: Any) -> tuple[Any, Any]:
        """Return each frame's bone lengths (N, T, b), metres, and attention logits (N, T, b).

        Logits are 0 where the model takes the mean.

        Args:
            keypoints: (N, T, 2 J) normalised screen coordinates; in a canonical view
                (N, T, 3 J + 3) keypoints, visibility and what is known of the view.
        """
        arrays, xp = self.arrays, self.arrays.xp
        lengths = values = self.of_frames(keypoints)
        if self.from_positions:
            positions = arrays.divided(values, self.skeleton.joint_count, 3)
            lengths = bone_lengths(positions, self.skeleton, xp=xp)
        if self.symmetric:
            lengths = symmetric(lengths, self.skeleton, xp=xp)
        if self.attention is None:
            return lengths, xp.zeros_like(lengths)
        if self.absolute:
            values = xp.concatenate([values, xp.abs(values)], axis=-1)
        logits = self.attention(values)
        return lengths, symmetric(logits, self.skeleton, xp=xp) if self.symmetric else logits


class PositionRegression:
    """Regresses joint positions from bone lengths and directions (section 4.2).

    Args:
        weights: of an anatomy-aware model.
        arrays: whose arrays.
    """

    def __init__(self, weights: NetworkWeights, arrays: NumPyArrays) -> None:
        head = weights.positions
        assert head is not None
        self.arrays, self.skeleton = arrays, weights.skeleton
        self.from_lengths, self.from_directions, self.regress = (
            None if product is None else arrays.product(product)
            for product in (head.from_lengths, head.from_directions, head.regress)
        )

    def __call__(self, lengths: Any, directions: Any) -> Any:
        """Return positions (N, T, J, 3), metres.

        Args:
            lengths: (N, T, b) metres, or (N, 1, b) for all frames.
            directions: (N, T, b, 3).
        """
        arrays, xp = self.arrays, self.arrays.xp
        if self.regress is None:
            return forward_kinematics(directions, lengths, self.skeleton, xp=xp)
        flat = arrays.flattened(directions, 2)
        if self.from_lengths is not None and self.from_directions is not None:
            features = self.from_lengths(lengths) * self.from_directions(flat)
        else:
            lengths = lengths + xp.zeros_like(flat[..., : lengths.shape[-1]])
            features = xp.concatenate([lengths, flat], axis=-1)
        return arrays.divided(self.regress(features), self.skeleton.joint_count, 3)


def attention(logits: Any, xp: Any) -> Any:
    """Return the softmax of logits (..., l, b) over the l frames."""
    weights = xp.exp(logits - xp.max(logits, axis=-2, keepdims=True))
    return weights / xp.sum(weights, axis=-2, keepdims=True)


def pooled(lengths: Any, logits: Any, xp: Any) -> Any:
    """Return bone lengths (..., b) pooled over l frames (Eq. 6).

    Args:
        lengths: (..., l, b) bone lengths of each frame, metres.
        logits: (..., l, b) attention before the softmax; zeros give the mean.
        xp: NumPy or ``keras.ops``.
    """
    return xp.sum(attention(logits, xp) * lengths, axis=-2)


def pooled_over(lengths: Any, logits: Any, chosen: Any, xp: Any) -> Any:
    """Return bone lengths pooled over chosen frames: (N, ..., b).

    Args:
        lengths: (N, T, b) metres.
        logits: (N, T, b).
        chosen: (N, ..., l) frames.
        xp: NumPy or ``keras.ops``.
    """
    return pooled(frames_of(lengths, chosen, xp), frames_of(logits, chosen, xp), xp)


def pooled_so_far(lengths: Any, logits: Any, xp: Any) -> Any:
    """Return for each frame t the bone lengths pooled over the frames 0..t: (N, T, b)."""
    sums = running(first_sums(lengths, logits, xp), joined_sums(xp), (NEVER, 0.0, 0.0), xp)
    return sums[1] / sums[2]


def first_sums(lengths: Any, logits: Any, xp: Any) -> Sums:
    """Return the softmax sums of frames that stand alone."""
    return logits, lengths, xp.ones_like(lengths)


def joined_sums(xp: Any) -> Any:
    """Return the function that joins the softmax sums of earlier and later frames."""

    def joined(earlier: Sums, later: Sums) -> Sums:
        largest = xp.maximum(earlier[0], later[0])
        before, after = xp.exp(earlier[0] - largest), xp.exp(later[0] - largest)
        return (
            largest,
            earlier[1] * before + later[1] * after,
            earlier[2] * before + later[2] * after,
        )

    return joined
