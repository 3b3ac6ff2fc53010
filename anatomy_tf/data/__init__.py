"""Motions, virtual cameras, simulated detections; sequences, windows and batches for training.

``Batches``, ``FollowEpoch`` and ``load_batches`` import Keras, so they load when first named.
"""

import importlib
from typing import TYPE_CHECKING, Any

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.sources import SOURCES, Source, load
from anatomy_tf.data.motion.balance import balanced_views, cut_clips
from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.motion_capture import load_motion_capture
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.detector_errors import DetectorErrors
from anatomy_tf.data.views.recordings import RecordingVariety, render_recordings
from anatomy_tf.data.views.rendering import render_views, split_by_subject
from anatomy_tf.data.views.room_cameras import RoomCameras
from anatomy_tf.data.views.simulated_detections import DetectionNoise, simulate_detections
from anatomy_tf.data.views.view import View
from anatomy_tf.data.views.virtual_cameras import CameraRanges, random_camera

if TYPE_CHECKING:
    from anatomy_tf.data.batches.window_batches import Batches, FollowEpoch, load_batches

__all__ = [
    "Batches",
    "BodyProportions",
    "CameraRanges",
    "CaptureVariety",
    "DetectionNoise",
    "DetectorErrors",
    "FollowEpoch",
    "MotionClip",
    "RecordingVariety",
    "RoomCameras",
    "SOURCES",
    "Source",
    "SequenceStore",
    "View",
    "balanced_views",
    "cut_clips",
    "load",
    "load_batches",
    "load_motion_capture",
    "random_camera",
    "render_recordings",
    "render_views",
    "simulate_detections",
    "split_by_subject",
]

_WITH_KERAS = ("Batches", "FollowEpoch", "load_batches")


def __getattr__(name: str) -> Any:
    if name in _WITH_KERAS:
        return getattr(importlib.import_module("anatomy_tf.data.batches.window_batches"), name)
    raise AttributeError(f"module 'anatomy_tf.data' has no attribute {name!r}")
