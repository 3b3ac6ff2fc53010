"""Lift 2D keypoint video to anatomically consistent 3D human pose.

The rooms of the package load when they are first named, so that ``import anatomy_tf`` stays fast
and needs no TensorFlow: ``anatomy_tf.Lifter`` imports Keras, ``anatomy_tf.skeletons`` does not.
"""

import importlib
from typing import Any

from anatomy_tf.keras_classes import register_with_keras

__version__ = "0.1.0"

_ROOMS = (
    "skeletons",
    "anatomy",
    "cameras",
    "sequences",
    "poses",
    "formats",
    "detection",
    "data",
    "layers",
    "models",
    "losses",
    "metrics",
    "network",
    "inference",
    "evaluation",
    "training",
    "export",
    "visualization",
    "serving",
)
_MEMBERS = {
    "AnatomyError": "errors",
    "Skeleton": "skeletons",
    "Camera": "cameras",
    "KeypointSequence": "sequences",
    "PoseSequence": "sequences",
    "load_keypoints": "formats",
    "save_poses": "formats",
    "AnatomyLifter": "models",
    "VideoPose": "models",
    "Lifter": "inference",
}

__all__ = ["__version__", *_ROOMS, *_MEMBERS]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"anatomy_tf.{name}")
    if name in _MEMBERS:
        return getattr(importlib.import_module(f"anatomy_tf.{_MEMBERS[name]}"), name)
    raise AttributeError(f"module 'anatomy_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


register_with_keras()
