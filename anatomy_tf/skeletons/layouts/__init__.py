"""Keypoint layouts, one file each; a layout is data."""

from anatomy_tf.skeletons.layouts.blazepose import BLAZEPOSE_33
from anatomy_tf.skeletons.layouts.body_25 import BODY_25
from anatomy_tf.skeletons.layouts.body_25b import BODY_25B
from anatomy_tf.skeletons.layouts.cmu import CMU_31
from anatomy_tf.skeletons.layouts.coco import COCO_17
from anatomy_tf.skeletons.layouts.coco_18 import COCO_18
from anatomy_tf.skeletons.layouts.halpe import HALPE_26
from anatomy_tf.skeletons.layouts.human36m import HUMAN36M_17
from anatomy_tf.skeletons.layouts.mpi_inf_3dhp import MPI_INF_3DHP_14, MPI_INF_3DHP_17

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
]
