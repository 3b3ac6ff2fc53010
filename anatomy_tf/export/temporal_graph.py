"""The temporal network of a clip or of a stream's newest frame, as a TensorFlow graph.

The sharing is that of ``inference/whole_clip.py``, with a batch axis N in front of the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from anatomy_tf.export.graph_products import (
    Convolution,
    Grouped,
    Product,
    in_pieces,
    resized,
    shape_of,
    unit,
    window,
)
from anatomy_tf.inference.folding import FoldedBlock, fold_block, fold_convolution
from anatomy_tf.models import AnatomyLifter, VideoPose

TARGETS_AT_ONCE = 128
"""Rows times frames that a later sub-network sees at a time."""

Remember = Callable[[str, Any], Any]
"""Puts before a stream's newest features (N, 1, channels) those of earlier frames, by name."""


def _as_they_are(name: str, values: Any) -> Any:
    """What a whole clip remembers: it has all its frames."""
    return values


class _Block(tf.Module):
    """A block of the first sub-network."""

    def __init__(self, folded: FoldedBlock) -> None:
        super().__init__()
        self.width, self.place = folded.width, folded.place
        self.temporal = Convolution(folded.temporal)
        self.pointwise = Product.of_convolution(folded.pointwise)


class _UpperBlock(tf.Module):
    """A block of a later sub-network, its temporal convolution split by input channels.

    Args:
        folded: the block.
        channels: C.
        own: positions of the features that enter it; 1 stands for any number of equal ones.
        below: positions of those that enter it from the later sub-network below; 0: there is none.

    Attributes:
        own: on the sub-network's own features.
        clip_skip: on the first sub-network's features, all frames of a clip at once.
        skip: on the features of a later sub-network below.
    """

    def __init__(self, folded: FoldedBlock, channels: int, own: int, below: int) -> None:
        super().__init__()
        self.width, self.place = folded.width, folded.place
        kernel, bias = folded.temporal.kernel, folded.temporal.bias
        skips = kernel.shape[1] > channels
        self.clip_skip = self.skip = None
        if skips and not below:
            self.clip_skip = Convolution(folded.temporal.channels(channels, 2 * channels))
            bias = None
        elif skips:
            self.skip = Grouped(kernel[:, channels:], None, equal=below == 1)
        self.own = Grouped(kernel[:, :channels], bias, equal=own == 1)
        self.pointwise = Product.of_convolution(folded.pointwise)


class TemporalGraph(tf.Module):
    """A model's temporal network.

    Args:
        model: the trained model. Its weights are copied.
    """

    def __init__(self, model: AnatomyLifter | VideoPose) -> None:
        super().__init__()
        self.widths = model.config.filter_widths
        self.receptive_field = model.receptive_field
        self.channels = model.config.channels
        self.joints = model.skeleton.joint_count
        self.visibility = "none"
        self.score_stem = None
        self.upper: list[list[_UpperBlock]] = []
        self.upper_stems: list[Product | None] = []
        places = range(1, len(self.widths))
        if isinstance(model, VideoPose):
            self.stem = Convolution(fold_convolution(model.get_layer("stem")))
            self.blocks = [_Block(fold_block(model.get_layer(f"block_{i}"))) for i in places]
            self.heads: list[Product | None] = [
                Product.of_dense(model.get_layer("positions_dense"))
            ]
            self.vectors, self.directed = self.joints, False
            return
        config, layer = model.config, model.get_layer("bone_direction_network").get_layer
        # Weighted visibility enters the first block; a network without blocks has no use for it.
        if config.visibility != "attention" or places:
            self.visibility = config.visibility
        if self.visibility == "attention":
            attention = layer("visibility_attention").visibility
            self.score_stem = Convolution(fold_convolution(attention))
        self.stem = Convolution(fold_convolution(layer("sub_network_1_stem")))
        folded = [
            [fold_block(layer(f"sub_network_{q}_block_{i}")) for i in places]
            for q in range(1, config.sub_networks + 1)
        ]
        self.blocks = [_Block(block) for block in folded[0]]
        below = [0] * len(self.blocks)
        for q, blocks in enumerate(folded[1:], start=2):
            stacked, below = self._upper_blocks(blocks, below)
            self.upper.append(stacked)
            directions = config.long_skips and model.recipe.upper_input == "directions"
            stem = fold_convolution(layer(f"sub_network_{q}_stem")) if directions else None
            self.upper_stems.append(None if stem is None else Product.of_convolution(stem))
        # A sub-network's directions are needed where the next one's stem reads them, and last.
        self.heads = [
            Product.of_dense(layer(f"bone_directions_{q}").vectors)
            if q == config.sub_networks or self.upper_stems[q - 1] is not None
            else None
            for q in range(1, config.sub_networks + 1)
        ]
        self.vectors, self.directed = model.skeleton.bone_count, True

    def __call__(
        self,
        keypoints: Any,
        visibility: Any,
        *,
        pieces: bool,
        remember: Remember = _as_they_are,
    ) -> Any:
        """Bone directions, or the baseline's positions, of the target frames: (N, T, n, 3).

        Args:
            keypoints: (N, T + R - 1, 2 J) normalised screen coordinates; of a stream the newest
                frame's, (N, 1, 2 J).
            visibility: (N, T + R - 1, J), or (N, 1, J).
            pieces: take a later sub-network's targets a few at a time, in a loop.
            remember: what a stream's earlier frames add.
        """
        top, entered = self._first_sub_network(keypoints, visibility, remember)
        if not self.upper:
            return self._directions(self.heads[0], top)
        halves = self._clip_skips(entered, remember)
        if not pieces:
            return self._upper_sub_networks(top, halves)

        rows, frames, _ = shape_of(top)

        def targets(start: Any, length: Any) -> Any:
            cut = [
                half[:, start : start + length + self.receptive_field - span]
                for half, span in zip(halves, self._spans(), strict=False)
            ]
            found = self._upper_sub_networks(top[:, start : start + length], cut)
            return resized(found, found, 2, 3 * self.vectors)

        size = tf.maximum(TARGETS_AT_ONCE // rows, 1)
        found = in_pieces(targets, frames, size, 3 * self.vectors)
        return resized(found, found, 2, self.vectors, 3)

    def memory(self) -> dict[str, tuple[int, int]]:
        """What a stream remembers of a person: name to (frames before the newest, channels)."""
        per_joint = 3 if self.visibility == "concatenation" else 2
        sizes = {"stem_keypoints": (self.widths[0] - 1, per_joint * self.joints)}
        if self.visibility == "attention":
            sizes["stem_visibility"] = (self.widths[0] - 1, self.joints)
        span = self.widths[0]
        for i, block in enumerate(self.blocks):
            weighted = 2 if i == 0 and self.visibility == "attention" else 1
            sizes[f"level_{i}"] = ((block.width - 1) * span, weighted * self.channels)
            span *= block.width
            if self.upper and self.upper[0][i].clip_skip is not None:
                sizes[f"skip_{i}"] = (self.receptive_field - span, self.channels)
        return {name: size for name, size in sizes.items() if size[0]}

    def _upper_blocks(
        self, folded: list[FoldedBlock], below: list[int]
    ) -> tuple[list[_UpperBlock], list[int]]:
        """A later sub-network, and the positions of the features that enter its blocks."""
        blocks, entered, own = [], [], 1
        for block, span, skips in zip(folded, self._spans(), below, strict=True):
            entered.append(own)
            made = _UpperBlock(block, self.channels, own, skips)
            blocks.append(made)
            varied = made.clip_skip is not None or own > 1 or (made.skip is not None and skips > 1)
            own = self.receptive_field // span if varied else 1
        return blocks, entered

    def _spans(self) -> list[int]:
        """Frames under one position of each block's result."""
        spans, span = [], self.widths[0]
        for block in self.blocks:
            span *= block.width
            spans.append(span)
        return spans

    def _first_sub_network(
        self, keypoints: Any, visibility: Any, remember: Remember
    ) -> tuple[Any, list[Any]]:
        """Top features (N, T, C), and for each block the features (N, ..., C) entering it."""
        values = keypoints
        if self.visibility == "concatenation":
            values = tf.concat([keypoints, visibility], axis=-1)
        own = tf.nn.relu(self.stem.dilated(remember("stem_keypoints", values), 1))
        block_input = own
        if self.score_stem is not None:
            scores = self.score_stem.dilated(remember("stem_visibility", visibility), 1)
            block_input = tf.concat([own, own * tf.nn.relu(scores)], axis=-1)
        entered = []
        span = self.widths[0]
        for i, block in enumerate(self.blocks):
            block_input = remember(f"level_{i}", block_input)
            before = block_input[..., : self.channels]
            entered.append(before)
            features = tf.nn.relu(block.temporal.dilated(block_input, span))
            start = block.place * span
            residual = window(before, start, (block.width - 1) * span - start)
            own = block_input = residual + tf.nn.relu(block.pointwise(features))
            span *= block.width
        return own, entered

    def _clip_skips(self, entered: list[Any], remember: Remember) -> list[Any]:
        """The skip half of each block of the second sub-network for every frame."""
        halves = []
        span = self.widths[0]
        for i, (block, skip) in enumerate(zip(self.upper[0], entered, strict=True)):
            if block.clip_skip is not None:
                halves.append(remember(f"skip_{i}", block.clip_skip.dilated(skip, span)))
            span *= block.width
        return halves

    def _upper_sub_networks(self, top: Any, halves: list[Any]) -> Any:
        """What the top head says of t target frames, (N, t, n, 3).

        Features of a position in a target's window are (positions, N t, C); where all positions are
        equal there is only one.

        Args:
            top: (N, t, C) top features of the first sub-network.
            halves: for each block of the second one the skip half (N, t + R - span, C), whose frame
                0 is the first target's first; empty without long skips.
        """
        features = tf.reshape(top, (-1, self.channels))
        below: list[Any] = []
        for q, blocks in enumerate(self.upper):
            stem = self.upper_stems[q]
            if stem is not None:
                directions = self._directions(self.heads[q], features)
                flat = tf.reshape(directions, (-1, 3 * self.vectors))
                features = tf.nn.relu(stem(flat))
            own = features[None]
            entered = []
            for i, (block, span) in enumerate(zip(blocks, self._spans(), strict=True)):
                entered.append(own)
                sums = block.own(own)
                if block.clip_skip is not None:
                    sums = sums + self._at_positions(halves[i], span)
                elif block.skip is not None:
                    sums = sums + block.skip(below[i])
                residual = own if own.shape[0] == 1 else block.own.grouped(own)[:, block.place]
                own = residual + tf.nn.relu(block.pointwise(tf.nn.relu(sums)))
            below = entered
            features = own[0]
        return resized(self._directions(self.heads[-1], features), top, 2, self.vectors, 3)

    def _at_positions(self, half: Any, span: int) -> Any:
        """A skip half (N, t + R - span, C) at all positions of t windows: (positions, N t, C)."""
        last = self.receptive_field - span
        windows = [window(half, place, last - place) for place in range(0, last + 1, span)]
        return tf.reshape(tf.stack(windows), (len(windows), -1, self.channels))

    def _directions(self, head: Product | None, features: Any) -> Any:
        """(..., C) to (..., n, 3)."""
        assert head is not None
        vectors = resized(head(features), features, len(features.shape) - 1, self.vectors, 3)
        return unit(vectors) if self.directed else vectors
