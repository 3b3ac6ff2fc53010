"""The temporal network: bone directions, or the baseline's positions.

The first sub-network is the same for all windows: one dilated pass. A later sub-network repeats the
top feature of target frame t over t's window, so its hidden states depend on (t, position) and no
dilated pass exists. But every temporal convolution in it splits by input channels,

    conv([own, skip]) = W_own own + W_skip skip,

and the first sub-network's skip features depend on the frame alone: their half is one dilated
convolution a level for the clip, looked up at each (t, position). In the first block the own half
acts on a constant: one product with the kernel summed over its taps. What remains is a large
product over all (t, position). For R = 243 that is 111 C^2 multiply-adds a frame, against 521 C^2
by windows; the results agree to rounding.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from anatomy_tf.anatomy import unit
from anatomy_tf.network.arrays import Layer, NumPyArrays
from anatomy_tf.network.timelines import Clip, Timeline
from anatomy_tf.network.weights import Block, NetworkWeights, Product

TARGETS_AT_ONCE = 128
"""Rows times target frames of one product of a later sub-network: small enough for the processor's
cache."""

LookedUp = Callable[[Any, Any], Any]
"""Skip features of some targets, from the first target and their number: (N, t, positions, C)."""


class Convolution:
    """A convolution on what a timeline gives it.

    Args:
        arrays: whose arrays.
        product: its weights.
        span: frames between taps.
    """

    def __init__(self, arrays: NumPyArrays, product: Product, span: int) -> None:
        self.arrays, self.width, self.span = arrays, product.width, span
        self.inputs = product.kernel.shape[1]
        self.apply = arrays.product(product)

    def __call__(self, entering: Any) -> Any:
        """Return (N, T - (width - 1) span, out), without ReLU, of (N, T, in or more)."""
        values = entering[..., : self.inputs]
        if self.width > 1:
            count = self.arrays.frames(values) - (self.width - 1) * self.span
            taps = self.arrays.windows(values, 0, count, self.width, self.span)
            values = self.arrays.flattened(taps, 2)
        return self.apply(values)


@dataclasses.dataclass(frozen=True)
class _FirstBlock:
    """A block of the first sub-network.

    Attributes:
        temporal: on the features that enter.
        pointwise: on its result.
        skip: the second sub-network's half that reads the same features, where there is one.
        width, span, place: taps, frames between them, and the tap of the residual.
    """

    temporal: Callable[[Any], Any]
    pointwise: Layer
    skip: Callable[[Any], Any] | None
    width: int
    span: int
    place: int


class _Grouped:
    """A convolution over groups of neighbouring positions, (N, t, positions, C).

    Args:
        arrays: whose arrays.
        product: its weights.
        equal: the positions are all equal and given once, which stands for any number.
    """

    def __init__(self, arrays: NumPyArrays, product: Product, equal: bool) -> None:
        self.arrays = arrays
        self.width = 1 if equal else product.width
        self.apply = arrays.product(product.summed() if equal else product)

    def __call__(self, values: Any) -> Any:
        """Return (N, t, positions / width, out), without ReLU."""
        grouped = self.grouped(values)
        return self.apply(self.arrays.flattened(grouped, 2))

    def grouped(self, values: Any) -> Any:
        """Return (N, t, positions / width, width, C), which copies nothing."""
        positions, channels = values.shape[2:]
        flat = self.arrays.flattened(values, 2)
        return self.arrays.divided(flat, positions // self.width, self.width, channels)


@dataclasses.dataclass(frozen=True)
class _UpperBlock:
    """A block of a later sub-network, its temporal convolution split by input channels.

    Attributes:
        own: on the sub-network's own features.
        skip: on the features of a later sub-network below; the first one's are shared by a clip.
        pointwise: on their sum.
        place: the position of a group that is the residual.
    """

    own: _Grouped
    skip: _Grouped | None
    pointwise: Layer
    place: int


class DirectionNetwork:
    """Evaluates the temporal network on clips of any length, or on a stream's newest frame.

    Args:
        weights: of the model.
        arrays: whose arrays.
        convolution: makes a convolution from arrays, weights and span; a stream has its own.
    """

    def __init__(
        self,
        weights: NetworkWeights,
        arrays: NumPyArrays,
        convolution: Callable[..., Callable[[Any], Any]] = Convolution,
    ) -> None:
        config = weights.config
        self.arrays, self.widths, self.channels = arrays, config.filter_widths, config.channels
        self.receptive_field, self.causal = config.receptive_field, config.causal
        self.joints = weights.skeleton.joint_count
        self.directed = weights.anatomical is not None
        self.vectors = weights.skeleton.bone_count if self.directed else self.joints
        self.concatenated = bool(
            weights.anatomical and weights.anatomical.visibility == "concatenation"
        )
        first, *upper = weights.sub_networks
        self.skips = bool(upper) and bool(weights.anatomical and weights.anatomical.long_skips)
        assert first.stem is not None
        self.stem_inputs = first.stem.kernel.shape[1]
        self.stem = convolution(arrays, first.stem, 1)
        self.scores = None
        if weights.scores is not None:
            self.scores = convolution(arrays, weights.scores, 1)
        self.first = []
        span = self.widths[0]
        for i, block in enumerate(first.blocks):
            skip = None
            if self.skips:
                half = upper[0].blocks[i].temporal.channels(self.channels, 2 * self.channels)
                skip = convolution(arrays, half, span)
            self.first.append(
                _FirstBlock(
                    convolution(arrays, block.temporal, span),
                    arrays.product(block.pointwise),
                    skip,
                    block.temporal.width,
                    span,
                    block.place,
                )
            )
            span *= block.temporal.width
        self.upper: list[list[_UpperBlock]] = []
        below = [0] * len(self.first)
        for sub_network in upper:
            blocks, below = self._upper_blocks(sub_network.blocks, below)
            self.upper.append(blocks)
        made = [s.stem if q else None for q, s in enumerate(weights.sub_networks)]
        self.upper_stems = [None if stem is None else arrays.product(stem) for stem in made[1:]]
        heads = [s.head for s in weights.sub_networks]
        self.heads = [None if head is None else arrays.product(head) for head in heads]

    def of_frames(
        self, keypoints: Any, visibility: Any, start: Any, count: Any, *, pieces: bool = True
    ) -> Any:
        """Return bone directions, or the baseline's positions, of some frames: (N, count, n, 3).

        Args:
            keypoints: (N, T, 2 J) keypoints of whole clips; in a canonical view (N, T, 2 J + 3),
                with what is known of the view.
            visibility: (N, T, J).
            start, count: which frames.
            pieces: see ``of_timeline``.
        """
        clip = Clip(self.arrays, self.receptive_field, self.causal, 0, count)
        begin = start - clip.before
        begin = max(begin, 0) if isinstance(begin, int) else self.arrays.xp.maximum(begin, 0)
        clip.first = start - begin
        around = slice(begin, start + count + clip.after)
        return self.of_timeline(keypoints[:, around], visibility[:, around], clip, pieces=pieces)

    def of_timeline(
        self, keypoints: Any, visibility: Any, timeline: Timeline, *, pieces: bool = True
    ) -> Any:
        """Return the same of a timeline's target frames.

        Args:
            keypoints: (N, T, 2 J) or (N, T, 2 J + 3) of the frames that the timeline holds, or of
                the newest one.
            visibility: (N, T, J).
            timeline: finds the frames before and after.
            pieces: take the targets of later sub-networks some at a time.
        """
        top, looked_up = self._first_sub_network(keypoints, visibility, timeline)
        top = timeline.targets(top)
        if not self.upper:
            return self._directions(self.heads[0], top)
        count = self.arrays.frames(top)
        if not pieces:
            return self._upper_sub_networks(top, [skip(0, count) for skip in looked_up])

        def piece(start: Any, length: Any) -> Any:
            skips = [skip(start, length) for skip in looked_up]
            return self._upper_sub_networks(top[:, start : start + length], skips)

        size = self.arrays.share_of(TARGETS_AT_ONCE, top)
        return self.arrays.in_pieces(piece, count, size, sizes=(self.vectors, 3))

    def memory(self) -> dict[str, tuple[int, int]]:
        """Return what is remembered of a person: (frames before the newest, channels) by name.

        Features that windows share are named ``skip_...``.
        """
        channels, stem = self.channels, self.widths[0] - 1
        sizes = {"stem_keypoints": (stem, self.stem_inputs)}
        if self.scores is not None:
            sizes["stem_visibility"] = (stem, self.joints)
        for i, block in enumerate(self.first):
            weighted = 2 if i == 0 and self.scores is not None else 1
            sizes[f"level_{i}"] = ((block.width - 1) * block.span, weighted * channels)
            if block.skip is not None:
                sizes[f"skip_{i}"] = (self.receptive_field - block.span * block.width, channels)
        return sizes

    def _first_sub_network(
        self, keypoints: Any, visibility: Any, timeline: Timeline
    ) -> tuple[Any, list[LookedUp]]:
        """Return top features (N, T, C), and for each block the shared skip half."""
        arrays, xp = self.arrays, self.arrays.xp
        values = keypoints
        if self.concatenated:
            places = 2 * self.joints
            parts = [keypoints[..., :places], visibility, keypoints[..., places:]]
            values = xp.concatenate(parts, axis=-1)
        width = self.widths[0]
        own = arrays.rectified(self.stem(timeline.entering("stem_keypoints", values, 1, width)))
        block_input = own
        if self.scores is not None:
            seen = timeline.entering("stem_visibility", visibility, 1, width)
            block_input = xp.concatenate([own, own * arrays.rectified(self.scores(seen))], axis=-1)
        looked_up: list[LookedUp] = []
        for i, block in enumerate(self.first):
            entering = timeline.entering(f"level_{i}", block_input, block.span, block.width)
            if block.skip is not None:
                looked_up.append(self._skip_half(i, block, entering, timeline))
            features = arrays.rectified(block.temporal(entering))
            start, count = block.place * block.span, arrays.frames(features)
            residual = timeline.residual(entering, start, count)[..., : self.channels]
            own = block_input = arrays.added(arrays.rectified(block.pointwise(features)), residual)
        return own, looked_up

    def _skip_half(
        self, level: int, block: _FirstBlock, entering: Any, timeline: Timeline
    ) -> LookedUp:
        """Begin the half of the second sub-network's block that reads the first's features."""
        assert block.skip is not None
        skip, span = block.skip, block.span * block.width
        half = self.arrays.begin(lambda: timeline.shared(f"skip_{level}", skip(entering), span))
        return lambda start, count: timeline.looked_up(half(), span, start, count)

    def _upper_blocks(
        self, stored: tuple[Block, ...], below: list[int]
    ) -> tuple[list[_UpperBlock], list[int]]:
        """Return a later sub-network, and the positions of the features that enter its blocks.

        Args:
            stored: its blocks.
            below: positions of the features that enter those of a later sub-network below; 0: the
                first sub-network is below.
        """
        blocks, entered, own = [], [], 1
        channels = self.channels
        for block, first, skips in zip(stored, self.first, below, strict=True):
            entered.append(own)
            temporal, skip = block.temporal, None
            if temporal.kernel.shape[1] > channels:
                if skips:
                    half = temporal.channels(channels, 2 * channels)
                    skip = _Grouped(self.arrays, half, equal=skips == 1)
                temporal = dataclasses.replace(temporal, kernel=temporal.kernel[:, :channels])
            blocks.append(
                _UpperBlock(
                    _Grouped(self.arrays, temporal, equal=own == 1),
                    skip,
                    self.arrays.product(block.pointwise),
                    block.place,
                )
            )
            varied = own > 1 or (self.skips and skips != 1)
            own = self.receptive_field // (first.span * first.width) if varied else 1
        return blocks, entered

    def _upper_sub_networks(self, top: Any, skips: list[Any]) -> Any:
        """Return what the top head says of t target frames, (N, t, n, 3).

        Features are (N, t, positions, C): of each position in the window of each target frame.
        Where all positions are equal there is only one.

        Args:
            top: (N, t, C) top features of the first sub-network.
            skips: for each block of the second one the skip half at each position of the targets'
                windows; empty without long skips.
        """
        arrays = self.arrays
        below: list[Any] = []
        for q, blocks in enumerate(self.upper):
            stem = self.upper_stems[q]
            if stem is not None:
                directions = self._directions(self.heads[q], top)
                top = arrays.rectified(stem(arrays.flattened(directions, 2)))
            own = arrays.divided(top, 1, self.channels)
            entered = []
            for i, block in enumerate(blocks):
                entered.append(own)
                features = block.own(own)
                if q == 0 and skips:
                    features = arrays.added(features, skips[i])
                elif block.skip is not None:
                    features = arrays.added(features, block.skip(below[i]))
                features = block.pointwise(arrays.rectified(features))
                residual = own if own.shape[2] == 1 else block.own.grouped(own)[..., block.place, :]
                own = arrays.added(arrays.rectified(features), residual)
            below = entered
            top = arrays.flattened(own, 2)
        return self._directions(self.heads[-1], top)

    def _directions(self, head: Layer | None, features: Any) -> Any:
        """Return (N, T, n, 3) of features (N, T, C)."""
        assert head is not None
        vectors = self.arrays.divided(head(features), self.vectors, 3)
        return unit(vectors, xp=self.arrays.xp) if self.directed else vectors
