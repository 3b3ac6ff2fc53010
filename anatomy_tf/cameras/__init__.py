"""Cameras, projection and screen coordinates."""

from anatomy_tf.cameras.camera import Camera
from anatomy_tf.cameras.projection import flip_intrinsics, project
from anatomy_tf.cameras.screen import denormalize_screen, normalize_screen

__all__ = ["Camera", "denormalize_screen", "flip_intrinsics", "normalize_screen", "project"]
