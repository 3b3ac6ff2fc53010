"""A trained model as a TensorFlow graph that needs nothing of this package."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.export.bone_length_graph import (
    NEVER,
    FrameLengthGraph,
    PositionGraph,
    pool_all,
    pool_around,
    pool_past,
)
from anatomy_tf.export.graph_products import in_pieces, resized, shape_of, unit
from anatomy_tf.export.temporal_graph import TemporalGraph
from anatomy_tf.models import AnatomyLifter, VideoPose

FRAMES_AT_ONCE = 2048
"""Rows times frames that the first sub-network sees at a time."""

Tensors = dict[str, Any]


class LiftingGraph(tf.Module):
    """Lifts normalised keypoints of clips of any length and number, as ``Lifter.estimate`` does.

    Batch normalisation is folded into the products, whose weights are variables of this module.
    Memory grows with a clip's length only by its keypoints and poses: the network sees
    ``FRAMES_AT_ONCE`` frames at a time.

    Where the recipe samples frames for the bone lengths (``paper``), all frames count here: the
    sample is an estimate of it, and a graph has no use for randomness.

    Args:
        model: the trained model. Its weights are copied.
        flip: average with the mirror image's estimate.

    Attributes:
        per_frame_lengths: whether bone lengths are of each frame instead of the clip.
        attentive: whether there is a ``bone_length_attention``.
        streams: whether ``step`` works: the model is causal, and its bone lengths come from all
            past frames.
    """

    def __init__(self, model: AnatomyLifter | VideoPose, *, flip: bool = True) -> None:
        super().__init__(name="lifting")
        self.flip = flip
        self.skeleton = model.skeleton
        self.receptive_field, self.causal, self.fps = model.receptive_field, model.causal, model.fps
        self.temporal = TemporalGraph(model)
        self.frame_lengths = self.positions = None
        self.around = 0
        self.attentive = False
        if isinstance(model, AnatomyLifter):
            self.frame_lengths, self.positions = FrameLengthGraph(model), PositionGraph(model)
            if model.config.length_frames == "consecutive":
                self.around = model.sampled_frames
            self.attentive = model.config.length_pooling == "attention" and not self.around
        self.per_frame_lengths = self.frame_lengths is not None and bool(self.causal or self.around)
        self.streams = self.causal and not self.around

    def estimate(
        self,
        keypoints: Any,
        visibility: Any,
        frames: Any = None,
        *,
        flip: bool | None = None,
        pieces: bool = True,
    ) -> Tensors:
        """What the model says of a batch of clips.

        Args:
            keypoints: (B, T, J, 2) normalised screen coordinates in the model's layout and frame
                rate.
            visibility: (B, T, J) in [0, 1].
            frames: (B,) int32 valid frames of each row, at least 1; what follows them changes
                nothing. ``None``: all are valid.
            flip: average with the mirror image's estimate; by default as the graph was made.
            pieces: bound the memory by loops. ``False`` for converters that do not like them.

        Returns:
            ``positions`` (B, T, J, 3) metres, the root joint at the origin (``Lifter.estimate``
            gives the root as regressed, near zero), ``bone_lengths`` (B, b) metres, or (B, T, b)
            when ``per_frame_lengths``, ``bone_directions`` (B, T, b, 3) and, when ``attentive``,
            ``bone_length_attention`` (B, T, b), each frame's weight in the bone lengths of the
            clip's last frame. The baseline gives ``positions`` only. Padding frames are 0.
        """
        flip = self.flip if flip is None else flip
        if frames is not None:
            keypoints, visibility = (
                _edge_repeated(values, frames) for values in (keypoints, visibility)
            )
        if not flip:
            found = self._one_sided(keypoints, visibility, frames, pieces)
        else:
            keypoints, visibility = self._with_mirror_image(keypoints, visibility)
            twice = None if frames is None else tf.concat([frames, frames], axis=0)
            found = self._averaged(self._one_sided(keypoints, visibility, twice, pieces))
        root = self.skeleton.root
        found["positions"] = found["positions"] - found["positions"][:, :, root : root + 1]
        if frames is None:
            return found
        return {
            name: values
            if name == "bone_lengths" and not self.per_frame_lengths
            else _zero_after(values, frames)
            for name, values in found.items()
        }

    def _one_sided(self, keypoints: Any, visibility: Any, frames: Any, pieces: bool) -> Tensors:
        """The same without averaging, root and padding as they come."""
        rows, count = shape_of(keypoints)[:2]
        joints, around = self.skeleton.joint_count, self.receptive_field - 1
        flat = resized(keypoints, keypoints, 2, 2 * joints)
        before = around if self.causal else around // 2
        padded = [_surrounded(v, before, around - before) for v in (flat, visibility)]

        def per_frame(start: Any, length: Any) -> Any:
            wide = [values[:, start : start + length + around] for values in padded]
            vectors = self.temporal(*wide, pieces=pieces)
            found = [resized(vectors, vectors, 2, 3 * self.temporal.vectors)]
            if self.frame_lengths is not None:
                found += self.frame_lengths(flat[:, start : start + length])
            return tf.concat(found, axis=-1)

        sizes = [3 * self.temporal.vectors]
        if self.frame_lengths is not None:
            sizes += [self.skeleton.bone_count] * 2
        if pieces:
            at_once = tf.maximum(FRAMES_AT_ONCE // rows, 1)
            values = in_pieces(per_frame, count, at_once, sum(sizes))
        else:
            values = per_frame(0, count)
        parts = tf.split(values, sizes, axis=-1)
        vectors = resized(parts[0], parts[0], 2, self.temporal.vectors, 3)
        if self.frame_lengths is None:
            return {"positions": vectors}
        lengths, attention = self._pooled(parts[1], parts[2], frames)
        found = {
            "positions": self._positions(lengths, vectors, pieces),
            "bone_lengths": lengths,
            "bone_directions": vectors,
        }
        if self.attentive:
            found["bone_length_attention"] = attention
        return found

    def _pooled(self, lengths: Any, logits: Any, frames: Any) -> tuple[Any, Any]:
        """Bone lengths (N, b) or (N, T, b), and each frame's weight (N, T, b)."""
        rows, count = shape_of(lengths)[:2]
        if self.around:
            valid = tf.fill([rows], count) if frames is None else frames
            return pool_around(lengths, logits, valid, self.around, self.causal), None
        counted = logits
        if frames is not None:
            valid = tf.sequence_mask(frames, count)[..., None]
            counted = tf.where(valid, logits, NEVER)
        pooled, attention = pool_all(lengths, counted)
        return (pool_past(lengths, logits) if self.causal else pooled), attention

    def _positions(self, lengths: Any, directions: Any, pieces: bool) -> Any:
        """(N, T, J, 3)."""
        assert self.positions is not None
        regress = self.positions
        if not self.per_frame_lengths:
            lengths = lengths[:, None]
        if not pieces:
            return regress(lengths, directions)
        rows, count = shape_of(directions)[:2]
        joints = self.skeleton.joint_count

        def some(start: Any, length: Any) -> Any:
            frames = slice(start, start + length)
            of_frames = lengths[:, frames] if self.per_frame_lengths else lengths
            positions = regress(of_frames, directions[:, frames])
            return resized(positions, positions, 2, 3 * joints)

        at_once = tf.maximum(FRAMES_AT_ONCE // rows, 1)
        flat = in_pieces(some, count, at_once, 3 * joints)
        return resized(flat, flat, 2, joints, 3)

    def _with_mirror_image(self, keypoints: Any, visibility: Any) -> tuple[Any, Any]:
        """Both batches, the mirror images second."""
        order = list(self.skeleton.flip_order)
        mirrored = tf.gather(keypoints, order, axis=2) * np.array([-1, 1], np.float32)
        return (
            tf.concat([keypoints, mirrored], axis=0),
            tf.concat([visibility, tf.gather(visibility, order, axis=2)], axis=0),
        )

    def _averaged(self, both: Tensors) -> Tensors:
        """The mean of estimates and mirrored estimates."""
        bones = list(self.skeleton.bone_flip_order)
        mirror = np.array([-1, 1, 1], np.float32)
        found = {}
        for name, values in both.items():
            plain, mirrored = tf.split(values, 2, axis=0)
            order = list(self.skeleton.flip_order) if name == "positions" else bones
            vectors = name in ("positions", "bone_directions")
            mirrored = tf.gather(mirrored, order, axis=-2 if vectors else -1)
            found[name] = (plain + (mirrored * mirror if vectors else mirrored)) * 0.5
        if "bone_directions" in found:
            found["bone_directions"] = unit(found["bone_directions"])
        return found


def _edge_repeated(values: Any, frames: Any) -> Any:
    """The last valid frame in place of those after it."""
    at = tf.minimum(tf.range(tf.shape(values)[1])[None], frames[:, None] - 1)
    return tf.gather(values, at, batch_dims=1)


def _zero_after(values: Any, frames: Any) -> Any:
    valid = tf.sequence_mask(frames, tf.shape(values)[1], values.dtype)
    return values * tf.reshape(valid, [*shape_of(valid), *[1] * (len(values.shape) - 2)])


def _surrounded(values: Any, before: int, after: int) -> Any:
    """The first and the last frame repeated outside the clip."""
    if not before + after:
        return values
    first, last = values[:, :1], values[:, -1:]
    parts = [tf.tile(first, [1, before, 1]), values, tf.tile(last, [1, after, 1])]
    return tf.concat(parts if after else parts[:2], axis=1)
