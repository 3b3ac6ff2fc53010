"""Fine-tuning: a trained model as the beginning of another training."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import CheckedFields, Count
from anatomy_tf.models import AnatomyLifter, LiftingModel, load_model
from anatomy_tf.models.lifting_model_config import Dropout, FilterWidths
from anatomy_tf.models.shipped_models import find_model
from anatomy_tf.training.transferred_model import take_weights, take_wider_weights

NEW_BLOCK_SCALE = 0.05
"""Scale of the last normalisation in each block that a grown model adds. With 0 no gradient would
pass its ReLU; with 1 noise would cover what the model has learnt."""

BONE_LENGTH_LAYERS = ("bone_length_network", "bone_length_attention")


@dataclasses.dataclass(frozen=True)
class TrainedModel(CheckedFields):
    """The arguments of a model that begins with a trained model's weights (fine-tuning).

    It is for ``TrainingConfig(model=...)``. The optimizer begins anew. Choose a lower
    ``learning_rate`` and ``batch_share_start`` than for new weights.

    A model may grow: with more ``filter_widths``, the blocks that both have keep their weights, and
    the new ones, which are residual and come last, begin by adding almost nothing. So the grown
    model's first estimates are the trained model's for the middle of the window, and training adds
    what the frames beyond show. This costs far less than training the long windows from nothing.
    With more ``channels`` it begins as the same function (``take_wider_weights``).

    Args:
        name: name of a shipped model, or the path of a ``.keras`` file.
        dropout: share of activations dropped while training from now on; ``None`` keeps its own.
        filter_widths: the model's own widths and others after them, all odd; ``None`` keeps its
            own.
        channels: C, at least its own and at most twice as many; ``None`` keeps its own. Not
            together with new ``filter_widths``.
        causal: whether the target becomes the newest frame; the weights are of the same shapes.
            ``None`` keeps it as it is.
        train_bone_lengths: whether the bone length network is trained further. It sees one frame at
            a time, so one that has seen enough serves every receptive field.

    Raises:
        AnatomyError: naming the field, the expected and the given value.

    Example:
        >>> TrainedModel("compact").build().receptive_field
        27
        >>> TrainedModel("compact", filter_widths=(3, 3, 3, 3)).build().receptive_field
        81
    """

    name: str | Path
    dropout: Dropout | None = None
    filter_widths: FilterWidths | None = None
    channels: Count | None = None
    causal: bool | None = None
    train_bone_lengths: bool = True

    def __str__(self) -> str:
        return f"TrainedModel({str(self.name)!r})"

    def build(self) -> LiftingModel:
        """Return the model with its trained weights.

        Raises:
            AnatomyError: when there is no such model, the filter widths do not begin with its own,
                it cannot get so many channels, or it has no bone length network to leave as it is.
        """
        model = load_model(find_model(self.name))
        own = tuple(model.config.filter_widths)
        if self.filter_widths is not None and self.filter_widths[: len(own)] != own:
            raise AnatomyError(
                f"{self}: expected filter widths that begin with {own}, got {self.filter_widths}"
            )
        self._check_channels(model)
        wanted: dict[str, Any] = {
            "dropout": self.dropout,
            "filter_widths": self.filter_widths,
            "channels": self.channels,
            "causal": self.causal,
        }
        changes = {key: value for key, value in wanted.items() if value is not None}
        if not (self.train_bone_lengths or isinstance(model, AnatomyLifter)):
            raise AnatomyError(
                f"{self}: train_bone_lengths=False needs a model with a bone "
                "length network, this is the VideoPose baseline"
            )
        config = {**model.get_config(), **changes}
        # The model computes in the training's precision, not in the file's.
        del config["dtype"]
        grown = type(model).from_config(config)
        for layer in grown.layers:
            if layer.name in BONE_LENGTH_LAYERS:
                layer.trainable = self.train_bone_lengths
        if grown.config.channels != model.config.channels:
            take_wider_weights(grown.weights, model, grown.config.channels)
            return grown
        for weight in take_weights(grown.weights, model):
            # A new block adds little at first, and nothing if it is not trained.
            if weight.path.endswith("pointwise/normalization/gamma"):
                weight.assign(NEW_BLOCK_SCALE * weight if weight.trainable else 0 * weight)
        return grown

    def _check_channels(self, model: LiftingModel) -> None:
        """Raise ``AnatomyError`` for channels that the model cannot grow to."""
        own = model.config.channels
        if self.channels is None or self.channels == own:
            return
        if not own < self.channels <= 2 * own:
            raise AnatomyError(f"{self}: expected {own} to {2 * own} channels, got {self.channels}")
        if self.filter_widths not in (None, tuple(model.config.filter_widths)):
            raise AnatomyError(f"{self}: expected new channels or new filter_widths, got both")
