"""A causal model one frame at a time: its memory goes in and comes out as tensors.

What is remembered is what a whole clip's layers look back at (``inference/streaming_network.py``),
newest last, and the softmax sums of the bone lengths.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.bone_length_graph import NEVER, joined_sums
from anatomy_tf.export.clip_graph import normalized
from anatomy_tf.export.graph_products import shape_of
from anatomy_tf.export.lifting_graph import LiftingGraph

HALF_LIFE = 0.2
"""Seconds in which a lost joint's visibility halves, as ``StreamingLifter`` has it."""

FRAMES = "state_frames"
KEYPOINTS, VISIBILITY = "state_keypoints", "state_visibility"
SUMS = ("state_largest_logit", "state_length_numerator", "state_length_denominator")

Tensors = dict[str, Any]


class StreamingGraph(tf.Module):
    """Lifts the newest frame of several people, without flip averaging.

    The state is a dict of tensors whose names begin with ``state_``, people on the first axis; all
    zeros begin. After each frame the positions equal those of the causal whole clip so far.

    Args:
        graph: of a causal model; its weights are shared.

    Raises:
        AnatomyError: when the model has no streams.
    """

    def __init__(self, graph: LiftingGraph) -> None:
        super().__init__(name="stream")
        if not graph.streams:
            raise AnatomyError(
                "a stream needs a causal model whose bone lengths come from all past frames"
            )
        self.graph = graph
        self.kept_visibility = 0.5 ** (1 / (HALF_LIFE * graph.fps))

    def network_state(self) -> dict[str, tf.TensorSpec]:
        """The memory of ``step_normalized``: shapes (people, ...) by name."""
        bones = self.graph.skeleton.bone_count
        specs = {FRAMES: tf.TensorSpec((None,), tf.int32, FRAMES)}
        for name, (frames, channels) in self.graph.temporal.memory().items():
            name = f"state_{name}"
            specs[name] = tf.TensorSpec((None, frames, channels), tf.float32, name)
        if self.graph.frame_lengths is not None:
            specs |= {name: tf.TensorSpec((None, bones), tf.float32, name) for name in SUMS}
        return specs

    def state(self) -> dict[str, tf.TensorSpec]:
        """The memory of ``step``, which also holds joints that are lost."""
        joints = self.graph.skeleton.joint_count
        return {
            **self.network_state(),
            KEYPOINTS: tf.TensorSpec((None, joints, 2), tf.float32, KEYPOINTS),
            VISIBILITY: tf.TensorSpec((None, joints), tf.float32, VISIBILITY),
        }

    def step_normalized(
        self, keypoints: Any, visibility: Any, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        """The newest frame's poses, and the state after it.

        Args:
            keypoints: (P, J, 2) normalised screen coordinates, without gaps.
            visibility: (P, J) in [0, 1].
            state: of ``network_state``.

        Returns:
            ``positions`` (P, J, 3) metres, root at the origin, ``bone_lengths`` (P, b) metres and
            ``bone_directions`` (P, b, 3), the last two not from the baseline; and the new state.
        """
        new = state[FRAMES] == 0
        after = {FRAMES: state[FRAMES] + 1}

        def remember(name: str, values: Any) -> Any:
            name = f"state_{name}"
            if name not in state:
                return values
            past = state[name]
            first = tf.tile(values, [1, past.shape[1], 1])
            whole = tf.concat([tf.where(new[:, None, None], first, past), values], axis=1)
            after[name] = whole[:, 1:]
            return whole

        graph = self.graph
        people, joints, _ = shape_of(keypoints)
        flat = tf.reshape(keypoints, [people, 1, 2 * joints])
        vectors = graph.temporal(flat, visibility[:, None], pieces=False, remember=remember)
        found = {"positions": vectors[:, 0]}
        if graph.frame_lengths is not None and graph.positions is not None:
            lengths, logits = (values[:, 0] for values in graph.frame_lengths(flat))
            empty = (NEVER, 0.0, 0.0)
            past = tuple(
                tf.where(new[:, None], value, state[name])
                for name, value in zip(SUMS, empty, strict=True)
            )
            sums = joined_sums(past, (logits, lengths, tf.ones_like(logits)))
            after |= dict(zip(SUMS, sums, strict=True))
            lengths = sums[1] / sums[2]
            found = {
                "positions": graph.positions(lengths[:, None], vectors)[:, 0],
                "bone_lengths": lengths,
                "bone_directions": vectors[:, 0],
            }
        root = graph.skeleton.root
        found["positions"] = found["positions"] - found["positions"][:, root : root + 1]
        return found, after

    def step(
        self, pixels: Any, visibility: Any, image_size: Any, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        """The same in pixels, with lost joints held where they were last seen.

        As ``StreamingLifter``: a lost joint's visibility halves every 0.2 s, a joint that was never
        seen stands at the mean of the person's first detected joints. Until a person is first seen
        the poses are NaN and the state stays as it is.

        Args:
            pixels: (P, J, 2), NaN where a joint was not detected, at the model's frame rate.
            visibility: (P, J) in [0, 1].
            image_size: (P, 2) width and height, pixels.
            state: of ``state``.
        """
        lost = tf.reduce_any(tf.math.is_nan(pixels), axis=-1)
        before = state[FRAMES] > 0
        started = before | ~tf.reduce_all(lost, axis=1)
        screen = normalized(pixels, image_size)
        seen = tf.where(lost[..., None], 0.0, screen)
        count = tf.reduce_sum(tf.cast(~lost, tf.float32), axis=1, keepdims=True)
        middle = tf.reduce_sum(seen, axis=1) / tf.maximum(count, 1)
        held = tf.where(before[:, None, None], state[KEYPOINTS], middle[:, None])
        fading = tf.where(before[:, None], state[VISIBILITY] * self.kept_visibility, 0.0)
        keypoints = tf.where(lost[..., None], held, screen)
        visibility = tf.where(lost, fading, visibility)
        network = {name: state[name] for name in self.network_state()}
        found, after = self.step_normalized(keypoints, visibility, network)
        after |= {KEYPOINTS: keypoints, VISIBILITY: visibility}
        return (
            {name: _where(started, values, float("nan")) for name, values in found.items()},
            {name: _where(started, values, state[name]) for name, values in after.items()},
        )


def _where(rows: Any, values: Any, otherwise: Any) -> Any:
    return tf.where(tf.reshape(rows, [-1, *[1] * (len(values.shape) - 1)]), values, otherwise)
