"""The anatomy-aware lifter."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from anatomy_tf.anatomy import bone_lengths, symmetric
from anatomy_tf.cameras.canonical_view import VIEW_CHANNELS
from anatomy_tf.layers import BoneLengthAttention, JointPositions, JointShift
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.direction_network import bone_direction_network
from anatomy_tf.models.length_network import bone_length_network
from anatomy_tf.models.lifting_model import LiftingModel
from anatomy_tf.models.precision import dtype_policy, output_dtype
from anatomy_tf.models.recipe import Recipe, get_recipe
from anatomy_tf.models.up_network import up_network
from anatomy_tf.skeletons import get_skeleton


@keras.saving.register_keras_serializable(package="anatomy_tf")
class AnatomyLifter(LiftingModel):
    """The training form of the anatomy-aware network (Figure 1): one window in, one pose out.

    A functional model from a dict of inputs to a dict of outputs; ``compile`` and ``fit`` train it,
    one ``.keras`` file saves it.

    Inputs:
        ``keypoints`` (B, R, J, 2) and ``visibility`` (B, R, J) of the R frames around the target
        (up to it when causal); ``sampled_keypoints`` (B, l, J, 2) of l frames of the whole video,
        in random order; ``augmented_keypoints`` (B, l, J, 2) of frames with changed bone lengths.
        Keypoints are normalised screen coordinates.
    Outputs:
        ``positions`` (B, J, 3) root-relative, metres; ``bone_lengths`` (B, b), metres;
        ``bone_directions_q`` (B, b, 3) and ``joint_shifts_q`` (B, p, 3) for each sub-network q;
        ``sampled_positions`` (B, J, 3), the length network's pose of the first sampled frame
        (section 3.3: one random frame's loss); ``augmented_bone_lengths`` (B, b) and
        ``augmented_positions`` (B, J, 3), the same from the augmented frames.
        A model without visibility, augmentation or joint shifts lacks their inputs and outputs.
        With the recipe ``"canonical"`` keypoints are those of the canonical view, positions and
        directions are in its axes, and there are inputs ``view`` (B, R, 3), ``sampled_view``
        (B, l, 3), ``sampled_visibility`` (B, l, J) and ``unlevelled_keypoints`` (B, l, J, 2), and
        an output ``up`` (B, l, 4), see ``up_network``.

    Args:
        **arguments: see ``AnatomyLifterConfig``.

    Example:
        >>> model = AnatomyLifter(filter_widths=(3, 3, 3), channels=64)
        >>> model.receptive_field
        27

    References:
        Anatomy-aware 3D Human Pose Estimation in Videos, sections 3 and 4.2.
    """

    def __init__(self, *, name: str = "anatomy_lifter", **arguments: Any) -> None:
        # Keras passes these for every model it rebuilds from a file.
        arguments.pop("trainable", None)
        dtype = arguments.pop("dtype", None)
        config = AnatomyLifterConfig(**arguments)
        with dtype_policy(dtype):
            inputs, outputs = _connect(config)
            super().__init__(inputs=inputs, outputs=outputs, name=name)
        # Keras would name outputs by the layer that made them, and two share the attention.
        self.output_names = sorted(outputs)
        self.input_names = sorted(inputs)
        self.config = config

    @property
    def recipe(self) -> Recipe:
        """The recipe that the model follows."""
        return get_recipe(self.config.recipe)

    @property
    def sampled_frames(self) -> int:
        """l, frames of the whole video that bone lengths are estimated from."""
        return self.config.sampled_frames

    @property
    def sub_networks(self) -> int:
        """Number of stacked direction sub-networks."""
        return self.config.sub_networks

    def pooled_lengths(self, values: Any, attention: BoneLengthAttention | None) -> Any:
        """Return a person's bone lengths (B, b) from the length network's outputs for l frames.

        Args:
            values: (B, l, J, 3) positions, or (B, l, b) bone lengths.
            attention: weighs the frames; ``None`` takes their mean.
        """
        return _pooled_lengths(self.config, values, attention)

    def over_chunks(self, frames: int) -> keras.Model:
        """Return a model that trains this one's weights on chunks of neighbouring frames.

        Args:
            frames: F, target frames of a chunk.

        Raises:
            AnatomyError: see ``ChunkedLifter``.
        """
        from anatomy_tf.models.chunk_form import ChunkedLifter

        return ChunkedLifter(self, frames)

    def inference_model(self) -> keras.Model:
        """Return the part that estimates poses, sharing this model's weights.

        Returns:
            A model from ``keypoints``, ``visibility`` and ``sampled_keypoints`` (any number of
            frames) to ``positions``, ``bone_lengths`` and ``bone_directions``.
        """
        inputs = {i.name: i for i in self.inputs if i.name != "augmented_keypoints"}
        network = self.get_layer("bone_direction_network")
        # Keep only the layers that lead to the top directions, without the lower sub-networks'
        # heads.
        top = keras.Model(
            network.input,
            network.output[f"bone_directions_{self.sub_networks}"],
            name="bone_direction_network",
        )
        directions = top({name: inputs[name] for name in network.input})
        lengths = self.output["bone_lengths"]
        outputs = {
            "positions": self.get_layer("joint_positions")([lengths, directions]),
            "bone_lengths": lengths,
            "bone_directions": directions,
        }
        return keras.Model(inputs, outputs, name="inference")


def _connect(config: AnatomyLifterConfig) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return inputs and outputs of the training form."""
    recipe = get_recipe(config.recipe)
    skeleton = get_skeleton(config.skeleton)
    joints = skeleton.joint_count
    regressor: dict[str, Any] = {
        "skeleton": skeleton,
        "regression": recipe.regression,
        "filters": config.channels,
        "dtype": output_dtype(),
    }
    direction_network = bone_direction_network(config)
    length_network = bone_length_network(config)
    canonical = recipe.view == "canonical"
    inputs = {i.name: keras.Input(i.shape[1:], name=i.name) for i in direction_network.inputs}
    directions = direction_network(inputs)

    attention = (
        BoneLengthAttention(
            skeleton,
            config.attention_temperature,
            absolute=recipe.attention_absolute,
            use_bias=recipe.attention_bias,
            symmetric=recipe.symmetric_lengths,
            name="bone_length_attention",
            dtype=output_dtype(),
        )
        if config.length_pooling == "attention"
        else None
    )

    def lengths_of(frames: Any) -> tuple[Any, Any]:
        """Return a video's bone lengths and each frame's positions, or ``None`` without them."""
        values = length_network(frames)
        positions = values if config.length_output == "positions" else None
        return _pooled_lengths(config, values, attention), positions

    # The order of the two calls decides the order of the running statistics' two updates.
    shape = (None, joints, 2)
    inputs["sampled_keypoints"] = keras.Input(shape, name="sampled_keypoints")
    frames: Any = inputs["sampled_keypoints"]
    if canonical:
        for name, channels in (("sampled_visibility", joints), ("sampled_view", VIEW_CHANNELS)):
            inputs[name] = keras.Input((None, channels), name=name)
        frames = [frames, inputs["sampled_visibility"], inputs["sampled_view"]]
    lengths, sampled = lengths_of(frames)
    top = directions[f"bone_directions_{config.sub_networks}"]
    if not recipe.positions_train_directions:
        top = ops.stop_gradient(top)
    outputs: dict[str, Any] = {
        "positions": JointPositions(**regressor, name="joint_positions")(
            [ops.stop_gradient(lengths), top]
        ),
        "bone_lengths": lengths,
        **directions,
    }
    if config.joint_shift:
        for name, direction in directions.items():
            q = name.rpartition("_")[2]
            outputs[f"joint_shifts_{q}"] = JointShift(
                **regressor, self_pairs=recipe.self_pairs, name=f"joint_shift_{q}"
            )([lengths, direction])
    if sampled is not None:
        outputs["sampled_positions"] = sampled[:, 0]
    if canonical:
        inputs["unlevelled_keypoints"] = keras.Input(shape, name="unlevelled_keypoints")
        outputs["up"] = up_network(config)(
            [inputs["unlevelled_keypoints"], inputs["sampled_visibility"]]
        )
    if config.length_augmentation:
        inputs["augmented_keypoints"] = keras.Input(shape, name="augmented_keypoints")
        augmented_lengths, augmented = lengths_of(inputs["augmented_keypoints"])
        outputs["augmented_bone_lengths"] = augmented_lengths
        if augmented is not None and recipe.augmented_positions:
            outputs["augmented_positions"] = augmented[:, 0]
    return inputs, outputs


def _pooled_lengths(
    config: AnatomyLifterConfig, values: Any, attention: BoneLengthAttention | None
) -> Any:
    """Return bone lengths (B, b), see ``AnatomyLifter.pooled_lengths``."""
    if attention is not None:
        return attention(values)
    skeleton = get_skeleton(config.skeleton)
    if config.length_output == "positions":
        values = bone_lengths(ops.stop_gradient(values), skeleton, xp=ops)
    if get_recipe(config.recipe).symmetric_lengths:
        values = symmetric(values, skeleton, xp=ops)
    return ops.mean(values, axis=1)
