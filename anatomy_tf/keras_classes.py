"""The package's classes in Keras's registry, so that ``keras.models.load_model`` finds them.

A ``.keras`` file names the classes of its model. Keras looks for the names of other packages only
in its registry, which a class enters when its module is imported. ``import anatomy_tf`` imports
none of these modules: what stands in the registry imports a class when a file names it. The notes
that TensorFlow writes while Keras starts it are kept off terminals and notebooks.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, ModuleType
from typing import Any

from anatomy_tf.extras import when_imported
from anatomy_tf.startup_notes import startup_notes_hidden

ROOM_OF: Mapping[str, str] = MappingProxyType(
    {
        "AMSGrad": "training",
        "AnatomyLifter": "models",
        "BatchNormalization": "layers",
        "BoneDirectionLoss": "losses",
        "BoneLengthAttention": "layers",
        "BoneLengthError": "metrics.keras",
        "BoneLengthLoss": "losses",
        "ImplicitVisibilityAttention": "layers",
        "JointPositionLoss": "losses",
        "JointPositions": "layers",
        "JointShift": "layers",
        "JointShiftLoss": "losses",
        "MPJPE": "metrics.keras",
        "PCK": "metrics.keras",
        "PMPJPE": "metrics.keras",
        "TemporalBlock": "layers",
        "TemporalConvolution": "layers",
        "UnitDirections": "layers",
        "UpDirectionLoss": "losses",
        "VideoPose": "models",
    }
)
"""The room of each class that is registered with Keras."""

NAMES_NOW: Mapping[str, str] = MappingProxyType({"MeanPerJointPositionError": "MPJPE"})
"""Names by which older files know a class, so that they still load."""


def register_with_keras() -> None:
    """Register the classes now, or as soon as Keras is imported."""
    when_imported("keras", _register, during=_quietly)
    when_imported("tensorflow", during=_quietly)


class _LateClass:
    """Stands for a class until its module is imported, which then takes this one's place.

    Args:
        name: of the class.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def from_config(self, config: dict[str, Any]) -> Any:
        """Return an object of the class."""
        room = importlib.import_module(f"anatomy_tf.{ROOM_OF[self.name]}")
        return getattr(room, self.name).from_config(config)


def _register(keras: ModuleType) -> None:
    registry = keras.saving.get_custom_objects()
    for name in ROOM_OF:
        registry.setdefault(f"anatomy_tf>{name}", _LateClass(name))
    for former, name in NAMES_NOW.items():
        registry.setdefault(f"anatomy_tf>{former}", _LateClass(name))


@contextmanager
def _quietly() -> Iterator[None]:
    """Load TensorFlow without its notes, and without those it writes while it works."""
    # Such as the lack of a GPU; what fails also raises.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with startup_notes_hidden():
        yield
