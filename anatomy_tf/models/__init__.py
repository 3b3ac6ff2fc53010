"""The network of the paper, its baseline and the recipes they follow."""

from anatomy_tf.models.anatomy_lifter import AnatomyLifter
from anatomy_tf.models.anatomy_lifter_config import AnatomyLifterConfig
from anatomy_tf.models.bone_direction_network import bone_direction_network
from anatomy_tf.models.bone_length_network import bone_length_network
from anatomy_tf.models.recipe import OFFICIAL, PAPER, RECIPES, Recipe, get_recipe
from anatomy_tf.models.video_pose import VideoPose, VideoPoseConfig

__all__ = [
    "OFFICIAL",
    "PAPER",
    "RECIPES",
    "AnatomyLifter",
    "AnatomyLifterConfig",
    "Recipe",
    "VideoPose",
    "VideoPoseConfig",
    "bone_direction_network",
    "bone_length_network",
    "get_recipe",
]
