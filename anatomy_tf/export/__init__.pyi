from .inspection import inspect_model as inspect_model
from .lifting_graph import LiftingGraph as LiftingGraph
from .litert import export_litert as export_litert
from .onnx_model import export_onnx as export_onnx
from .saved_model import export_saved_model as export_saved_model
