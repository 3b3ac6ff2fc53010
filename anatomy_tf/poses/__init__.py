"""Poses after lifting: smoothing, the place in the room, joint angles, warnings.

SciPy's filters take a second to import, so the modules load when their names are first used.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names

if TYPE_CHECKING:
    from anatomy_tf.poses.angles import JointAngles, joint_angles
    from anatomy_tf.poses.feet_on_floor import floor_up, standing_feet, still_feet
    from anatomy_tf.poses.floor import stand_on_floor
    from anatomy_tf.poses.foot_contact import FootContacts, foot_contacts
    from anatomy_tf.poses.keypoint_fit import fit_to_rays
    from anatomy_tf.poses.levelling import common_up, estimate_up, level, up_of_camera
    from anatomy_tf.poses.person_height import scale_to_height, stature
    from anatomy_tf.poses.root_position import place_in_camera
    from anatomy_tf.poses.smoothing import smooth
else:
    __getattr__ = late_names(
        __name__,
        {
            "FootContacts": "foot_contact",
            "JointAngles": "angles",
            "common_up": "levelling",
            "estimate_up": "levelling",
            "fit_to_rays": "keypoint_fit",
            "floor_up": "feet_on_floor",
            "foot_contacts": "foot_contact",
            "joint_angles": "angles",
            "level": "levelling",
            "place_in_camera": "root_position",
            "scale_to_height": "person_height",
            "smooth": "smoothing",
            "standing_feet": "feet_on_floor",
            "still_feet": "feet_on_floor",
            "stand_on_floor": "floor",
            "stature": "person_height",
            "up_of_camera": "levelling",
        },
    )

__all__ = [
    "FootContacts",
    "JointAngles",
    "common_up",
    "estimate_up",
    "fit_to_rays",
    "floor_up",
    "foot_contacts",
    "joint_angles",
    "level",
    "place_in_camera",
    "scale_to_height",
    "smooth",
    "stand_on_floor",
    "standing_feet",
    "stature",
    "still_feet",
    "up_of_camera",
]
