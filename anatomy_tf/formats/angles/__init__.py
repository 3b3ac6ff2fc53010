"""Writers of joint angles, one module for each format, and their registry."""

from anatomy_tf.formats.angles.registry import ANGLE_FORMATS, save_angles

__all__ = ["ANGLE_FORMATS", "save_angles"]
