"""A whole clip in one pass, sharing what windows have in common.

The first sub-network is the same for all windows: one dilated pass, which leaves out all but one of
the windows in which the first or last frame is repeated (``distinct_windows``). A later sub-network
repeats the top feature of target frame t over t's window, so its hidden states depend on (t,
position) and no dilated pass exists. But every temporal convolution in it splits by input channels,

    conv([own, skip]) = W_own own + W_skip skip,

and the first sub-network's skip features depend on the frame alone: their half is one dilated
convolution a level for the clip, looked up at each (t, position). In the first block the own half
acts on a constant: one product with the kernel summed over its taps. What remains is a large
product over all (t, position). For R = 243 that is 111 C^2 multiply-adds a frame, against 521 C^2
by windows; the results agree to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.inference.compilation import compiled
from anatomy_tf.inference.distinct_windows import Level, distinct_windows
from anatomy_tf.inference.folding import fold_block, fold_convolution
from anatomy_tf.inference.upper_sub_networks import UpperSubNetworks
from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]

FRAMES_AT_ONCE = 2048
"""Target frames of one pass of the first sub-network; inside a clip the R - 1 frames around them
come again."""

TARGETS_AT_ONCE = 128
"""Target frames of one product of a later sub-network: small enough for the processor's cache."""

THREADS = 2
"""Products of a later sub-network under way at a time: one's additions and activations, which wait
for memory, run beside another's product."""


class WholeClip:
    """Evaluates a model's temporal network on all frames of a clip.

    Memory is bounded however long the clip is: it is taken ``FRAMES_AT_ONCE`` frames at a time.

    Args:
        model: the trained model. Its weights are copied: make a new one after training on.
    """

    def __init__(self, model: AnatomyLifter | VideoPose) -> None:
        self.widths = model.config.filter_widths
        self.receptive_field = model.receptive_field
        self.causal = model.causal
        self.upper: UpperSubNetworks | None = None
        places = range(1, len(self.widths))
        if isinstance(model, VideoPose):
            self.visibility = "none"
            self.stem = fold_convolution(model.get_layer("stem"))
            self.sub_network = [fold_block(model.get_layer(f"block_{i}")) for i in places]
            dense, shape = model.get_layer("positions_dense"), model.get_layer("positions")
            self.head: Callable[[Any], Any] = lambda features: shape(dense(features))
            return
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        # Weighted visibility enters the first block; a network without blocks has no use for it.
        idle = config.visibility == "attention" and not places
        self.visibility = "none" if idle else config.visibility
        self.stem = fold_convolution(layer("sub_network_1_stem"))
        if self.visibility == "attention":
            self.score_stem = fold_convolution(layer("visibility_attention").visibility)
        self.sub_network = [fold_block(layer(f"sub_network_1_block_{i}")) for i in places]
        if config.sub_networks == 1:
            self.head = layer("bone_directions_1")
            return
        self.upper = UpperSubNetworks(model)
        self._upper_graph = compiled(self.upper, TARGETS_AT_ONCE)

    def __call__(self, keypoints: Array, visibility: Array) -> Array:
        """Bone directions (T, b, 3), or positions (T, J, 3) of the baseline.

        Args:
            keypoints: (T, J, 2) normalised screen coordinates.
            visibility: (T, J).
        """
        return self.each([(keypoints, visibility)])[0]

    def each(self, clips: Sequence[tuple[Array, Array]]) -> list[Array]:
        """The same of several clips of any lengths, none of which changes another.

        They follow each other as one, with each one's first and last frame repeated outside it.

        Args:
            clips: keypoints (T, J, 2) and visibility (T, J) of each.
        """
        before = self.receptive_field - 1 if self.causal else self.receptive_field // 2
        lengths = [len(keypoints) for keypoints, _ in clips]
        keypoints, visibility = (
            arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
            for arrays in zip(*clips, strict=True)
        )
        parts = []
        for start in range(0, len(keypoints), FRAMES_AT_ONCE):
            targets = range(start, min(start + FRAMES_AT_ONCE, len(keypoints)))
            frames, levels = distinct_windows(lengths, targets, self.widths, before)
            parts.append(self._estimate(keypoints[frames], visibility[frames], levels))
        return np.split(np.concatenate(parts), np.cumsum(lengths)[:-1])

    def _estimate(self, keypoints: Array, visibility: Array, levels: list[Level]) -> Array:
        """The same of some target frames.

        Args:
            keypoints: (N, J, 2) of the frames that their windows see.
            visibility: (N, J).
            levels: of the network.
        """
        flat = keypoints.reshape(len(keypoints), -1)
        if self.visibility == "concatenation":
            flat = np.concatenate([flat, visibility], axis=-1)
        first = ops.relu(self.stem.of_taps(flat, levels[0].taps) + self.stem.bias)
        first_input = first
        if self.visibility == "attention":
            scores = self.score_stem.of_taps(visibility, levels[0].taps) + self.score_stem.bias
            first_input = ops.concatenate([first, first * ops.relu(scores)], axis=-1)
        top, entered = self._first_sub_network(first, first_input, levels[1:])
        if self.upper is None:
            return ops.convert_to_numpy(self.head(top))
        halves = [
            half.of_taps(values, level.taps) + half.bias
            for half, values, level in zip(self.upper.clip_skips, entered, levels[1:], strict=False)
        ]

        def targets_from(start: int) -> Array:
            chosen = slice(start, start + TARGETS_AT_ONCE)
            windows = [
                ops.take(half, level.looked_up[:, chosen], axis=0)
                for half, level in zip(halves, levels[1:], strict=False)
            ]
            return ops.convert_to_numpy(self._upper_graph(top[chosen], *windows))

        with ThreadPoolExecutor(THREADS) as pool:
            return np.concatenate(list(pool.map(targets_from, range(0, len(top), TARGETS_AT_ONCE))))

    def _first_sub_network(
        self, own: Any, block_input: Any, levels: list[Level]
    ) -> tuple[Any, list[Any]]:
        """Top features (t, C) and, for each block, the features (N, C) entering it."""
        entered = []
        for block, level in zip(self.sub_network, levels, strict=True):
            entered.append(own)
            features = block.temporal.of_taps(block_input, level.taps) + block.temporal.bias
            residual = ops.take(own, level.taps[:, block.place], axis=0)
            own = block_input = residual + block.pointwise.product(ops.relu(features))
        return own, entered
