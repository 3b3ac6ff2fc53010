"""A whole clip in one pass, sharing what windows have in common.

The first sub-network is the same for all windows: one dilated pass. A later sub-network repeats
the top feature of target frame t over t's window, so its hidden states depend on (t, position) and
no dilated pass exists. But every temporal convolution in it splits by input channels,

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
from anatomy_tf.inference.folding import fold_block, fold_convolution
from anatomy_tf.inference.upper_sub_networks import UpperSubNetworks
from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]

FRAMES_AT_ONCE = 2048
"""Target frames of one pass of the first sub-network; the R - 1 frames around them come again."""

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
        self._upper_graph = compiled(self._upper_of_slices)

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
        around = self.receptive_field - 1
        lengths = [len(keypoints) for keypoints, _ in clips]
        first_frames = np.cumsum([0, *lengths[:-1]])
        places = np.concatenate(
            [
                first + np.clip(np.arange(-before, length + around - before), 0, length - 1)
                for first, length in zip(first_frames, lengths, strict=True)
            ]
        )
        # The window that starts at a place belongs to a frame, except across two clips.
        starts = np.concatenate(
            [
                np.arange(length) + first + n * around
                for n, (first, length) in enumerate(zip(first_frames, lengths, strict=True))
            ]
        )
        keypoints, visibility = (
            arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
            for arrays in zip(*clips, strict=True)
        )
        parts = []
        for start in range(0, len(places) - around, FRAMES_AT_ONCE):
            seen = places[start : start + FRAMES_AT_ONCE + around]
            wanted = starts[(starts >= start) & (starts < start + FRAMES_AT_ONCE)] - start
            if len(wanted):
                parts.append(self._estimate(keypoints[seen], visibility[seen], wanted))
        return np.split(np.concatenate(parts), np.cumsum(lengths)[:-1])

    def _estimate(self, keypoints: Array, visibility: Array, wanted: NDArray[np.int64]) -> Array:
        """The same for the windows that start at some of N frames.

        Args:
            keypoints: (N, J, 2).
            visibility: (N, J).
            wanted: (T,), in order.
        """
        flat = keypoints.reshape(len(keypoints), -1)
        if self.visibility == "concatenation":
            flat = np.concatenate([flat, visibility], axis=-1)
        first = ops.relu(self.stem.dilated(flat, 1) + self.stem.bias)
        first_input = first
        if self.visibility == "attention":
            scores = ops.relu(self.score_stem.dilated(visibility, 1) + self.score_stem.bias)
            first_input = ops.concatenate([first, first * scores], axis=-1)
        top, entered = self._first_sub_network(first, first_input)
        if self.upper is None:
            return ops.convert_to_numpy(self.head(top))[wanted]
        halves = self._clip_skips(entered)

        def targets_from(start: int) -> Array:
            targets = wanted[start : start + TARGETS_AT_ONCE]
            if targets[-1] - targets[0] >= len(targets):  # of several clips
                return ops.convert_to_numpy(self._upper_of_several(top, halves, targets))
            whole = len(targets) == TARGETS_AT_ONCE
            evaluate = self._upper_graph if whole else self._upper_of_slices
            slices = self._cut(halves, int(targets[0]), len(targets))
            return ops.convert_to_numpy(
                evaluate(top[targets[0] : targets[0] + len(targets)], *slices)
            )

        with ThreadPoolExecutor(THREADS) as pool:
            starts = range(0, len(wanted), TARGETS_AT_ONCE)
            return np.concatenate(list(pool.map(targets_from, starts)))

    def _first_sub_network(self, own: Any, block_input: Any) -> tuple[Any, list[Any]]:
        """Top features (T, C) and, for each block, the features (T + R - span, C) entering it."""
        entered = []
        span = self.widths[0]
        for block in self.sub_network:
            entered.append(own)
            features = ops.relu(block.temporal.dilated(block_input, span) + block.temporal.bias)
            residual = own[block.place * span :][: features.shape[0]]
            own = block_input = residual + block.pointwise.product(features)
            span *= block.width
        return own, entered

    def _clip_skips(self, entered: list[Any]) -> list[Any]:
        """The skip half of each block of the second sub-network, with its bias, for every frame."""
        assert self.upper is not None
        halves = []
        span = self.widths[0]
        for half, values in zip(self.upper.clip_skips, entered, strict=False):
            halves.append(half.dilated(values, span) + half.bias)
            span *= half.width
        return halves

    def _cut(self, halves: list[Any], start: int, frames: int) -> list[Any]:
        """Of each skip half what the windows of some target frames look up."""
        assert self.upper is not None
        return [
            half[start : start + frames + (positions - 1) * span]
            for half, (positions, span) in zip(halves, self.upper.places, strict=False)
        ]

    def _upper_of_several(self, top: Any, halves: list[Any], targets: NDArray[np.int64]) -> Any:
        """What the upper sub-networks say of target frames that do not follow each other."""
        assert self.upper is not None
        windows = [
            ops.take(half, targets + span * np.arange(positions)[:, None], axis=0)
            for half, (positions, span) in zip(halves, self.upper.places, strict=False)
        ]
        return self.upper(ops.take(top, targets, axis=0), *windows)

    def _upper_of_slices(self, top: Any, *slices: Any) -> Any:
        """What the upper sub-networks say of t target frames.

        Args:
            top: (t, C) top features of the first sub-network.
            *slices: of each skip half the frames from the first target's first.
        """
        assert self.upper is not None
        frames = top.shape[0]
        windows = [
            ops.stack([half[place : place + frames] for place in range(0, positions * span, span)])
            for half, (positions, span) in zip(slices, self.upper.places, strict=False)
        ]
        return self.upper(top, *windows)
