"""The training form on chunks of neighbouring target frames, which share their convolutions.

Windows of neighbouring frames see nearly the same frames. A chunk of F target frames is given as
F + R - 1 frames, each once; every level is a dilated convolution over them, and the second
sub-network is split as ``network.directions`` splits it. For R = 243 that is 111 C^2 multiply-adds
a target frame, against 521 C^2 by windows. Batch normalisation takes its statistics over the frames
of a batch's chunks.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import unit
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_whole
from anatomy_tf.layers import TemporalBlock, TemporalConvolution
from anatomy_tf.models.anatomy_lifter import AnatomyLifter
from anatomy_tf.models.lifting_model import LiftingModel
from anatomy_tf.models.recipe import Recipe


class ChunkedLifter(LiftingModel):
    """An ``AnatomyLifter`` that is trained on chunks; it shares the lifter's weights.

    Inputs and outputs are the lifter's, but ``keypoints``, ``visibility`` and ``view`` have
    F + R - 1 frames, and ``positions``, ``bone_directions_q`` and ``joint_shifts_q`` one value for
    each of the F target frames: (B, F, ...).

    Args:
        lifter: the model, of one or two sub-networks with long skips.
        frames: F.

    Raises:
        AnatomyError: for another kind of model, or F that is no whole number above 0.
    """

    def __init__(self, lifter: AnatomyLifter, frames: int) -> None:
        config = lifter.config
        if not is_whole(frames) or frames < 1:
            raise AnatomyError(f"chunks: expected at least one frame, got {frames!r}")
        if config.sub_networks > 2 or not config.long_skips:
            raise AnatomyError(
                "chunks: expected at most two sub-networks with long skips, got "
                f"{config.sub_networks} {'with' if config.long_skips else 'without'} them"
            )
        inputs = {}
        for given in lifter.inputs:
            shape = given.shape[1:]
            if given.name in ("keypoints", "visibility", "view"):
                shape = (lifter.receptive_field + frames - 1, *shape[1:])
            inputs[given.name] = keras.Input(shape, name=given.name)
        outputs = ChunkForm(lifter, frames, name="chunk_form")(inputs)
        super().__init__(inputs=inputs, outputs=outputs, name=f"{lifter.name}_on_chunks")
        self.output_names, self.input_names = sorted(outputs), sorted(inputs)
        self.config, self.chunk_frames = config, frames

    @property
    def recipe(self) -> Recipe:
        """The recipe that the model follows."""
        return self.get_layer("chunk_form").lifter.recipe

    @property
    def sampled_frames(self) -> int:
        """l, frames of the whole video that bone lengths are estimated from."""
        return self.config.sampled_frames

    @property
    def sub_networks(self) -> int:
        """Number of stacked direction sub-networks."""
        return self.config.sub_networks


class ChunkForm(keras.layers.Layer):
    """A layer that evaluates a lifter on chunks with the lifter's own layers.

    Args:
        lifter: the model.
        frames: F.
    """

    def __init__(self, lifter: AnatomyLifter, frames: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lifter, self.frames = lifter, frames
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        lifter, config, recipe = self.lifter, self.lifter.config, self.lifter.recipe
        outputs = self._of_sampled_frames(inputs, training)
        directions = self._directions(inputs, training)
        top = directions[f"bone_directions_{config.sub_networks}"]
        if not recipe.positions_train_directions:
            top = ops.stop_gradient(top)
        lengths = outputs["bone_lengths"]
        # The heads see one frame at a time: frames of all chunks are rows.
        each = ops.repeat(lengths, self.frames, axis=0)
        rows = {name: _rows(values) for name, values in (("top", top), *directions.items())}
        positions = lifter.get_layer("joint_positions")([ops.stop_gradient(each), rows["top"]])
        outputs["positions"] = self._chunks(positions)
        if config.joint_shift:
            for name in directions:
                q = name.rpartition("_")[2]
                shifts = lifter.get_layer(f"joint_shift_{q}")([each, rows[name]])
                outputs[f"joint_shifts_{q}"] = self._chunks(shifts)
        return outputs | directions

    def compute_output_spec(self, inputs: dict[str, Any], training: bool = False) -> Any:
        found = {}
        for name, spec in self.lifter.output.items():
            of_frames = name.startswith(("bone_directions", "joint_shifts")) or name == "positions"
            shape = (spec.shape[0], self.frames, *spec.shape[1:]) if of_frames else spec.shape
            found[name] = keras.KerasTensor(shape, dtype="float32")
        return found

    def _of_sampled_frames(self, inputs: dict[str, Any], training: bool) -> dict[str, Any]:
        """Return the outputs that come from frames of the whole video."""
        lifter = self.lifter
        length_network = lifter.get_layer("bone_length_network")
        attention = None
        if lifter.config.length_pooling == "attention":
            attention = lifter.get_layer("bone_length_attention")
        found: dict[str, Any] = {}
        for kind in ("sampled", "augmented"):
            if f"{kind}_keypoints" not in inputs:
                continue
            frames = inputs[f"{kind}_keypoints"]
            if "sampled_view" in inputs:
                frames = [frames, inputs["sampled_visibility"], inputs["sampled_view"]]
            values = length_network(frames, training=training)
            lengths = lifter.pooled_lengths(values, attention)
            prefix = "" if kind == "sampled" else "augmented_"
            found[f"{prefix}bone_lengths"] = lengths
            if f"{kind}_positions" in lifter.output_names:
                found[f"{kind}_positions"] = values[:, 0]
        if "unlevelled_keypoints" in inputs:
            seen = [inputs["unlevelled_keypoints"], inputs["sampled_visibility"]]
            found["up"] = lifter.get_layer("up_network")(seen, training=training)
        return found

    def _directions(self, inputs: dict[str, Any], training: bool) -> dict[str, Any]:
        """Return the bone directions (B, F, b, 3) of each sub-network."""
        config = self.lifter.config
        layer = self.lifter.get_layer("bone_direction_network").get_layer
        stem_width, *widths = config.filter_widths
        values = _flat(inputs["keypoints"])
        if config.visibility == "concatenation":
            values = ops.concatenate([values, inputs["visibility"]], axis=-1)
        if "view" in inputs:
            values = ops.concatenate([values, inputs["view"]], axis=-1)
        values = ops.cast(values, self.compute_dtype)
        own = _over_frames(layer("sub_network_1_stem"), values, 1, training)
        block_input = own
        if config.visibility == "attention" and widths:
            scores = layer("visibility_attention").visibility
            seen = ops.cast(inputs["visibility"], self.compute_dtype)
            seen = _over_frames(scores, seen, 1, training)
            block_input = ops.concatenate([own, own * seen], axis=-1)
        entered, span = [], stem_width
        for i, width in enumerate(widths, start=1):
            block: TemporalBlock = layer(f"sub_network_1_block_{i}")
            entered.append(own)
            features = _over_frames(block.temporal, block_input, span, training)
            features = block.pointwise(features, training=training)
            place = (width - 1 if block.causal else width // 2) * span
            own = block_input = own[:, place : place + features.shape[1]] + features
            span *= width
        found = {"bone_directions_1": self._unit(layer("bone_directions_1").vectors(own))}
        if config.sub_networks == 2:
            top = self._second_sub_network(own, entered, found["bone_directions_1"], training)
            found["bone_directions_2"] = self._unit(layer("bone_directions_2").vectors(top))
        return found

    def _second_sub_network(
        self, top: Any, entered: list[Any], directions: Any, training: bool
    ) -> Any:
        """Return the second sub-network's top features (B, F, C)."""
        config, recipe = self.lifter.config, self.lifter.recipe
        layer = self.lifter.get_layer("bone_direction_network").get_layer
        channels, field = config.channels, self.lifter.receptive_field
        own = ops.stop_gradient(top)
        if recipe.upper_input == "directions":
            flat = ops.cast(_flat(ops.stop_gradient(directions)), self.compute_dtype)
            own = layer("sub_network_2_stem")(flat, training=training)
        # All positions of a target's window are equal at first, so one stands for all.
        own = own[:, :, None]
        span = config.filter_widths[0]
        for i, width in enumerate(config.filter_widths[1:], start=1):
            block: TemporalBlock = layer(f"sub_network_2_block_{i}")
            skip = _taps(ops.stop_gradient(entered[i - 1]), span, width)
            span *= width
            positions = field // span
            half = block.temporal.product(skip, channels)
            features = _positions(half, span, positions, self.frames)
            if own.shape[2] == 1:
                grouped, residual = ops.tile(own, (1, 1, 1, width)), own
            else:
                groups = ops.reshape(own, (-1, self.frames, positions, width, channels))
                grouped = _flat(groups)
                residual = groups[:, :, :, width - 1 if block.causal else width // 2]
            features = features + block.temporal.product(grouped, 0, channels)
            features = block.temporal.activated(features, training)
            features = ops.reshape(features, (-1, self.frames * positions, channels))
            features = block.pointwise(features, training=training)
            features = ops.reshape(features, (-1, self.frames, positions, channels))
            own = residual + features
        return own[:, :, 0]

    def _unit(self, vectors: Any) -> Any:
        """Return (B, F, 3 b) vectors as bone directions (B, F, b, 3)."""
        bones = vectors.shape[-1] // 3
        return unit(ops.reshape(vectors, (-1, self.frames, bones, 3)), xp=ops)

    def _chunks(self, rows: Any) -> Any:
        """Reshape (B F, ...) to (B, F, ...)."""
        return ops.reshape(rows, (-1, self.frames, *rows.shape[1:]))


def _rows(values: Any) -> Any:
    """Reshape (B, F, ...) to (B F, ...)."""
    return ops.reshape(values, (-1, *values.shape[2:]))


def _flat(values: Any) -> Any:
    """Return values with the last two axes joined."""
    return ops.reshape(values, (-1, *values.shape[1:-2], values.shape[-2] * values.shape[-1]))


def _taps(values: Any, span: int, width: int) -> Any:
    """Return the taps (B, T - (width - 1) span, width * C) of each position of (B, T, C)."""
    count = values.shape[1] - (width - 1) * span
    taps = [values[:, k * span : k * span + count] for k in range(width)]
    return taps[0] if width == 1 else ops.concatenate(taps, axis=-1)


def _over_frames(convolution: TemporalConvolution, values: Any, span: int, training: bool) -> Any:
    """Return a convolution's features over all frames, its taps ``span`` frames apart."""
    taps = _taps(values, span, convolution.width)
    return convolution.activated(convolution.product(taps), training)


def _positions(values: Any, span: int, positions: int, frames: int) -> Any:
    """Return the values (B, F, positions, C) at each position of F windows over (B, T, C)."""
    found = [values[:, p * span : p * span + frames] for p in range(positions)]
    return ops.stack(found, axis=2)
