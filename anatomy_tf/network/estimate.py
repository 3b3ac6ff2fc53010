"""What a model says of clips, and of a stream's newest frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from anatomy_tf.anatomy import unit
from anatomy_tf.errors import AnatomyError
from anatomy_tf.network.arrays import FRAMES_AT_ONCE, NumPyArrays
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
from anatomy_tf.network.directions import DirectionNetwork
from anatomy_tf.network.timelines import Step
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences.frames_around import frames_around
from anatomy_tf.sequences.resampling import frames_of
from anatomy_tf.skeletons import Skeleton

Tensors = dict[str, Any]
"""``positions`` (N, T, J, 3) metres; not from the baseline: ``bone_lengths`` (N, b) or (N, T, b)
metres, ``bone_directions`` (N, T, b, 3) and, where there is an attention over a whole clip,
``bone_length_attention`` (N, T, b)."""

FRAMES = "frames"
SUMS = ("largest_logit", "length_numerator", "length_denominator")
"""What a stream remembers besides the direction network's features."""


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
        if config is not None:
            self.lengths = FrameLengths(weights, arrays)
            self.positions = PositionRegression(weights, arrays)
            if config.length_frames == "consecutive":
                self.around = config.sampled_frames
            self.attentive = config.length_pooling == "attention" and not self.around
        self.per_frame_lengths = self.lengths is not None and bool(self.causal or self.around)
        self.streams = self.causal and not self.around

    def estimate(
        self, keypoints: Any, visibility: Any, frames: Any = None, *, pieces: bool = True
    ) -> Tensors:
        """Return what the model says of a batch of clips.

        Bone lengths come from all frames of a clip, of a causal model from those so far; where the
        recipe samples some of them (``paper``), its sample is an estimate of that.

        Args:
            keypoints: (N, T, J, 2) normalised screen coordinates in the model's layout and rate.
            visibility: (N, T, J) in [0, 1].
            frames: (N,) valid frames of each row, at least 1; what follows them changes nothing.
                ``None``: all are valid.
            pieces: bound the memory by taking some frames at a time.

        Returns:
            See ``Tensors``; the root as regressed, near zero. What belongs to frames after the
            valid ones is no estimate.
        """
        vectors, lengths, logits = self.frame_estimates(
            keypoints, visibility, frames, pieces=pieces
        )
        if lengths is None:
            return {"positions": vectors}
        person, weights = self.pooled(lengths, logits, frames)
        found = {
            "positions": self.regressed(person, vectors, pieces=pieces),
            "bone_lengths": person,
            "bone_directions": vectors,
        }
        if self.attentive:
            found["bone_length_attention"] = weights
        return found

    def frame_estimates(
        self, keypoints: Any, visibility: Any, frames: Any = None, *, pieces: bool = True
    ) -> tuple[Any, Any, Any]:
        """Return bone directions (N, T, b, 3), and each frame's bone lengths and logits (N, T, b).

        Of the baseline the first are positions (N, T, J, 3), the others ``None``.

        Args:
            keypoints, visibility, frames, pieces: see ``estimate``.
        """
        arrays = self.arrays
        if frames is not None:
            keypoints, visibility = (
                self._edge_repeated(values, frames) for values in (keypoints, visibility)
            )
        flat = arrays.flattened(keypoints, 2)

        count = arrays.frames(flat)
        n, bones = 3 * self.directions.vectors, self.skeleton.bone_count
        channels = n if self.lengths is None else n + 2 * bones

        def part(values: Any, start: Any, length: Any) -> Any:
            keypoints, visibility = values
            vectors = self.directions.of_frames(keypoints, visibility, start, length, pieces=pieces)
            found = [arrays.flattened(vectors, 2)]
            if self.lengths is not None:
                found += self.lengths(keypoints[:, start : start + length])
            return arrays.xp.concatenate(found, axis=-1) if len(found) > 1 else found[0]

        if pieces:
            least = self.directions.receptive_field
            found = arrays.in_parts(part, (flat, visibility), count, least, sizes=(channels,))
        else:
            found = part((flat, visibility), 0, count)
        vectors = arrays.divided(found[..., :n], self.directions.vectors, 3)
        if self.lengths is None:
            return vectors, None, None
        return vectors, found[..., n : n + bones], found[..., n + bones :]

    def pooled(self, lengths: Any, logits: Any, frames: Any = None) -> tuple[Any, Any]:
        """Return a person's bone lengths (N, b) or (N, T, b), and each frame's weight (N, T, b).

        The weights are those in the bone lengths of the clip's last frame; ``None`` where
        neighbouring frames are pooled.

        Args:
            lengths, logits: (N, T, b) of each frame.
            frames: (N,) valid frames; ``None``: all.
        """
        arrays, xp = self.arrays, self.arrays.xp
        count = arrays.frames(lengths)
        if self.around:
            last = count - 1 if frames is None else frames[:, None] - 1
            targets = xp.minimum(xp.arange(count, dtype="int32")[None], last)
            chosen = frames_around(targets, last + 1, self.around, self.causal, xp)
            chosen = chosen + 0 * xp.arange(xp.shape(lengths)[0], dtype="int32")[:, None, None]
            return pooled_over(lengths, logits, chosen, xp), None
        counted = logits
        if frames is not None:
            valid = xp.arange(count, dtype="int32")[None] < frames[:, None]
            counted = xp.where(valid[..., None], logits, xp.full_like(logits, NEVER))
        weights = attention(counted, xp)
        if self.causal:
            return pooled_so_far(lengths, logits, xp), weights
        return xp.sum(weights * lengths, axis=1), weights

    def regressed(self, lengths: Any, directions: Any, *, pieces: bool = True) -> Any:
        """Return positions (N, T, J, 3), metres, the root as regressed.

        Args:
            lengths: (N, b) of clips or (N, T, b) of frames, metres.
            directions: (N, T, b, 3).
            pieces: see ``estimate``.
        """
        assert self.positions is not None
        regress, each = self.positions, len(lengths.shape) == 3
        if not each:
            lengths = lengths[:, None]
        if not pieces:
            return regress(lengths, directions)

        def part(values: Any, start: Any, length: Any) -> Any:
            lengths, directions = values
            chosen = slice(start, start + length)
            return regress(lengths[:, chosen] if each else lengths, directions[:, chosen])

        count, sizes = self.arrays.frames(directions), (self.skeleton.joint_count, 3)
        both = lengths, directions
        return self.arrays.in_parts(part, both, count, FRAMES_AT_ONCE, sizes=sizes)

    def memory(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of what ``step`` remembers of a person, by name."""
        levels = self.directions.memory().items()
        shapes: dict[str, tuple[int, ...]] = {FRAMES: ()}
        shapes |= {name: size for name, size in levels if size[0]}
        if self.lengths is not None:
            shapes |= dict.fromkeys(SUMS, (self.skeleton.bone_count,))
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
        timeline = Step(arrays, self.directions.receptive_field, memory, new)
        flat = arrays.flattened(keypoints, 2)[:, None]
        vectors = self.directions.of_timeline(flat, visibility[:, None], timeline, pieces=False)
        after = {FRAMES: memory[FRAMES] + 1, **timeline.kept()}
        if self.lengths is None:
            return {"positions": vectors[:, 0]}, after
        empty = (NEVER, 0.0, 0.0)
        past = tuple(
            xp.where(new[:, None], xp.full_like(memory[name], value), memory[name])
            for name, value in zip(SUMS, empty, strict=True)
        )
        lengths, logits = self.lengths(flat)
        frame = first_sums(lengths[:, 0], logits[:, 0], xp)
        sums = joined_sums(xp)(past, frame)
        after |= dict(zip(SUMS, sums, strict=True))
        person = sums[1] / sums[2]
        found = {
            "positions": self.regressed(person, vectors, pieces=False)[:, 0],
            "bone_lengths": person,
            "bone_directions": vectors[:, 0],
        }
        return found, after

    def _edge_repeated(self, values: Any, frames: Any) -> Any:
        """Return the last valid frame in place of those after it."""
        xp, count = self.arrays.xp, self.arrays.frames(values)
        chosen = xp.minimum(xp.arange(count, dtype="int32")[None], frames[:, None] - 1)
        return frames_of(values, chosen, xp)


def mirrored(keypoints: Any, visibility: Any, skeleton: Skeleton, xp: Any) -> tuple[Any, Any]:
    """Return the mirror image of keypoints (..., J, 2) and visibility (..., J)."""
    order = np.array(skeleton.flip_order)
    sign = np.array([-1, 1], np.float32)
    return xp.take(keypoints, order, axis=-2) * sign, xp.take(visibility, order, axis=-1)


def averaged(found: Tensors, of_mirror_image: Tensors, skeleton: Skeleton, xp: Any) -> Tensors:
    """Return the mean of what was found of clips and, mirrored back, of their mirror images.

    Args:
        found: see ``Tensors``.
        of_mirror_image: likewise.
        skeleton: of the positions.
        xp: NumPy or ``keras.ops``.
    """
    joints, bones = np.array(skeleton.flip_order), np.array(skeleton.bone_flip_order)
    mirror = np.array([-1, 1, 1], np.float32)
    means = {}
    for name, values in found.items():
        other = of_mirror_image[name]
        if name in ("positions", "bone_directions"):
            other = xp.take(other, joints if name == "positions" else bones, axis=-2) * mirror
        else:
            other = xp.take(other, bones, axis=-1)
        means[name] = (values + other) * np.float32(0.5)
    if "bone_directions" in means:
        means["bone_directions"] = unit(means["bone_directions"], xp=xp)
    return means
