"""Smaller numbers in a LiteRT file, where they cost little.

Only the products from C features to C features are quantised: nearly all of the weights, and rows
whose many rounding errors average out. The first layers stay in float32, because a keypoint rounded
to 8 bits moves by pixels, and so do the last ones (a coordinate of a metre in 8 bits moves by
millimetres), the sums of residuals and the softmax over frames, whose 8 bits end at 1/256.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.exported.litert_file import litert

Quantization = Literal["none", "float16", "dynamic", "int8"]
"""``float16``: weights; ``dynamic``: weights in 8 bits, and features when the model runs, each row
by its own range; ``int8``: both in 8 bits, features by ranges measured on representative clips."""

Arrays = Mapping[str, NDArray[np.float32]]

Ranges = dict[str, tuple[float, float]]
"""Least and largest value of feature tensors, by name."""

HEADROOM = 1.25
"""Factor by which ranges are widened: unusual motion exceeds the ranges of usual motion, and to cut
values off costs far more than to round them (docs/phones.md)."""

_WEIGHTS_8 = {"num_bits": 8, "symmetric": True, "granularity": "CHANNELWISE", "dtype": "INT"}
_FEATURES_8 = {"num_bits": 8, "symmetric": False, "granularity": "TENSORWISE", "dtype": "INT"}
_INTEGER = {"compute_precision": "INTEGER", "explicit_dequantize": False}
_RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "float16": (
        "float_casting",
        {
            "weight_tensor_config": {"num_bits": 16, "dtype": "FLOAT"},
            "compute_precision": "FLOAT",
            "explicit_dequantize": True,
        },
    ),
    "dynamic": ("min_max_uniform_quantize", {"weight_tensor_config": _WEIGHTS_8, **_INTEGER}),
    "int8": (
        "min_max_uniform_quantize",
        {
            "activation_tensor_config": _FEATURES_8,
            "weight_tensor_config": _WEIGHTS_8,
            **_INTEGER,
        },
    ),
}
"""Algorithm and configuration of ai-edge-quantizer."""


def check_quantization(quantization: str) -> None:
    """Check, before the work, that a quantization is known and its package installed.

    Raises:
        AnatomyError: for another name, or without ai-edge-quantizer (extra ``litert``).
    """
    known = get_args(Quantization)
    if quantization not in known:
        raise AnatomyError(f"quantize: expected one of {', '.join(known)}, got {quantization!r}")
    if quantization != "none":
        litert("ai_edge_quantizer")


def quantized(
    content: bytes, quantization: Quantization, channels: int, ranges: Ranges | None = None
) -> bytes:
    """Return a float32 file's bytes with smaller numbers in its wide products.

    Args:
        content: of the file.
        quantization: which numbers.
        channels: C of the network.
        ranges: of the features, for ``int8``: ``FeatureRanges.ranges``.

    Raises:
        AnatomyError: when there are no such products.
    """
    if quantization == "none":
        return content
    algorithm, configuration = _RULES[quantization]
    names = [re.escape(output) for output, _ in wide_products(content, channels)]
    if not names:
        raise AnatomyError("quantize: a network without blocks has no products worth it")
    recipe = {
        # A scope is an operation's output tensor, with a semicolon after its name.
        "regex": f"^({'|'.join(names)});?$",
        "operation": "FULLY_CONNECTED",
        "algorithm_key": algorithm,
        "op_config": configuration,
    }
    measured = None
    if ranges is not None:
        measured = {
            name: {"min": np.float32(HEADROOM * low), "max": np.float32(HEADROOM * high)}
            for name, (low, high) in ranges.items()
        }
    quantizer = litert("ai_edge_quantizer").Quantizer(content, [recipe])
    # It draws progress bars, and its interpreter warns that it keeps all tensors.
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        result = quantizer.quantize(measured, enable_progress_report=False)
    return bytes(result.quantized_model)


def wide_products(content: bytes, channels: int) -> list[tuple[str, str]]:
    """Return the products from features to features: names of output and input tensor.

    Args:
        content: of a float32 file.
        channels: C of the network; a product on several frames reads a multiple of it.
    """
    schema = litert("ai_edge_litert.schema_py_generated")
    model = schema.Model.GetRootAsModel(content, 0)
    graph = model.Subgraphs(0)
    found = []
    for number in range(graph.OperatorsLength()):
        operation = graph.Operators(number)
        code = model.OperatorCodes(operation.OpcodeIndex()).BuiltinCode()
        if code != schema.BuiltinOperator.FULLY_CONNECTED:
            continue
        outputs, inputs = graph.Tensors(operation.Inputs(1)).ShapeAsNumpy()
        if outputs == channels and inputs % channels == 0:
            tensors = graph.Tensors(operation.Outputs(0)), graph.Tensors(operation.Inputs(0))
            found.append((tensors[0].Name().decode(), tensors[1].Name().decode()))
    return found


class FeatureRanges:
    """Runs a float32 file and keeps what its wide products read and gave.

    Args:
        content: of the file.
        signature: the one to run.
        channels: C of the network.

    Attributes:
        ranges: least and largest value of each so far.
    """

    def __init__(self, content: bytes, signature: str, channels: int) -> None:
        library = litert("ai_edge_litert.interpreter")
        with warnings.catch_warnings():
            # That it keeps all tensors, which is the point here.
            warnings.simplefilter("ignore", UserWarning)
            self._interpreter = library.Interpreter(
                model_content=content,
                num_threads=2,
                # The delegate keeps to itself what lies between its operations.
                experimental_op_resolver_type=(
                    library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
                ),
                experimental_preserve_all_tensors=True,
            )
        self._run = self._interpreter.get_signature_runner(signature)
        wanted = {name for pair in wide_products(content, channels) for name in pair}
        details = self._interpreter.get_tensor_details()
        self._places = {t["name"]: t["index"] for t in details if t["name"] in wanted}
        self.ranges: Ranges = {}

    def add(self, inputs: Arrays) -> dict[str, NDArray[np.float32]]:
        """Run the signature once, widen the ranges by it, and return its outputs."""
        outputs = self._run(**inputs)
        for name, place in self._places.items():
            values = self._interpreter.get_tensor(place)
            low, high = self.ranges.get(name, (np.inf, -np.inf))
            self.ranges[name] = min(low, float(values.min())), max(high, float(values.max()))
        return outputs

    def zeros(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return zeros for the inputs whose names begin with the prefix."""
        details = self._run.get_input_details()
        return {
            name: np.zeros(tensor["shape"], tensor["dtype"])
            for name, tensor in details.items()
            if name.startswith(prefix)
        }
