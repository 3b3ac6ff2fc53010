"""Conversion between TensorFlow Serving's gRPC messages and arrays."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
)

from anatomy_tf.files.guard import reading
from anatomy_tf.serving import health_messages
from anatomy_tf.serving.refusal import invalid, refusing
from anatomy_tf.serving.sessions import SESSION, SESSION_INPUTS, SESSION_OUTPUTS, STREAM
from anatomy_tf.serving.signature import Arrays

MOST_ELEMENTS = 50_000_000
"""Most elements of all inputs, because a few bytes can name a tensor that fills the memory."""

SIGNATURES = "signature_def"


@dataclasses.dataclass(frozen=True)
class Messages:
    """The request and response messages of a method."""

    request: Any
    response: Any


PREDICT = Messages(predict_pb2.PredictRequest, predict_pb2.PredictResponse)
METADATA = Messages(
    get_model_metadata_pb2.GetModelMetadataRequest, get_model_metadata_pb2.GetModelMetadataResponse
)
STATUS = Messages(
    get_model_status_pb2.GetModelStatusRequest, get_model_status_pb2.GetModelStatusResponse
)
HEALTH = Messages(health_messages.HealthCheckRequest, health_messages.HealthCheckResponse)

_STATES = get_model_status_pb2.ModelVersionStatus.State
_ERRORS = {"AVAILABLE": 0, "END": 2}
"""``error::Code`` by state: OK, UNKNOWN."""


def read_request(messages: Messages, request: bytes) -> Any:
    """Parse a request from its bytes.

    Raises:
        RefusedError: for bytes that are no such message.
    """
    try:
        return messages.request.FromString(request)
    except DecodeError as error:
        raise invalid(f"expected a {messages.request.DESCRIPTOR.full_name}: {error}") from None


def read_inputs(request: predict_pb2.PredictRequest) -> Arrays:
    """Return the arrays of a request.

    Raises:
        RefusedError: for a tensor that contradicts itself.
    """
    elements = 0
    for name, tensor in request.inputs.items():
        sizes = [dim.size for dim in tensor.tensor_shape.dim]
        elements += math.prod(sizes)
        if any(size < 0 for size in sizes) or elements > MOST_ELEMENTS:
            raise invalid(
                f"{name}: expected at most {MOST_ELEMENTS:,} elements in all, got the shape {sizes}"
            )
    return {name: _array(name, tensor) for name, tensor in request.inputs.items()}


def _array(name: str, tensor: Any) -> Any:
    with refusing(), reading(name, "tensor"):
        return tf.make_ndarray(tensor)


def predict_response(
    model: str, version: int, signature: str, outputs: Arrays
) -> predict_pb2.PredictResponse:
    """Return the answer to ``Predict``."""
    response = predict_pb2.PredictResponse(model_spec=_spec(model, version, signature))
    for name, value in outputs.items():
        response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
    return response


def metadata_response(
    model: str, version: int, definitions: dict[str, bytes]
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """Return the answer to ``GetModelMetadata`` for the field ``signature_def``."""
    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, definition in definitions.items():
        signatures.signature_def[name].CopyFrom(meta_graph_pb2.SignatureDef.FromString(definition))
    if STREAM in definitions:
        _describe_session(signatures.signature_def)
    response = get_model_metadata_pb2.GetModelMetadataResponse(model_spec=_spec(model, version, ""))
    response.metadata[SIGNATURES].Pack(signatures)
    return response


def _describe_session(signatures: Any) -> None:
    """Add the signature ``stream_session``: ``stream`` with the state kept by the server."""
    stream, session = signatures[STREAM], signatures[SESSION]
    session.CopyFrom(stream)
    for name in set(stream.inputs) & set(stream.outputs):
        del session.inputs[name], session.outputs[name]
    for name, dtype in SESSION_INPUTS.items():
        session.inputs[name].dtype = tf.dtypes.as_dtype(dtype).as_datatype_enum
        session.inputs[name].tensor_shape.SetInParent()
        if name in SESSION_OUTPUTS:
            session.outputs[name].CopyFrom(session.inputs[name])


def status_response(
    versions: list[tuple[int, str, str]],
) -> get_model_status_pb2.GetModelStatusResponse:
    """Return the answer to ``GetModelStatus``."""
    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state, error in versions:
        entry = response.model_version_status.add(version=number, state=_STATES.Value(state))
        entry.status.error_code = _ERRORS[state]
        entry.status.error_message = error
    return response


def health_response(state: str) -> Any:
    """Return an answer of the health protocol, such as of ``"SERVING"``."""
    return HEALTH.response(status=health_messages.STATES[state])


def _spec(model: str, version: int, signature: str) -> model_pb2.ModelSpec:
    spec = model_pb2.ModelSpec(name=model, signature_name=signature)
    spec.version.value = version
    return spec
