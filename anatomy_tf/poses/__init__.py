"""Poses after lifting: smoothing, levelling, the place in the camera, warnings.

SciPy's filters take a second to import, so the modules load when their names are first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.poses.levelling import estimate_up, level, up_of_camera
    from anatomy_tf.poses.root_position import place_in_camera
    from anatomy_tf.poses.smoothing import smooth

__all__ = ["estimate_up", "level", "place_in_camera", "smooth", "up_of_camera"]

__getattr__ = late_names(
    __name__,
    {
        "estimate_up": "levelling",
        "level": "levelling",
        "place_in_camera": "root_position",
        "smooth": "smoothing",
        "up_of_camera": "levelling",
    },
)
