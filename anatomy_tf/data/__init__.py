"""Motions, virtual cameras, simulated detections; sequences, windows and batches for training.

``Batches``, ``FollowEpoch`` and ``batches`` import Keras, and so load when they are first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.data.capture_variety import CaptureVariety
from anatomy_tf.data.clip import MotionClip
from anatomy_tf.data.motion_capture import load_motion_capture
from anatomy_tf.data.simulated_detections import DetectionNoise, simulate_detections
from anatomy_tf.data.sources import SOURCES, Source, load
from anatomy_tf.data.store import SequenceStore
from anatomy_tf.data.view import View
from anatomy_tf.data.views import render_views, split_by_subject
from anatomy_tf.data.virtual_cameras import CameraRanges, random_camera

if TYPE_CHECKING:
    from anatomy_tf.data.window_batches import Batches, FollowEpoch, batches

__all__ = [
    "Batches",
    "CameraRanges",
    "CaptureVariety",
    "DetectionNoise",
    "FollowEpoch",
    "MotionClip",
    "SOURCES",
    "Source",
    "SequenceStore",
    "View",
    "batches",
    "load",
    "load_motion_capture",
    "random_camera",
    "render_views",
    "simulate_detections",
    "split_by_subject",
]

_WITH_KERAS = ("Batches", "FollowEpoch", "batches")


def __getattr__(name: str) -> Any:
    if name in _WITH_KERAS:
        return getattr(importlib.import_module("anatomy_tf.data.window_batches"), name)
    raise AttributeError(f"module 'anatomy_tf.data' has no attribute {name!r}")
