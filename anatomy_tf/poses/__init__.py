"""Poses after lifting: smoothing, levelling, the place in the camera, standing feet, warnings.

SciPy's filters take a second to import, so the modules load when their names are first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.poses.feet_on_floor import floor_up, standing_feet, still_feet
    from anatomy_tf.poses.levelling import estimate_up, level, up_of_camera
    from anatomy_tf.poses.root_position import place_in_camera
    from anatomy_tf.poses.smoothing import smooth

__all__ = [
    "estimate_up",
    "floor_up",
    "level",
    "place_in_camera",
    "smooth",
    "standing_feet",
    "still_feet",
    "up_of_camera",
]

__getattr__ = late_names(
    __name__,
    {
        "estimate_up": "levelling",
        "floor_up": "feet_on_floor",
        "level": "levelling",
        "place_in_camera": "root_position",
        "smooth": "smoothing",
        "standing_feet": "feet_on_floor",
        "still_feet": "feet_on_floor",
        "up_of_camera": "levelling",
    },
)
