"""The package's classes in Keras's registry, so that ``keras.models.load_model`` finds them.

A ``.keras`` file names the classes of its model. Keras looks for the names of other packages only
in its registry, which a class enters when its module is imported. ``import anatomy_tf`` imports
none of these modules: what stands in the registry imports a class when a file names it. The notes
that TensorFlow writes while Keras starts it are kept off terminals and notebooks.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import MappingProxyType, ModuleType
from typing import Any

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


def register_with_keras() -> None:
    """Register the classes now, or as soon as Keras is imported."""
    sys.meta_path.insert(0, _QuietFinder())
    if sys.modules.get("keras") is not None:
        _register(sys.modules["keras"])


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


class _QuietFinder(MetaPathFinder):
    """Finds Keras and TensorFlow where Python does; they start without TensorFlow's notes."""

    _AFTERWARDS: Mapping[str, Callable[[ModuleType], None] | None] = MappingProxyType(
        {"keras": _register, "tensorflow": None}
    )

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in self._AFTERWARDS else None
        if spec is not None and spec.loader is not None:
            spec.loader = _QuietLoader(spec.loader, self._AFTERWARDS[name])
        return spec


class _QuietLoader(Loader):
    def __init__(self, loader: Loader, afterwards: Callable[[ModuleType], None] | None) -> None:
        self.loader, self.afterwards = loader, afterwards

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Whoever asks the module for its loader later gets the real one.
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self.loader
        # TensorFlow's notes while it works, such as the lack of a GPU; what fails also raises.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with startup_notes_hidden():
            self.loader.exec_module(module)
        if self.afterwards is not None:
            self.afterwards(module)
