"""A trained model's weights, from a Keras model or straight from its ``.keras`` file.

Besides ``models/`` and ``weights/`` this is the only module that names layers; ``keras_file`` reads
the file. Batch normalisation is folded into the convolution before it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.canonical_view import UP_CHANNELS, VIEW_CHANNELS
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_input
from anatomy_tf.models import AnatomyLifterConfig, LiftingModelConfig, Recipe
from anatomy_tf.models.recipe import get_recipe
from anatomy_tf.network.keras_file import NORMALIZATION, read_keras_file
from anatomy_tf.skeletons import Skeleton, get_skeleton

if TYPE_CHECKING:
    from anatomy_tf.models import LiftingModel

Array = NDArray[np.float32]

Model: TypeAlias = Union["LiftingModel", "NetworkWeights"]
"""A trained Keras model, or its weights."""

EPSILON = 1e-5
"""The epsilon that ``layers.BatchNormalization`` adds to the variance."""


@dataclasses.dataclass(frozen=True)
class Product:
    """A linear layer: ``values @ kernel * scale + bias``.

    Attributes:
        kernel: (taps, in, out) as the model stores it; one tap for a fully connected layer.
        scale: (out,) factors of the outputs, such as those of a batch normalisation.
        bias: (out,).
    """

    kernel: Array
    scale: NDArray[np.floating]
    bias: NDArray[np.floating]

    @property
    def width(self) -> int:
        """Taps."""
        return len(self.kernel)

    def channels(self, start: int, stop: int) -> Product:
        """Return the part that reads some of the input channels, without the bias."""
        return dataclasses.replace(
            self, kernel=self.kernel[:, start:stop], bias=np.zeros_like(self.bias)
        )

    def summed(self) -> Product:
        """Return the layer for inputs that are equal at all taps: one tap, their sum."""
        # In double precision: a float32 sum would round what the scale rounds again.
        return dataclasses.replace(self, kernel=self.kernel.sum(axis=0, dtype=np.float64)[None])


@dataclasses.dataclass(frozen=True)
class Block:
    """A residual block (``layers.TemporalBlock``).

    Attributes:
        temporal: the convolution over the frames of a group.
        pointwise: the convolution on its result.
        place: which frame of a group is the residual.
    """

    temporal: Product
    pointwise: Product
    place: int


@dataclasses.dataclass(frozen=True)
class SubNetwork:
    """One sub-network of the bone direction network (section 3.2), or the baseline.

    Attributes:
        stem: makes its first features; ``None`` where it gets features from the one below.
        blocks: its residual blocks.
        head: gives its vectors from the top feature; ``None`` where nothing reads them.
    """

    stem: Product | None
    blocks: tuple[Block, ...]
    head: Product | None


@dataclasses.dataclass(frozen=True)
class FrameNetwork:
    """A fully connected residual network that sees one frame at a time.

    Attributes:
        stem: on what it sees of a frame.
        blocks: its residual blocks.
        head: gives its numbers.
    """

    stem: Product
    blocks: tuple[Block, ...]
    head: Product


@dataclasses.dataclass(frozen=True)
class PositionHead:
    """The regression of joint positions (section 4.2).

    Attributes:
        from_lengths, from_directions: the factors of regression ``"product"``, else ``None``.
        regress: the last layer; ``None`` for ``"derived"`` (Eq. 1).
    """

    from_lengths: Product | None
    from_directions: Product | None
    regress: Product | None


@dataclasses.dataclass(frozen=True)
class NetworkWeights:
    """All that lifting needs of a trained model.

    Attributes:
        config: the model's arguments.
        sub_networks: from the bottom to the top.
        scores: the stem of the visibility scores (section 3.5); ``None`` without attention.
        lengths: the bone length network (section 3.3), which gives each frame's joint positions or
            bone lengths; ``None`` in the baseline.
        attention: gives the logits gamma W X of Eq. 6; ``None`` where the mean is taken.
        up: the up network; ``None`` where keypoints are seen on the screen.
        positions: the position head; ``None`` in the baseline, which regresses positions itself.
        parameters: how many numbers the whole training form has.

    Example:
        >>> weights = NetworkWeights.load("compact.keras")  # doctest: +SKIP
        >>> weights.config.receptive_field  # doctest: +SKIP
        27
    """

    config: LiftingModelConfig
    sub_networks: tuple[SubNetwork, ...]
    scores: Product | None
    lengths: FrameNetwork | None
    attention: Product | None
    up: FrameNetwork | None
    positions: PositionHead | None
    parameters: int

    @property
    def skeleton(self) -> Skeleton:
        """Names the joints of keypoints and poses."""
        return get_skeleton(self.config.skeleton)

    @property
    def anatomical(self) -> AnatomyLifterConfig | None:
        """The config of an anatomy-aware network, ``None`` of the baseline."""
        return self.config if isinstance(self.config, AnatomyLifterConfig) else None

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that the model follows, ``None`` of the baseline."""
        return get_recipe(self.anatomical.recipe) if self.anatomical else None

    @property
    def canonical(self) -> bool:
        """Whether the model sees keypoints in the canonical view."""
        return self.recipe is not None and self.recipe.view == "canonical"

    @classmethod
    def of_model(cls, model: Any) -> NetworkWeights:
        """Copy the weights of a Keras model.

        Args:
            model: an ``AnatomyLifter`` or ``VideoPose``.

        Raises:
            AnatomyError: when it is something else.
        """
        if not isinstance(getattr(model, "config", None), LiftingModelConfig):
            raise AnatomyError(
                f"expected an AnatomyLifter or VideoPose, got {model!r:.60}; Lifter.load takes the "
                "name or the file of a model"
            )
        from keras import ops

        # The sub-models' names do not belong to a layer's path. NumPy knows no bfloat16.
        arrays = {
            w.path: np.asarray(ops.convert_to_numpy(ops.cast(w, "float32"))) for w in model.weights
        }
        return _network(model.config, arrays)

    @classmethod
    def load(cls, path: str | Path) -> NetworkWeights:
        """Read a ``.keras`` file without Keras.

        Raises:
            AnatomyError: when the file cannot be read, or is damaged or of another kind.
        """
        path = check_input(path)
        try:
            return _network(*read_keras_file(path))
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None


def network_weights(model: Model) -> NetworkWeights:
    """Return the weights of a Keras model, or weights as they are."""
    return model if isinstance(model, NetworkWeights) else NetworkWeights.of_model(model)


class _Layers:
    """Finds arrays by the path of their layer and checks their shapes.

    Args:
        arrays: by path, such as ``"sub_network_1_block_1/temporal/kernel"``.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.arrays = arrays

    def array(self, path: str, *shape: int | None) -> Array:
        """Return an array as float32; ``None`` stands for any size of an axis."""
        if path not in self.arrays:
            raise AnatomyError(f"expected the weight {path}, which is missing")
        values = self.arrays[path]
        fits = len(shape) == values.ndim and all(
            size in (None, found) for size, found in zip(shape, values.shape, strict=True)
        )
        if not fits or values.dtype.kind != "f":
            raise AnatomyError(
                f"weight {path}: expected numbers of shape {shape}, got {values.dtype} of shape "
                f"{values.shape}"
            )
        values = values.astype(np.float32)
        if not np.isfinite(values).all():
            raise AnatomyError(f"weight {path}: expected finite numbers, got NaN or infinity")
        return values

    def convolution(
        self, path: str, width: int, inputs: int, outputs: int, use_bias: bool = False
    ) -> Product:
        """Fold a ``TemporalConvolution`` in double precision."""
        gamma, beta, mean, variance = (
            self.array(f"{path}/normalization/{name}", outputs).astype(np.float64)
            for name in NORMALIZATION
        )
        if (variance < 0).any():
            raise AnatomyError(f"weight {path}: expected a variance of at least 0")
        scale = gamma / np.sqrt(variance + EPSILON)
        bias = beta - mean * scale
        if use_bias:
            bias = bias + self.array(f"{path}/bias", outputs) * scale
        return Product(self.array(f"{path}/kernel", width, inputs, outputs), scale, bias)

    def dense(self, path: str, inputs: int, outputs: int, use_bias: bool = True) -> Product:
        """Return a fully connected layer."""
        kernel, bias = self.array(f"{path}/kernel", inputs, outputs), np.zeros(outputs, np.float32)
        if use_bias:
            bias = self.array(f"{path}/bias", outputs)
        return Product(kernel[None], np.ones(outputs), bias)

    def block(
        self,
        path: str,
        width: int,
        inputs: int,
        outputs: int,
        causal: bool,
        use_bias: bool = False,
    ) -> Block:
        """Return a ``TemporalBlock``."""
        return Block(
            self.convolution(f"{path}/temporal", width, inputs, outputs, use_bias),
            self.convolution(f"{path}/pointwise", 1, outputs, outputs, use_bias),
            width - 1 if causal else width // 2,
        )


def _network(config: LiftingModelConfig, arrays: Mapping[str, NDArray[Any]]) -> NetworkWeights:
    layers = _Layers(arrays)
    parameters = sum(int(values.size) for values in arrays.values())
    if isinstance(config, AnatomyLifterConfig):
        return _anatomy_network(config, layers, parameters)
    joints, (stem, *widths) = get_skeleton(config.skeleton).joint_count, config.filter_widths
    channels = config.channels
    baseline = SubNetwork(
        layers.convolution("stem", stem, 2 * joints, channels),
        tuple(
            layers.block(f"block_{i}", width, channels, channels, config.causal)
            for i, width in enumerate(widths, start=1)
        ),
        layers.dense("positions_dense", channels, 3 * joints),
    )
    return NetworkWeights(config, (baseline,), None, None, None, None, None, parameters)


def _anatomy_network(
    config: AnatomyLifterConfig, layers: _Layers, parameters: int
) -> NetworkWeights:
    skeleton, recipe = get_skeleton(config.skeleton), get_recipe(config.recipe)
    joints, bones, channels = skeleton.joint_count, skeleton.bone_count, config.channels
    stem_width, *widths = config.filter_widths
    # Weighted visibility enters the first block; a network without blocks has no use for it.
    attentive = config.visibility == "attention" and bool(widths)
    by_directions = config.long_skips and recipe.upper_input == "directions"
    sub_networks = []
    for q in range(1, config.sub_networks + 1):
        stem = None
        if q == 1:
            inputs = joints * (3 if config.visibility == "concatenation" else 2)
            inputs += VIEW_CHANNELS if recipe.view == "canonical" else 0
            stem = layers.convolution("sub_network_1_stem", stem_width, inputs, channels)
        elif by_directions:
            stem = layers.convolution(f"sub_network_{q}_stem", 1, 3 * bones, channels)
        blocks = []
        for i, width in enumerate(widths, start=1):
            doubled = config.long_skips if q > 1 else attentive and i == 1
            path = f"sub_network_{q}_block_{i}"
            inputs = channels * (2 if doubled else 1)
            blocks.append(layers.block(path, width, inputs, channels, config.causal))
        # Directions are needed where the next sub-network's stem reads them, and last.
        head = None
        if by_directions or q == config.sub_networks:
            head = layers.dense(f"bone_directions_{q}/vectors", channels, 3 * bones)
        sub_networks.append(SubNetwork(stem, tuple(blocks), head))
    scores = None
    if attentive:
        path = "visibility_attention/visibility"
        scores = layers.convolution(path, stem_width, joints, channels)
    return NetworkWeights(
        config,
        tuple(sub_networks),
        scores,
        *_length_network(config, layers),
        _up_network(config, layers) if recipe.view == "canonical" else None,
        _position_head(config, layers),
        parameters,
    )


def _length_network(
    config: AnatomyLifterConfig, layers: _Layers
) -> tuple[FrameNetwork, Product | None]:
    """Return the bone length network and its attention."""
    skeleton, recipe = get_skeleton(config.skeleton), get_recipe(config.recipe)
    joints, bones = skeleton.joint_count, skeleton.bone_count
    values = 3 * joints if config.length_output == "positions" else bones
    inputs = 3 * joints + VIEW_CHANNELS if recipe.view == "canonical" else 2 * joints
    head = f"frame_{config.length_output}"
    network = _frame_network(config, layers, "length", inputs, head, values)
    if config.length_pooling != "attention":
        return network, None
    doubled = 2 if recipe.attention_absolute else 1
    attention = layers.dense(
        "bone_length_attention", values * doubled, bones, recipe.attention_bias
    )
    heat = config.attention_temperature
    return network, dataclasses.replace(
        attention, scale=heat * attention.scale, bias=heat * attention.bias
    )


def _up_network(config: AnatomyLifterConfig, layers: _Layers) -> FrameNetwork:
    joints = get_skeleton(config.skeleton).joint_count
    return _frame_network(config, layers, "up", 3 * joints, "up_vectors", UP_CHANNELS)


def _frame_network(
    config: AnatomyLifterConfig, layers: _Layers, name: str, inputs: int, head: str, outputs: int
) -> FrameNetwork:
    channels = config.channels
    return FrameNetwork(
        layers.convolution(f"{name}_stem", 1, inputs, channels, use_bias=True),
        tuple(
            layers.block(f"{name}_block_{i}", 1, channels, channels, causal=False, use_bias=True)
            for i in range(1, len(config.filter_widths))
        ),
        layers.dense(head, channels, outputs),
    )


def _position_head(config: AnatomyLifterConfig, layers: _Layers) -> PositionHead:
    skeleton, regression = get_skeleton(config.skeleton), get_recipe(config.recipe).regression
    joints, bones = skeleton.joint_count, skeleton.bone_count
    from_lengths = from_directions = regress = None
    inputs = 4 * bones
    if regression == "product":
        inputs = config.channels
        from_lengths = layers.dense("joint_positions/from_lengths", bones, inputs)
        from_directions = layers.dense("joint_positions/from_directions", 3 * bones, inputs)
    if regression != "derived":
        regress = layers.dense("joint_positions/regress", inputs, 3 * joints)
    return PositionHead(from_lengths, from_directions, regress)
