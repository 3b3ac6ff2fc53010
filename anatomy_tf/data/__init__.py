"""Motions, virtual cameras, simulated detections; sequences, windows and batches for training.

``Batches``, ``FollowEpoch`` and ``load_batches`` import Keras, so they load when first named.
"""

from typing import TYPE_CHECKING

from anatomy_tf.data.batches.batch_options import BatchOptions
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
from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.data.batches.window_batches import Batches, FollowEpoch
    from anatomy_tf.data.named_batches import load_batches
else:
    __getattr__ = late_names(
        __name__,
        {
            "Batches": "batches.window_batches",
            "FollowEpoch": "batches.window_batches",
            "load_batches": "named_batches",
        },
    )

__all__ = [
    "BatchOptions",
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
