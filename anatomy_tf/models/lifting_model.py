"""The base of this package's models."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import keras

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton, get_skeleton


class LiftingModel(keras.Model):
    """A functional model built from its config: one window in, one pose out.

    Attributes:
        config: dataclass of the arguments that the model was built with.
    """

    config: Any

    @property
    def skeleton(self) -> Skeleton:
        """The skeleton of keypoints and poses."""
        return get_skeleton(self.config.skeleton)

    @property
    def receptive_field(self) -> int:
        """R, frames that one pose is estimated from."""
        return int(self.config.receptive_field)

    @property
    def causal(self) -> bool:
        """Whether the target is the newest frame."""
        return bool(self.config.causal)

    @property
    def fps(self) -> float:
        """Frame rate that the model is trained at, frames a second."""
        return float(self.config.fps)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype_policy.name, **self.config.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        return cls(**config)


def load_model(path: str | Path) -> LiftingModel:
    """Load a trained model to train it further or inspect its layers; ``Lifter.load`` lifts.

    Args:
        path: a ``.keras`` file.

    Raises:
        AnatomyError: when the file holds something else.
    """
    try:
        model = keras.saving.load_model(path, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise AnatomyError(f"{path}: not a Keras model file of this package: {reason}") from error
    if not isinstance(model, LiftingModel):
        raise AnatomyError(
            f"{path}: expected an AnatomyLifter or VideoPose, got {type(model).__name__}"
        )
    return model
