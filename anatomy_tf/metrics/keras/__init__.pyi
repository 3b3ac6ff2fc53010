from .bone_length_error import BoneLengthError as BoneLengthError
from .frame_metric import FrameMetric as FrameMetric
from .mpjpe import MPJPE as MPJPE
from .p_mpjpe import PMPJPE as PMPJPE
from .pck import PCK as PCK
