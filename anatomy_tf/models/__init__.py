"""The network of the paper, its baseline and the recipes they follow.

Configs and recipes need no Keras; the models import it when they are first named.
"""

from typing import TYPE_CHECKING

from anatomy_tf.extras import late_names
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.lifting_model_config import LiftingModelConfig
from anatomy_tf.models.recipe import OFFICIAL, PAPER, RECIPES, Recipe, get_recipe
from anatomy_tf.models.video_pose_config import VideoPoseConfig

if TYPE_CHECKING:
    from anatomy_tf.models.anatomy_lifter import AnatomyLifter
    from anatomy_tf.models.direction_network import bone_direction_network
    from anatomy_tf.models.length_network import bone_length_network
    from anatomy_tf.models.lifting_model import LiftingModel, load_model
    from anatomy_tf.models.video_pose import VideoPose
else:
    __getattr__ = late_names(
        __name__,
        {
            "AnatomyLifter": "anatomy_lifter",
            "LiftingModel": "lifting_model",
            "VideoPose": "video_pose",
            "bone_direction_network": "direction_network",
            "bone_length_network": "length_network",
            "load_model": "lifting_model",
        },
    )

__all__ = [
    "OFFICIAL",
    "PAPER",
    "RECIPES",
    "AnatomyLifter",
    "AnatomyLifterConfig",
    "LiftingModel",
    "LiftingModelConfig",
    "Recipe",
    "VideoPose",
    "VideoPoseConfig",
    "bone_direction_network",
    "bone_length_network",
    "get_recipe",
    "load_model",
]
