"""The arguments that both models share."""

from __future__ import annotations

import dataclasses
import importlib
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from anatomy_tf.files.checked_fields import (
    NOT_EMPTY,
    ODD,
    CheckedFields,
    Count,
    Described,
    FrameRate,
    at_least,
    below,
)
from anatomy_tf.layers.skeleton_config import skeleton_from_config
from anatomy_tf.skeletons import Skeleton, get_skeleton

if TYPE_CHECKING:
    from anatomy_tf.models.lifting_model import LiftingModel

LOAD_WITH = "load_with"
"""The name in a model file's config of the line that Python needs before Keras can load it."""

FROZEN = "frozen"
"""The name in a model file's config of the list of layers that are not trainable."""

FilterWidths = Annotated[
    tuple[Annotated[Count, ODD], ...], NOT_EMPTY, Described("odd whole numbers above 0")
]
Dropout = Annotated[float, at_least(0), below(1)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class LiftingModelConfig(CheckedFields):
    """Arguments of a model, without Keras: lifting reads them from a model file.

    Args:
        filter_widths: odd widths of the temporal convolutions; their product is the receptive field
            in frames: (3, 3, 3) sees 27, (3, 3, 3, 3) 81, (3, 3, 3, 3, 3) 243.
        channels: C of every convolution and fully connected layer.
        skeleton: name or ``Skeleton`` of keypoints and poses.
        causal: see past frames only; the target is the newest.
        dropout: share of activations dropped while training.
        fps: frame rate that the model is trained at, frames a second.

    Raises:
        AnatomyError: for an argument that makes no network, naming it.
    """

    # ``module:class`` of the model; a name, so that importing the arguments imports no Keras.
    model: ClassVar[str]

    filter_widths: FilterWidths = (3, 3, 3, 3, 3)
    channels: Count = 1024
    skeleton: str | Skeleton = "human36m_17"
    causal: bool = False
    dropout: Dropout = 0.25
    fps: FrameRate = 50.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "skeleton", skeleton_from_config(self.skeleton))
        super().__post_init__()

    @property
    def receptive_field(self) -> int:
        """R, frames that one pose is estimated from."""
        return math.prod(self.filter_widths)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; ``type(config)(**data)`` builds the config again."""
        shallow = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {
            **shallow,
            "filter_widths": list(self.filter_widths),
            "skeleton": get_skeleton(self.skeleton).to_dict(),
        }

    def build(self) -> LiftingModel:
        """Return the untrained Keras model."""
        module, _, name = self.model.partition(":")
        return getattr(importlib.import_module(module), name)(**self.to_dict())
