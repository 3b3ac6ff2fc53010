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

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.inference.compilation import compiled
from anatomy_tf.inference.folding import FoldedConvolution, fold_block, fold_convolution
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
        places = range(1, len(self.widths))
        if isinstance(model, VideoPose):
            self.visibility = "none"
            self.long_skips = False
            self.stem = fold_convolution(model.get_layer("stem"))
            self.sub_networks = [[fold_block(model.get_layer(f"block_{i}")) for i in places]]
            dense, shape = model.get_layer("positions_dense"), model.get_layer("positions")
            self.heads: list[Any] = [lambda features: shape(dense(features))]
            return
        self._compiled_upper = compiled(self._upper_sub_networks)
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        # Weighted visibility enters the first block; a network without blocks has no use for it.
        idle = config.visibility == "attention" and not places
        self.visibility = "none" if idle else config.visibility
        self.long_skips = config.long_skips
        self.stem = fold_convolution(layer("sub_network_1_stem"))
        if self.visibility == "attention":
            self.score_stem = fold_convolution(layer("visibility_attention").visibility)
        numbers = range(1, config.sub_networks + 1)
        self.sub_networks = [
            [fold_block(layer(f"sub_network_{q}_block_{i}")) for i in places] for q in numbers
        ]
        self.upper_stems: list[FoldedConvolution | None] = [None] * config.sub_networks
        if config.long_skips and model.recipe.upper_input == "directions":
            self.upper_stems[1:] = [
                fold_convolution(layer(f"sub_network_{q}_stem")) for q in numbers[1:]
            ]
        self.heads = [
            layer(f"bone_directions_{q}") if config.long_skips or q == numbers[-1] else None
            for q in numbers
        ]

    def __call__(self, keypoints: Array, visibility: Array) -> Array:
        """Bone directions (T, b, 3), or positions (T, J, 3) of the baseline.

        Args:
            keypoints: (T, J, 2) normalised screen coordinates.
            visibility: (T, J).
        """
        frames = len(keypoints)
        before = self.receptive_field - 1 if self.causal else self.receptive_field // 2
        after = self.receptive_field - 1 - before
        # The first and last frame are repeated outside the clip.
        places = np.clip(np.arange(-before, frames + after), 0, frames - 1)
        parts = []
        for start in range(0, frames, FRAMES_AT_ONCE):
            stop = min(start + FRAMES_AT_ONCE, frames)
            around = places[start : stop + self.receptive_field - 1]
            parts.append(self._estimate(keypoints[around], visibility[around]))
        return np.concatenate(parts)

    def _estimate(self, keypoints: Array, visibility: Array) -> Array:
        """The same for T + R - 1 frames, whose first and last have no full window."""
        flat = keypoints.reshape(len(keypoints), -1)
        if self.visibility == "concatenation":
            flat = np.concatenate([flat, visibility], axis=-1)
        first = ops.relu(self.stem.dilated(flat, 1) + self.stem.bias)
        first_input = first
        if self.visibility == "attention":
            scores = ops.relu(self.score_stem.dilated(visibility, 1) + self.score_stem.bias)
            first_input = ops.concatenate([first, first * scores], axis=-1)
        top, entered = self._first_sub_network(first, first_input)
        if len(self.sub_networks) == 1:
            return ops.convert_to_numpy(self.heads[0](top))
        skips = self._clip_skips(entered) if self.long_skips else []

        def targets_from(start: int) -> Array:
            targets = top[start : start + TARGETS_AT_ONCE]
            whole = targets.shape[0] == TARGETS_AT_ONCE
            evaluate = self._compiled_upper if whole else self._upper_sub_networks
            return ops.convert_to_numpy(evaluate(targets, *self._cut(skips, start, targets)))

        with ThreadPoolExecutor(THREADS) as pool:
            starts = range(0, top.shape[0], TARGETS_AT_ONCE)
            return np.concatenate(list(pool.map(targets_from, starts)))

    def _first_sub_network(self, own: Any, block_input: Any) -> tuple[Any, list[Any]]:
        """Top features (T, C) and, for each block, the features (T + R - span, C) entering it."""
        entered = []
        span = self.widths[0]
        for block in self.sub_networks[0]:
            entered.append(own)
            features = ops.relu(block.temporal.dilated(block_input, span) + block.temporal.bias)
            residual = own[block.place * span :][: features.shape[0]]
            own = block_input = residual + block.pointwise.product(features)
            span *= block.width
        return own, entered

    def _clip_skips(self, entered: list[Any]) -> list[Any]:
        """The skip half of each block of the second sub-network, with its bias, for every frame."""
        halves = []
        span = self.widths[0]
        for block, skip in zip(self.sub_networks[1], entered, strict=True):
            channels = skip.shape[1]
            half = block.temporal.channels(channels, 2 * channels)
            halves.append(half.dilated(skip, span) + half.bias)
            span *= block.width
        return halves

    def _cut(self, skips: list[Any], start: int, targets: Any) -> list[Any]:
        """Of each skip half what the windows of some target frames look up."""
        cut = []
        span = self.widths[0]
        for block, half in zip(self.sub_networks[1], skips, strict=False):
            span *= block.width
            cut.append(half[start : start + targets.shape[0] + self.receptive_field - span])
        return cut

    def _upper_sub_networks(self, top: Any, *clip_skips: Any) -> Any:
        """What the top head says of t target frames.

        Features of a position in a target's window are (positions, t, C); where all positions are
        equal there is only one.

        Args:
            top: (t, C) top features of the first sub-network.
            *clip_skips: for each block of the second one the skip half (t + R - span, C), whose
                row 0 is the first target's first; none without long skips.
        """
        below: list[Any] | None = None
        for q in range(1, len(self.sub_networks)):
            stem = self.upper_stems[q]
            if stem is not None:
                directions = self.heads[q - 1](top)
                top = stem.product(ops.reshape(directions, (top.shape[0], -1)))
            own = top[None]
            entered = []
            span = self.widths[0]
            for i, block in enumerate(self.sub_networks[q]):
                span *= block.width
                positions = self.receptive_field // span
                entered.append(own)
                channels = own.shape[-1]
                features = _grouped(own, block.temporal.channels(0, channels))
                if clip_skips and q == 1:
                    places = range(0, positions * span, span)
                    windows = [clip_skips[i][place : place + top.shape[0]] for place in places]
                    features = features + ops.stack(windows)
                else:
                    features = features + block.temporal.bias
                if below is not None:
                    skip = block.temporal.channels(channels, 2 * channels)
                    features = features + _grouped(below[i], skip)
                features = ops.relu(features)
                residual = own if own.shape[0] == 1 else own[block.place :: block.width]
                own = residual + block.pointwise.product(features)
            below = entered if self.long_skips else None
            top = own[0]
        return self.heads[-1](top)


def _grouped(values: Any, convolution: FoldedConvolution) -> Any:
    """Convolution over groups of positions, without bias: (n, t, in) to (n / width, t, out).

    One position stands for any number of equal ones.
    """
    width = convolution.width
    if values.shape[0] == 1:
        return ops.matmul(values, ops.sum(convolution.kernel, axis=0))
    taps = ops.concatenate([values[k::width] for k in range(width)], axis=-1)
    return ops.matmul(taps, ops.reshape(convolution.kernel, (-1, convolution.kernel.shape[2])))
