"""A trained model as the beginning of another training."""

from __future__ import annotations

import dataclasses

from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose


@dataclasses.dataclass(frozen=True)
class TrainedModel:
    """For ``TrainingConfig(model=...)``: goes on from a trained model's weights (fine-tuning).

    The optimizer begins anew. Choose a lower ``learning_rate`` and ``batch_share_start`` than for
    new weights.

    Args:
        name: of a shipped model, or the path of a ``.keras`` file.
        dropout: share of activations dropped while training from now on; ``None`` keeps its own.

    Example:
        >>> TrainedModel("compact").build().receptive_field
        27
    """

    name: str
    dropout: float | None = None

    def build(self) -> AnatomyLifter | VideoPose:
        """The model with its trained weights.

        Raises:
            AnatomyError: when there is no such model.
        """
        model = Lifter.load(self.name).model
        if self.dropout is None:
            return model
        changed = type(model).from_config({**model.get_config(), "dropout": self.dropout})
        changed.set_weights(model.get_weights())
        return changed
