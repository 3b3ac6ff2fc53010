"""Forms of a clip's temporal network for comparison, and their multiply-adds."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from anatomy_tf.data.batches.windows import EdgePaddedFrames
from anatomy_tf.models import AnatomyLifter, LiftingModel
from anatomy_tf.network.arrays import KerasArrays, NumPyArrays
from anatomy_tf.network.directions import DirectionNetwork
from anatomy_tf.network.fast_stream import StreamingNetwork
from anatomy_tf.network.weights import NetworkWeights


def multiply_adds(widths: tuple[int, ...]) -> int:
    """Return the shared form's multiply-adds for a frame, in C^2, without the stem.

    The form has two sub-networks.
    """
    levels = len(widths) - 1
    span, field = widths[0], math.prod(widths)
    total = 2 * widths[1] + 1 + sum(width + 1 for width in widths[2:])  # first sub-network
    total += sum(widths[1:]) + 1  # skip halves, and the constant own half
    for level in range(1, levels + 1):
        span *= widths[level]
        positions = field // span
        total += positions * (1 + (widths[level] if level > 1 else 0))
    return total


def baseline_multiply_adds(widths: tuple[int, ...]) -> int:
    """Return ``VideoPose``'s multiply-adds for a frame, in C^2, without the stem."""
    return sum(width + 1 for width in widths[1:])


class WholeClip:
    """The temporal network on a clip as ``Lifter`` evaluates it, without bone lengths.

    It computes in NumPy, as lifting does; on JAX in JAX's arrays, so that a GPU computes.
    """

    def __init__(self, model: LiftingModel) -> None:
        arrays = KerasArrays() if keras.backend.backend() == "jax" else NumPyArrays()
        self.network = DirectionNetwork(NetworkWeights.of_model(model), arrays)

    def __call__(self, keypoints: np.ndarray, visibility: np.ndarray) -> np.ndarray:
        """Return bone directions (T, b, 3), or the baseline's positions (T, J, 3)."""
        network, frames = self.network, len(keypoints)
        found = network.arrays.in_parts(
            lambda values, *piece: network.of_frames(*values, *piece),
            (keypoints.reshape(1, frames, -1), visibility[None]),
            frames,
            network.receptive_field,
            sizes=(network.vectors, 3),
        )
        return ops.convert_to_numpy(found)[0]


def frame_by_frame(
    model: AnatomyLifter, keypoints: np.ndarray, visibility: np.ndarray
) -> np.ndarray:
    """Return a clip's bone directions, with the second sub-network evaluated frame by frame."""
    layer = model.get_layer("bone_direction_network").get_layer
    widths, field = model.config.filter_widths, model.receptive_field
    half = field // 2
    frames = len(keypoints)
    around = np.clip(np.arange(-half, frames + half), 0, frames - 1)
    flat = keypoints.reshape(frames, -1)[around]

    def dilated(unit: Any, values: Any, dilation: int) -> Any:
        features = ops.conv(values[None], unit.kernel, dilation_rate=dilation, padding="valid")
        return ops.relu(unit.normalization(features, training=False))[0]

    attention = layer("visibility_attention").visibility
    own = dilated(layer("sub_network_1_stem"), ops.convert_to_tensor(flat), 1)
    scores = dilated(attention, ops.convert_to_tensor(visibility[around]), 1)
    block_input = ops.concatenate([own, own * scores], axis=-1)
    entered, span = [], widths[0]
    for i, width in enumerate(widths[1:], start=1):
        block = layer(f"sub_network_1_block_{i}")
        entered.append(own)
        features = dilated(block.pointwise, dilated(block.temporal, block_input, span), 1)
        own = block_input = own[(width // 2) * span :][: features.shape[0]] + features
        span *= width

    found = []
    for t in range(frames):
        stream = ops.repeat(own[t][None, None], field // widths[0], axis=1)
        span = widths[0]
        for i, width in enumerate(widths[1:], start=1):
            skip = entered[i - 1][t : t + field - span + 1 : span][None]
            joined = ops.concatenate([stream, skip], axis=-1)
            stream = layer(f"sub_network_2_block_{i}")(joined, training=False)
            span *= width
        found.append(layer("bone_directions_2")(stream[:, 0]))
    return ops.convert_to_numpy(ops.concatenate(found))


def by_windows(
    network: keras.Model, output: str, receptive_field: int, arrays: dict[str, np.ndarray]
) -> np.ndarray:
    """Return an output of the training form on each frame's own window, 32 windows at a time.

    Args:
        network: the training form, or the part of it that computes the output.
        output: the output's name.
        receptive_field: frames in a centred window.
        arrays: a clip's arrays (T, ...) by the network's input names.
    """
    frames = np.arange(len(next(iter(arrays.values()))))
    sources = {
        name: EdgePaddedFrames(values, np.array([0, len(frames)]), receptive_field)
        for name, values in arrays.items()
    }
    found = []
    for start in range(0, len(frames), 32):
        chosen = frames[start : start + 32]
        inputs = {n: s.windows(np.zeros_like(chosen), chosen) for n, s in sources.items()}
        found.append(ops.convert_to_numpy(network(inputs, training=False)[output]))
    return np.concatenate(found)


def by_stream(model: AnatomyLifter, keypoints: np.ndarray, visibility: np.ndarray) -> np.ndarray:
    """Return a clip's bone directions from the causal network that gets frame after frame."""
    network = StreamingNetwork(NetworkWeights.of_model(model), people=1)
    found = []
    for t in range(len(keypoints)):
        _, _, directions = network.push(keypoints[t, None], visibility[t, None], np.array([t == 0]))
        assert directions is not None
        found.append(directions)
    return np.concatenate(found)
