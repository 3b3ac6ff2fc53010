"""A model's estimates for clips, and for a stream's newest frame."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from anatomy_tf.anatomy import flip_points, flip_visibility, unit
from anatomy_tf.anatomy.flip import flip_vectors
from anatomy_tf.cameras.canonical_view import turned_back
from anatomy_tf.errors import AnatomyError
from anatomy_tf.network.arrays import FRAMES_AT_ONCE, NumPyArrays, PartOf
from anatomy_tf.network.bone_lengths import (
    NEVER,
    FrameLengths,
    PositionRegression,
    attention,
    first_sums,
    joined_sums,
    pooled_over,
    pooled_so_far,
)
from anatomy_tf.network.canonical import CanonicalFrames, CanonicalView
from anatomy_tf.network.directions import DirectionNetwork
from anatomy_tf.network.timelines import Step
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences.apparent_person import SUMS as PERSON_SUMS
from anatomy_tf.sequences.frames_around import frames_around
from anatomy_tf.sequences.resampling import frames_of
from anatomy_tf.skeletons import Skeleton

Tensors = dict[str, Any]
"""``positions`` (N, T, J, 3) metres; not from the baseline: ``bone_lengths`` (N, b) or (N, T, b)
metres, ``bone_directions`` (N, T, b, 3) and, where there is an attention over a whole clip,
``bone_length_attention`` (N, T, b); from a model of the canonical view ``up`` (N, T, 3). Vectors
are in the camera's axes."""

PERSON, VOTES = "person_sums", "up_votes"
FRAMES = "frames"
SUMS = ("largest_logit", "length_numerator", "length_denominator")
"""The state of a stream besides the direction network's features."""


@dataclasses.dataclass(frozen=True)
class FrameEstimates:
    """The networks' outputs for each frame, before bone lengths are pooled.

    Attributes:
        vectors: (N, T, b, 3) bone directions, or the baseline's positions (N, T, J, 3), in the axes
            of the view that the network sees.
        lengths: (N, T, b) each frame's bone lengths, metres; ``None`` from the baseline.
        logits: (N, T, b) their attention before the softmax.
        axes: (N, T, 3, 3) of the canonical view, in the camera's axes; ``None`` on the screen.
        up: (N, T, 3) in the camera's axes; ``None`` on the screen.
    """

    vectors: Any
    lengths: Any = None
    logits: Any = None
    axes: Any = None
    up: Any = None


class LiftingNetwork:
    """Lifts normalised keypoints of clips of any length and number.

    Memory grows with a clip's length only by its keypoints and poses.

    Args:
        weights: of the model.
        arrays: whose arrays.

    Attributes:
        per_frame_lengths: whether bone lengths are of each frame instead of the clip.
        streams: whether ``step`` works: the model is causal, and its bone lengths come from all
            past frames.
    """

    def __init__(self, weights: NetworkWeights, arrays: NumPyArrays) -> None:
        config = weights.anatomical
        self.weights, self.arrays, self.skeleton = weights, arrays, weights.skeleton
        self.causal = weights.config.causal
        self.directions = DirectionNetwork(weights, arrays)
        self.lengths = self.positions = None
        self.around, self.attentive = 0, False
        self.view = CanonicalView(weights, arrays) if weights.canonical else None
        if config is not None:
            self.lengths = FrameLengths(weights, arrays)
            self.positions = PositionRegression(weights, arrays)
            if config.length_frames == "consecutive":
                self.around = config.sampled_frames
            self.attentive = config.length_pooling == "attention" and not self.around
        self.per_frame_lengths = self.lengths is not None and bool(self.causal or self.around)
        self.streams = self.causal and not self.around

    def estimate(
        self,
        keypoints: Any,
        visibility: Any,
        frames: Any = None,
        *,
        up: Any = None,
        pieces: bool = True,
    ) -> Tensors:
        """Return what the model says of a batch of clips.

        Bone lengths come from all frames of a clip, of a causal model from those so far; where the
        recipe samples some of them (``paper``), its sample is an estimate of that.

        Args:
            keypoints: (N, T, J, 2) in the model's layout and rate: normalised screen coordinates,
                or, of a model of the canonical view, rays x / z, y / z.
            visibility: (N, T, J) in [0, 1].
            frames: (N,) valid frames of each row, at least 1; what follows them changes nothing.
                ``None``: all are valid.
            up: (N, 3) the direction against gravity in the camera's axes, of any length; zeros say
                that it is not known. ``None``: the model estimates it. For a model of the canonical
                view.
            pieces: bound the memory by taking some frames at a time.

        Returns:
            See ``Tensors``; the root as regressed, near zero. What belongs to frames after the
            valid ones is no estimate.
        """
        each = self.frame_estimates(keypoints, visibility, frames, up=up, pieces=pieces)
        if each.lengths is None:
            return {"positions": each.vectors}
        person, weights = self.pooled(each.lengths, each.logits, frames, pieces=pieces)
        found = {
            "positions": self.regressed(person, each, pieces=pieces),
            "bone_lengths": person,
            "bone_directions": self.turned_back(each.vectors, each),
        }
        if self.attentive:
            found["bone_length_attention"] = weights
        if each.up is not None:
            found["up"] = each.up
        return found

    def frame_estimates(
        self,
        keypoints: Any,
        visibility: Any,
        frames: Any = None,
        *,
        up: Any = None,
        pieces: bool = True,
    ) -> FrameEstimates:
        """Return what the networks say of each frame.

        Args:
            keypoints, visibility, frames, up, pieces: see ``estimate``.
        """
        arrays, xp = self.arrays, self.arrays.xp
        if frames is not None:
            keypoints, visibility = (
                self._edge_repeated(values, frames) for values in (keypoints, visibility)
            )
        if self.view is None:
            flat = for_lengths = arrays.flattened(keypoints, 2)
            axes = up = None
        else:
            seen = self._seen(self.view, keypoints, visibility, frames, up, pieces)
            flat, for_lengths, axes = seen.keypoints, seen.for_lengths, seen.axes
            up = seen.up + xp.zeros_like(axes[..., 0])
            if frames is not None:  # The person's running mean goes on where frames are repeated.
                flat = self._edge_repeated(flat, frames)
        n, bones = 3 * self.directions.vectors, self.skeleton.bone_count
        channels = n if self.lengths is None else n + 2 * bones

        def part(values: Any, start: Any, length: Any) -> Any:
            flat, visibility, for_lengths = values
            vectors = self.directions.of_frames(flat, visibility, start, length, pieces=pieces)
            found = [arrays.flattened(vectors, 2)]
            if self.lengths is not None:
                found += self.lengths(for_lengths[:, start : start + length])
            return xp.concatenate(found, axis=-1) if len(found) > 1 else found[0]

        given = flat, visibility, for_lengths
        found = self._in_parts(part, given, pieces, channels)
        vectors = arrays.divided(found[..., :n], self.directions.vectors, 3)
        if self.lengths is None:
            return FrameEstimates(vectors)
        return FrameEstimates(vectors, found[..., n : n + bones], found[..., n + bones :], axes, up)

    def _seen(
        self,
        view: CanonicalView,
        rays: Any,
        visibility: Any,
        frames: Any,
        up: Any,
        pieces: bool,
    ) -> CanonicalFrames:
        """Return frames in the canonical view, by the given up direction or the estimated one."""
        xp = self.arrays.xp
        sums = view.sums_so_far(view.frame_sums(rays, visibility))
        if up is not None:
            return view.frames(rays, visibility, sums, up[:, None])

        def part(values: Any, start: Any, length: Any) -> Any:
            return view.votes(*(array[:, start : start + length] for array in values))

        votes = self._in_parts(part, (rays, visibility, sums), pieces, 3)
        if self.causal:
            return view.frames(rays, visibility, sums, xp.cumsum(votes, axis=1))
        if frames is not None:
            valid = xp.arange(self.arrays.frames(rays), dtype="int32")[None] < frames[:, None]
            votes = xp.where(valid[..., None], votes, xp.zeros_like(votes))
        return view.frames(rays, visibility, sums, xp.sum(votes, axis=1, keepdims=True))

    def _in_parts(self, part: PartOf, values: tuple[Any, ...], pieces: bool, channels: int) -> Any:
        """Return what a function gives of all frames, (N, T, channels)."""
        count = self.arrays.frames(values[0])
        if not pieces:
            return part(values, 0, count)
        least = self.directions.receptive_field
        return self.arrays.in_parts(part, values, count, least, sizes=(channels,))

    def turned_back(self, vectors: Any, each: FrameEstimates) -> Any:
        """Return vectors (N, T, n, 3) of the network's view in the camera's axes."""
        return vectors if each.axes is None else turned_back(vectors, each.axes, self.arrays.xp)

    def pooled(
        self, lengths: Any, logits: Any, frames: Any = None, *, pieces: bool = True
    ) -> tuple[Any, Any]:
        """Return a person's bone lengths (N, b) or (N, T, b), and each frame's weight (N, T, b).

        The weights are those in the bone lengths of the clip's last frame; ``None`` where
        neighbouring frames are pooled.

        Args:
            lengths, logits: (N, T, b) of each frame.
            frames: (N,) valid frames; ``None``: all.
            pieces: see ``estimate``.
        """
        arrays, xp = self.arrays, self.arrays.xp
        count = arrays.frames(lengths)
        if self.around:
            last = count - 1 if frames is None else frames[:, None] - 1
            last = last + 0 * xp.arange(xp.shape(lengths)[0], dtype="int32")[:, None]

            def part(values: Any, start: Any, length: Any) -> Any:
                lengths, logits, last = values
                targets = xp.minimum(start + xp.arange(length, dtype="int32")[None], last)
                chosen = frames_around(targets, last + 1, self.around, self.causal, xp)
                return pooled_over(lengths, logits, chosen, xp)

            given = lengths, logits, last
            return self._in_parts(part, given, pieces, self.skeleton.bone_count), None
        counted = logits
        if frames is not None:
            valid = xp.arange(count, dtype="int32")[None] < frames[:, None]
            counted = xp.where(valid[..., None], logits, xp.full_like(logits, NEVER))
        weights = attention(counted, xp)
        if self.causal:
            return pooled_so_far(lengths, logits, xp), weights
        return xp.sum(weights * lengths, axis=1), weights

    def regressed(self, lengths: Any, each: FrameEstimates, *, pieces: bool = True) -> Any:
        """Return positions (N, T, J, 3), metres, in the camera's axes, the root as regressed.

        Args:
            lengths: (N, b) of clips or (N, T, b) of frames, metres.
            each: what the networks say of each frame.
            pieces: see ``estimate``.
        """
        assert self.positions is not None
        regress, of_frames = self.positions, len(lengths.shape) == 3
        if not of_frames:
            lengths = lengths[:, None]
        if not pieces:
            return self.turned_back(regress(lengths, each.vectors), each)

        def part(values: Any, start: Any, length: Any) -> Any:
            lengths, vectors = values
            chosen = slice(start, start + length)
            return regress(lengths[:, chosen] if of_frames else lengths, vectors[:, chosen])

        both, sizes = (lengths, each.vectors), (self.skeleton.joint_count, 3)
        count = self.arrays.frames(each.vectors)
        found = self.arrays.in_parts(part, both, count, FRAMES_AT_ONCE, sizes=sizes)
        return self.turned_back(found, each)

    def memory(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of what ``step`` remembers of a person, by name."""
        levels = self.directions.memory().items()
        shapes: dict[str, tuple[int, ...]] = {FRAMES: ()}
        shapes |= {name: size for name, size in levels if size[0]}
        if self.lengths is not None:
            shapes |= dict.fromkeys(SUMS, (self.skeleton.bone_count,))
        if self.view is not None:
            shapes |= {PERSON: (PERSON_SUMS,), VOTES: (3,)}
        return shapes

    def step(self, keypoints: Any, visibility: Any, memory: Tensors) -> tuple[Tensors, Tensors]:
        """Return the newest frame's poses of several people, and the memory after it.

        After each frame the positions equal those of the causal clip so far.

        Args:
            keypoints: (N, J, 2) normalised screen coordinates, without gaps.
            visibility: (N, J) in [0, 1].
            memory: arrays (N, ...) of the shapes of ``memory``; all zeros begin.

        Returns:
            ``positions`` (N, J, 3) metres, root as regressed; not from the baseline also
            ``bone_lengths`` (N, b) metres and ``bone_directions`` (N, b, 3); and the memory.

        Raises:
            AnatomyError: when the model has no streams.
        """
        if not self.streams:
            raise AnatomyError(
                "a stream needs a causal model whose bone lengths come from all past frames"
            )
        arrays, xp = self.arrays, self.arrays.xp
        new = memory[FRAMES] == 0
        after = {FRAMES: memory[FRAMES] + 1}
        flat = for_lengths = arrays.flattened(keypoints, 2)[:, None]
        axes = up = None
        if self.view is not None:
            past = {
                name: xp.where(new[:, None], xp.zeros_like(memory[name]), memory[name])
                for name in (PERSON, VOTES)
            }
            seen, remembered = self.seen_next(keypoints, visibility, past)
            flat, for_lengths, axes = seen.keypoints, seen.for_lengths, seen.axes
            up, after = seen.up, after | remembered
        timeline = Step(arrays, self.directions.receptive_field, memory, new)
        vectors = self.directions.of_timeline(flat, visibility[:, None], timeline, pieces=False)
        after |= timeline.kept()
        if self.lengths is None:
            return {"positions": vectors[:, 0]}, after
        empty = (NEVER, 0.0, 0.0)
        past_sums = tuple(
            xp.where(new[:, None], xp.full_like(memory[name], value), memory[name])
            for name, value in zip(SUMS, empty, strict=True)
        )
        lengths, logits = self.lengths(for_lengths)
        frame = first_sums(lengths[:, 0], logits[:, 0], xp)
        sums = joined_sums(xp)(past_sums, frame)
        after |= dict(zip(SUMS, sums, strict=True))
        person = sums[1] / sums[2]
        each = FrameEstimates(vectors, axes=axes, up=up)
        found = {
            "positions": self.regressed(person, each, pieces=False)[:, 0],
            "bone_lengths": person,
            "bone_directions": self.turned_back(vectors, each)[:, 0],
        }
        if up is not None:
            found["up"] = up[:, 0]
        return found, after

    def seen_next(
        self, rays: Any, visibility: Any, past: Tensors
    ) -> tuple[CanonicalFrames, Tensors]:
        """Return a stream's newest frame in the canonical view, and what is remembered after it.

        Args:
            rays: (N, J, 2).
            visibility: (N, J).
            past: ``PERSON`` and ``VOTES`` as they were returned for the frame before; zeros begin.
        """
        assert self.view is not None
        rays, visibility = rays[:, None], visibility[:, None]
        sums = self.view.kept * past[PERSON][:, None] + self.view.frame_sums(rays, visibility)
        votes = past[VOTES][:, None] + self.view.votes(rays, visibility, sums)
        after = {PERSON: sums[:, 0], VOTES: votes[:, 0]}
        return self.view.frames(rays, visibility, sums, votes), after

    def _edge_repeated(self, values: Any, frames: Any) -> Any:
        """Return the last valid frame in place of those after it."""
        xp, count = self.arrays.xp, self.arrays.frames(values)
        chosen = xp.minimum(xp.arange(count, dtype="int32")[None], frames[:, None] - 1)
        return frames_of(values, chosen, xp)


def mirrored(keypoints: Any, visibility: Any, skeleton: Skeleton, xp: Any) -> tuple[Any, Any]:
    """Return the mirror image of keypoints (..., J, 2) and visibility (..., J)."""
    return flip_points(keypoints, skeleton, xp), flip_visibility(visibility, skeleton, xp)


def averaged(found: Tensors, of_mirror_image: Tensors, skeleton: Skeleton, xp: Any) -> Tensors:
    """Return the mean of what was found of clips and, mirrored back, of their mirror images.

    Args:
        found: see ``Tensors``.
        of_mirror_image: likewise.
        skeleton: of the positions.
        xp: NumPy or ``keras.ops``.
    """
    bones = np.array(skeleton.bone_flip_order)
    means = {}
    for name, values in found.items():
        other = of_mirror_image[name]
        if name == "positions":
            other = flip_points(other, skeleton, xp)
        elif name == "bone_directions":
            other = flip_vectors(xp.take(other, bones, axis=-2))
        elif name == "up":
            other = flip_vectors(other)
        else:
            other = xp.take(other, bones, axis=-1)
        means[name] = (values + other) * np.float32(0.5)
    for name in ("bone_directions", "up"):
        if name in means:
            means[name] = unit(means[name], xp=xp)
    return means
