"""Lift 2D keypoint video to anatomically consistent 3D human pose.

The rooms of the package load when they are first named, so that ``import anatomy_tf`` stays fast:
lifting needs neither Keras nor TensorFlow, and ``anatomy_tf.AnatomyLifter`` imports them.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.keras_classes import register_with_keras

__version__ = "0.1.0"

_ROOM_OF = {
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

__all__ = [
    "__version__",
    "AnatomyError",
    "AnatomyLifter",
    "Camera",
    "KeypointSequence",
    "Lifter",
    "PoseSequence",
    "Skeleton",
    "VideoPose",
    "load_keypoints",
    "save_poses",
    "anatomy",
    "cameras",
    "data",
    "detection",
    "evaluation",
    "export",
    "formats",
    "inference",
    "layers",
    "losses",
    "metrics",
    "models",
    "network",
    "poses",
    "sequences",
    "serving",
    "skeletons",
    "training",
    "visualization",
]

if TYPE_CHECKING:
    from anatomy_tf import (
        anatomy,
        cameras,
        data,
        detection,
        evaluation,
        export,
        formats,
        inference,
        layers,
        losses,
        metrics,
        models,
        network,
        poses,
        sequences,
        serving,
        skeletons,
        training,
        visualization,
    )
    from anatomy_tf.cameras import Camera
    from anatomy_tf.errors import AnatomyError
    from anatomy_tf.formats import load_keypoints, save_poses
    from anatomy_tf.inference import Lifter
    from anatomy_tf.models import AnatomyLifter, VideoPose
    from anatomy_tf.sequences import KeypointSequence, PoseSequence
    from anatomy_tf.skeletons import Skeleton
else:

    def __getattr__(name: str) -> Any:
        if name in _ROOM_OF:
            return getattr(importlib.import_module(f"anatomy_tf.{_ROOM_OF[name]}"), name)
        if name in __all__:
            return importlib.import_module(f"anatomy_tf.{name}")
        raise AttributeError(f"module 'anatomy_tf' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


register_with_keras()
