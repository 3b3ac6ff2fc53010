"""Skeletons, keypoint layouts and the mapping between them."""

from anatomy_tf.skeletons.layouts import (
    BLAZEPOSE_33,
    BODY_25,
    BODY_25B,
    CMU_31,
    COCO_17,
    COCO_18,
    HALPE_26,
    HUMAN36M_17,
    MPI_INF_3DHP_14,
    MPI_INF_3DHP_17,
)
from anatomy_tf.skeletons.mapping import SkeletonMapping, map_skeleton
from anatomy_tf.skeletons.registry import get_skeleton, register_skeleton, skeleton_names
from anatomy_tf.skeletons.skeleton import Skeleton

__all__ = [
    "BLAZEPOSE_33",
    "BODY_25",
    "BODY_25B",
    "CMU_31",
    "COCO_17",
    "COCO_18",
    "HALPE_26",
    "HUMAN36M_17",
    "MPI_INF_3DHP_14",
    "MPI_INF_3DHP_17",
    "Skeleton",
    "SkeletonMapping",
    "get_skeleton",
    "map_skeleton",
    "register_skeleton",
    "skeleton_names",
]
