"""A trained model as a TensorFlow graph that needs nothing of this package."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from anatomy_tf.anatomy import bone_directions, unit
from anatomy_tf.export.graph_arrays import GraphArrays
from anatomy_tf.network import preparation
from anatomy_tf.network.estimate import FRAMES, LiftingNetwork, averaged, mirrored
from anatomy_tf.network.weights import Model, network_weights
from anatomy_tf.poses.keypoint_fit import fit_memory, fit_next, fit_to_rays

KEYPOINTS, VISIBILITY = "keypoints", "visibility"
"""The state of a stream in pixels besides the network's memory."""

STATE = "state_"
"""Before the name of each tensor of a stream's state."""

Tensors = dict[str, Any]


class LiftingGraph(tf.Module):
    """The network (``LiftingNetwork``) traced by TensorFlow, on clips, on pixels and on streams.

    Batch normalisation is folded into the products, whose weights are variables of this module.

    Args:
        model: the trained model, or its weights. They are copied.
        flip: average clips with the mirror image's estimate.
    """

    def __init__(self, model: Model, *, flip: bool = True) -> None:
        super().__init__(name="lifting")
        weights = network_weights(model)
        self.arrays, self.flip = GraphArrays(), flip
        self.network = LiftingNetwork(weights, self.arrays)
        self.skeleton, self.fps = weights.skeleton, weights.config.fps
        self.receptive_field = weights.config.receptive_field
        self.canonical = weights.canonical
        # A module finds its variables in its own attributes only.
        self.weights = self.arrays.variables

    @property
    def streams(self) -> bool:
        """Whether ``step`` works."""
        return self.network.streams

    def estimate(
        self,
        keypoints: Any,
        visibility: Any,
        frames: Any = None,
        *,
        pieces: bool = True,
    ) -> Tensors:
        """Return the model's estimates for a batch of clips, flip averaged if the graph is.

        Args:
            keypoints: (B, T, J, 2) as ``inference.clip_lifter.ClipInput`` says.
            visibility: (B, T, J) in [0, 1].
            frames: (B,) int32 valid frames of each row, at least 1; what follows them changes
                nothing. ``None``: all are valid.
            pieces: bound the memory by loops. ``False`` for converters that do not like them.

        Returns:
            What ``LiftingNetwork.estimate`` gives, but the root joint is at the origin and padding
            frames are 0.
        """
        if not self.flip:
            found = self.network.estimate(keypoints, visibility, frames, pieces=pieces)
        else:
            image = mirrored(keypoints, visibility, self.skeleton, self.arrays.xp)
            found = self.network.estimate(
                tf.concat([keypoints, image[0]], axis=0),
                tf.concat([visibility, image[1]], axis=0),
                None if frames is None else tf.concat([frames, frames], axis=0),
                pieces=pieces,
            )
            halves = {name: tf.split(values, 2, axis=0) for name, values in found.items()}
            found = averaged(
                {name: half[0] for name, half in halves.items()},
                {name: half[1] for name, half in halves.items()},
                self.skeleton,
                self.arrays.xp,
            )
        found["positions"] = self._relative(found["positions"])
        if frames is None:
            return found
        once = () if self.network.per_frame_lengths else ("bone_lengths",)
        return {
            name: values if name in once else _zero_after(values, frames)
            for name, values in found.items()
        }

    def lift(self, pixels: Any, visibility: Any, image_size: Any, fps: Any, frames: Any) -> Tensors:
        """Return poses of clips in pixels at their own rates, as ``Lifter.lift`` does.

        Poses of a model of the canonical view are fitted to the keypoints (``fit_to_rays``).

        Args:
            pixels: (B, T, J, 2), NaN where a joint was not detected.
            visibility: (B, T, J) in [0, 1].
            image_size: (B, 2) width and height, pixels.
            fps: (B,) frames a second.
            frames: (B,) valid frames of each row; what follows them changes nothing.

        Returns:
            What ``estimate`` gives, at the clips' rates, but bone lengths (B, b) of any model:
            those of a clip's last frame.
        """
        arrays = self.arrays
        count = arrays.frames(pixels)
        valid = preparation.valid_frames(frames, count, arrays)
        pixels, visibility = preparation.filled(pixels, visibility, valid, arrays)
        fps, own = preparation.exact_rate(fps, arrays), tf.constant(self.fps, tf.float64)
        own_frames = preparation.resampled_frames(frames, fps, own, arrays)
        own_count = tf.reduce_max(own_frames)
        pixels, visibility = (
            preparation.resampled(values, frames, own_count, fps, own, arrays)
            for values in (pixels, visibility)
        )
        seen = preparation.network_keypoints(pixels, image_size, self.canonical, arrays)
        found = self.estimate(seen, visibility, own_frames)
        if self.canonical:
            found |= self._fitted(found, seen, visibility, own_frames)
        lifted = {}
        for name, values in found.items():
            if name == "bone_lengths":
                last = own_frames - 1
                each = self.network.per_frame_lengths
                lifted[name] = tf.gather(values, last, batch_dims=1) if each else values
                continue
            values = preparation.resampled(values, own_frames, count, own, fps, arrays)
            if name in ("bone_directions", "up"):
                values = unit(values, xp=arrays.xp)
            values = _zero_after(values, frames)
            if name == "bone_length_attention":
                values = values / tf.reduce_sum(values, axis=1, keepdims=True)
            lifted[name] = values
        return lifted

    def _fitted(self, found: Tensors, rays: Any, visibility: Any, frames: Any) -> Tensors:
        """Return what ``fit_to_rays`` makes of estimates, in their shapes."""
        arrays, xp = self.arrays, self.arrays.xp
        valid = preparation.valid_frames(frames, arrays.frames(rays), arrays)
        positions, lengths = fit_to_rays(
            found["positions"],
            rays,
            visibility,
            self.skeleton,
            self.fps,
            valid=arrays.cast(valid, "float32"),
            xp=xp,
        )
        directions = bone_directions(positions, self.skeleton, xp)
        if self.network.per_frame_lengths:
            lengths = lengths[:, None] + xp.zeros_like(found["bone_lengths"])
        return {"positions": positions, "bone_lengths": lengths, "bone_directions": directions}

    def network_state(self) -> dict[str, tf.TensorSpec]:
        """Return the state of ``step_normalized``: shapes (people, ...) by name."""
        return {
            f"{STATE}{name}": tf.TensorSpec(
                (None, *shape), tf.int32 if name == FRAMES else tf.float32, f"{STATE}{name}"
            )
            for name, shape in self.network.memory().items()
        }

    def state(self) -> dict[str, tf.TensorSpec]:
        """Return the state of ``step``, which also holds lost joints and what the fit remembers."""
        joints = self.skeleton.joint_count
        own: dict[str, tuple[int, ...]] = {KEYPOINTS: (joints, 2), VISIBILITY: (joints,)}
        if self.canonical:
            own |= fit_memory(self.skeleton)
        return self.network_state() | {
            f"{STATE}{name}": tf.TensorSpec((None, *shape), tf.float32, f"{STATE}{name}")
            for name, shape in own.items()
        }

    def step_normalized(
        self, keypoints: Any, visibility: Any, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        """Return the newest frame's poses of several people, and the state after it.

        Args:
            keypoints: (P, J, 2) as ``estimate`` takes them, without gaps.
            visibility: (P, J) in [0, 1].
            state: of ``network_state``; all zeros begin.

        Returns:
            ``positions`` (P, J, 3) metres, root at the origin, ``bone_lengths`` (P, b) metres and
            ``bone_directions`` (P, b, 3), the last two not from the baseline; and the new state.

        Raises:
            AnatomyError: when the model has no streams.
        """
        memory = {name: state[f"{STATE}{name}"] for name in self.network.memory()}
        found, after = self.network.step(keypoints, visibility, memory)
        found["positions"] = self._relative(found["positions"])
        return found, {f"{STATE}{name}": values for name, values in after.items()}

    def step(
        self, pixels: Any, visibility: Any, image_size: Any, state: Tensors
    ) -> tuple[Tensors, Tensors]:
        """Step with keypoints in pixels and lost joints held (``preparation.held``).

        Poses of a model of the canonical view are fitted to the keypoints so far (``fit_next``).
        Until a person is first seen the poses are NaN and the state stays as it is.

        Args:
            pixels: (P, J, 2), NaN where a joint was not detected, at the model's frame rate.
            visibility: (P, J) in [0, 1].
            image_size: (P, 2) width and height, pixels.
            state: of ``state``.
        """
        lost = preparation.not_found(pixels, visibility, self.arrays)
        before = state[f"{STATE}{FRAMES}"] > 0
        started = before | ~tf.reduce_all(lost, axis=1)
        screen = preparation.network_keypoints(pixels, image_size, self.canonical, self.arrays)
        past = state[f"{STATE}{KEYPOINTS}"], state[f"{STATE}{VISIBILITY}"], before
        kept = preparation.kept_visibility(self.fps)
        seen = preparation.held(screen, visibility, lost, past, kept, self.arrays)
        found, after = self.step_normalized(*seen, state)
        if self.canonical:
            self._fit_newest(found, after, seen, state)
        after |= {f"{STATE}{KEYPOINTS}": seen[0], f"{STATE}{VISIBILITY}": seen[1]}
        return (
            {name: _where(started, values, float("nan")) for name, values in found.items()},
            {name: _where(started, values, state[name]) for name, values in after.items()},
        )

    def _fit_newest(
        self, found: Tensors, after: Tensors, seen: tuple[Any, Any], state: Tensors
    ) -> None:
        """Put fitted poses into what was found, and what the fit remembers into the new state."""
        xp = self.arrays.xp
        past = {name: state[f"{STATE}{name}"] for name in fit_memory(self.skeleton)}
        positions, lengths, memory = fit_next(
            found["positions"], *seen, past, self.skeleton, self.fps, xp=xp
        )
        directions = bone_directions(positions, self.skeleton, xp)
        found |= {"positions": positions, "bone_lengths": lengths, "bone_directions": directions}
        after |= {f"{STATE}{name}": values for name, values in memory.items()}

    def _relative(self, positions: Any) -> Any:
        """Return positions (..., J, 3) with the root at the origin."""
        root = self.skeleton.root
        return positions - positions[..., root : root + 1, :]


def _zero_after(values: Any, frames: Any) -> Any:
    valid = tf.sequence_mask(frames, tf.shape(values)[1], values.dtype)
    for _ in range(values.shape.rank - 2):
        valid = valid[..., None]
    return values * valid


def _where(rows: Any, values: Any, otherwise: Any) -> Any:
    return tf.where(tf.reshape(rows, [-1, *[1] * (len(values.shape) - 1)]), values, otherwise)
