"""Cameras, projection and screen coordinates."""

from anatomy_tf.cameras.camera import Camera
from anatomy_tf.cameras.field_of_view import (
    DEFAULT_FIELD_OF_VIEW,
    default_focal_length,
    focal_of_view,
)
from anatomy_tf.cameras.likely_lens import check_lens
from anatomy_tf.cameras.projection import flip_intrinsics, project
from anatomy_tf.cameras.screen import denormalize_screen, normalize_screen

__all__ = [
    "DEFAULT_FIELD_OF_VIEW",
    "Camera",
    "check_lens",
    "default_focal_length",
    "denormalize_screen",
    "flip_intrinsics",
    "focal_of_view",
    "normalize_screen",
    "project",
]
