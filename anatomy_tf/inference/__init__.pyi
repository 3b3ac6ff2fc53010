from anatomy_tf.models.shipped_models import find_model as find_model
from anatomy_tf.models.shipped_models import shipped_models as shipped_models

from .clip_lifter import Estimate as Estimate
from .data_set_estimates import store_estimates as store_estimates
from .data_set_estimates import store_spreads as store_spreads
from .exported.litert_lifter import LiteRTLifter as LiteRTLifter
from .exported.litert_lifter import LiteRTStream as LiteRTStream
from .exported.onnx_lifter import ONNXLifter as ONNXLifter
from .exported.saved_model_lifter import SavedModelLifter as SavedModelLifter
from .lifter import Lifter as Lifter
from .live.live_lifter import LiveLifter as LiveLifter
from .live.live_lifter import LivePerson as LivePerson
from .loading import load_lifter as load_lifter
from .spread_calibration import SpreadCalibration as SpreadCalibration
from .streaming import StreamingLifter as StreamingLifter
