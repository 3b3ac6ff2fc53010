"""The base of this package's models."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import keras

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import MODEL_BYTES
from anatomy_tf.files.zip_sizes import check_zip_sizes
from anatomy_tf.models.lifting_model_config import FROZEN, LOAD_WITH
from anatomy_tf.models.shipped_models import find_model
from anatomy_tf.skeletons import Skeleton, get_skeleton


class LiftingModel(keras.Model):
    """A functional model built from its config: one window in, one pose out.

    A ``.keras`` file keeps which layers are not trainable, as those of Keras's own models do.
    ``model.from_config(model.get_config())`` makes a copy with new weights. Keras's
    ``clone_model`` (3.15) rebuilds a functional model from its layers alone: the result computes
    the same, but is a plain model without ``config`` and the methods here.

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

    @classmethod
    def from_preset(cls, name: str | Path) -> Self:
        """Return a trained model to train further; ``Lifter.load`` lifts with one.

        Args:
            name: of a shipped model, such as ``"compact"``, or the path of a ``.keras`` file.

        Raises:
            AnatomyError: when there is no such model, or the file holds another class.

        Example:
            >>> model = AnatomyLifter.from_preset("compact")
            >>> model.compile(optimizer="adam", **anatomy_tf.losses.compile_arguments(model))
        """
        model = load_model(find_model(name))
        if not isinstance(model, cls):
            raise AnatomyError(f"{name}: expected {cls.__name__}, got {type(model).__name__}")
        return model

    def get_metrics_result(self) -> dict[str, Any]:
        """Return losses and metrics by name; Keras calls this.

        Metrics of ``positions`` are those of the model, so ``fit`` logs ``val_mpjpe_mm`` where
        Keras would put the output's name before the metric's.
        """
        return {
            name if name.endswith("_loss") else name.removeprefix("positions_"): value
            for name, value in super().get_metrics_result().items()
        }

    def get_config(self) -> dict[str, Any]:
        frozen = [path for path, layer in _layers(self) if not layer.trainable]
        return {
            # Keras shows the config when it does not know the class.
            LOAD_WITH: "import anatomy_tf",
            "name": self.name,
            "dtype": self.dtype_policy.name,
            # Optimizer states in a file are those of the weights that train.
            **({FROZEN: frozen} if frozen else {}),
            **self.config.to_dict(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        arguments = dict(config)
        arguments.pop(LOAD_WITH, None)
        frozen = arguments.pop(FROZEN, ())
        model = cls(**arguments)
        for path, layer in _layers(model):
            layer.trainable = path not in frozen
        return model


def _layers(model: keras.Model, path: str = "") -> Iterator[tuple[str, keras.layers.Layer]]:
    """Yield the layers of a model with their paths, each sub-model before its own layers."""
    for layer in model.layers:
        yield f"{path}{layer.name}", layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{path}{layer.name}/")


def load_model(path: str | Path) -> LiftingModel:
    """Load a trained model to train it further or inspect its layers; ``Lifter.load`` lifts.

    Args:
        path: a ``.keras`` file.

    Raises:
        AnatomyError: when the file holds something else, or claims to unpack to far more than it
            is.
    """
    with reading(path, "Keras model file of this package"):
        # Keras unpacks whatever there is.
        with zipfile.ZipFile(path) as archive:
            check_zip_sizes(archive, Path(path), MODEL_BYTES)
        model = keras.saving.load_model(path, compile=False)
    if not isinstance(model, LiftingModel):
        raise AnatomyError(
            f"{path}: expected an AnatomyLifter or VideoPose, got {type(model).__name__}"
        )
    return model
