"""The client's side of TensorFlow Serving's two protocols."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.serving.refusal import HTTP_STATUS, RefusedError
from anatomy_tf.serving.rest_messages import plain_values
from anatomy_tf.serving.signature import Arrays, Signature, TensorShape

_CODES = {status: code for code, status in HTTP_STATUS.items()} | {408: "DEADLINE_EXCEEDED"}
_LOST = "The actor died"
"""Beginning of Ray's message when the process that had the request is gone."""

STICKY = "session_id"
"""Ray's name for the key by which calls go to the same gateway; other servers ignore it."""


class Transport(Protocol):
    """Interface of a protocol; each method is one call, and fails with ``RefusedError``."""

    def predict(
        self, version: int | None, signature: str, inputs: Arrays, timeout: float, sticky: str
    ) -> tuple[int | None, dict[str, NDArray[Any]]]:
        """Return the version that answered, where the protocol states it, and its outputs."""

    def signatures(self, version: int | None, timeout: float) -> dict[str, Signature]:
        """Return the model's signatures."""

    def status(self, version: int | None, timeout: float) -> dict[int, str]:
        """Return the state of each version, such as ``AVAILABLE``."""

    def close(self) -> None:
        """Close the connection."""


class GrpcTransport:
    """The gRPC protocol, by the official stubs.

    Args:
        address: ``host:port``.
        model: its name at the server.
    """

    def __init__(self, address: str, model: str) -> None:
        try:
            import grpc
            from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc
        except ImportError as error:
            raise AnatomyError(
                f"gRPC needs {error.name}, which is not installed: pip install "
                '"anatomy_tf[serve]"; an address that begins with http:// does without'
            ) from None
        self._model = model
        self._channel = grpc.insecure_channel(
            address,
            options=[
                ("grpc.max_receive_message_length", -1),
                ("grpc.max_send_message_length", -1),
                # Give each of several clients in one process its own connection.
                ("grpc.use_local_subchannel_pool", 1),
                # Find a server that was restarted within a second, not two minutes.
                ("grpc.max_reconnect_backoff_ms", 1000),
            ],
        )
        self._prediction = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def predict(
        self, version: int | None, signature: str, inputs: Arrays, timeout: float, sticky: str
    ) -> tuple[int | None, dict[str, NDArray[Any]]]:
        import tensorflow as tf
        from tensorflow_serving.apis import predict_pb2

        request = predict_pb2.PredictRequest()
        self._specify(request, version)
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        metadata = [(STICKY, sticky)] if sticky else None
        response = _called(self._prediction.Predict, request, timeout, metadata)
        outputs = {name: tf.make_ndarray(value) for name, value in response.outputs.items()}
        return response.model_spec.version.value, outputs

    def signatures(self, version: int | None, timeout: float) -> dict[str, Signature]:
        from tensorflow_serving.apis import get_model_metadata_pb2

        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        self._specify(request, version)
        response = _called(self._prediction.GetModelMetadata, request, timeout)
        found = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(found)
        return {
            name: Signature(name, _tensors(definition.inputs), _tensors(definition.outputs))
            for name, definition in found.signature_def.items()
        }

    def status(self, version: int | None, timeout: float) -> dict[int, str]:
        from tensorflow_serving.apis import get_model_status_pb2

        request = get_model_status_pb2.GetModelStatusRequest()
        self._specify(request, version)
        response = _called(self._models.GetModelStatus, request, timeout)
        names = get_model_status_pb2.ModelVersionStatus.State.Name
        return {each.version: names(each.state) for each in response.model_version_status}

    def close(self) -> None:
        self._channel.close()

    def _specify(self, request: Any, version: int | None) -> None:
        request.model_spec.name = self._model
        if version is not None:
            request.model_spec.version.value = version


def _called(method: Any, request: Any, timeout: float, metadata: Any = None) -> Any:
    import grpc

    try:
        return method(request, timeout=timeout, metadata=metadata)
    except grpc.RpcError as error:
        code, message = error.code().name, error.details() or "no details"
        raise _refusal(code, message) from None


def _refusal(code: str, message: str) -> RefusedError:
    if message.startswith(_LOST):
        return RefusedError("UNAVAILABLE", "the server's process that had the request is gone")
    return RefusedError(code, message)


def _tensors(infos: Mapping[str, Any]) -> dict[str, TensorShape]:
    from tensorflow.dtypes import as_dtype

    return {
        name: TensorShape(
            np.dtype(as_dtype(info.dtype).as_numpy_dtype),
            tuple(None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim),
        )
        for name, info in infos.items()
    }


class RestTransport:
    """The REST protocol, by the standard library.

    Args:
        address: ``http://host:port``.
        model: its name at the server.
    """

    def __init__(self, address: str, model: str) -> None:
        self._model = f"{address.rstrip('/')}/v1/models/{urllib.parse.quote(model, safe='')}"
        self._known: dict[int | None, dict[str, Signature]] = {}

    def predict(
        self, version: int | None, signature: str, inputs: Arrays, timeout: float, sticky: str
    ) -> tuple[int | None, dict[str, NDArray[Any]]]:
        plain = {name: plain_values(np.asarray(value)) for name, value in inputs.items()}
        body = {"signature_name": signature or "serving_default", "inputs": plain}
        found = self._called(version, ":predict", "outputs", timeout, body, sticky)
        if not isinstance(found, dict):
            # A single output comes without its name.
            if version not in self._known:
                self._known[version] = self.signatures(version, timeout)
            (name,) = self._known[version][str(body["signature_name"])].outputs
            found = {name: found}
        return version, {name: _numbers(value) for name, value in found.items()}

    def signatures(self, version: int | None, timeout: float) -> dict[str, Signature]:
        found = self._called(version, "/metadata", "metadata", timeout)
        definitions = found["signature_def"]["signature_def"]
        return {
            name: Signature(
                name,
                _described(definition.get("inputs", {})),
                _described(definition.get("outputs", {})),
            )
            for name, definition in definitions.items()
        }

    def status(self, version: int | None, timeout: float) -> dict[int, str]:
        found = self._called(version, "", "model_version_status", timeout)
        return {int(each["version"]): each["state"] for each in found}

    def close(self) -> None:
        """Do nothing, since no connection is kept."""

    def _called(
        self,
        version: int | None,
        verb: str,
        key: str,
        timeout: float,
        body: Any = None,
        sticky: str = "",
    ) -> Any:
        """Return what an answer has under a key."""
        url = self._model + ("" if version is None else f"/versions/{version}") + verb
        headers = {"content-type": "application/json"}
        if sticky:
            headers["x-session-id"] = sticky
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(url, data, headers)
            with urllib.request.urlopen(request, timeout=timeout) as response:
                found = json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise _of_http(error) from None
        except TimeoutError:
            raise RefusedError("DEADLINE_EXCEEDED", f"no answer within {timeout:.3g} s") from None
        except http.client.InvalidURL as error:
            raise RefusedError("INVALID_ARGUMENT", f"{error}") from None
        except http.client.HTTPException as error:
            # The connection ended within the answer, or the server does not speak HTTP.
            raise RefusedError("UNAVAILABLE", f"{first_line(error)}") from None
        except ValueError as error:
            raise RefusedError("INTERNAL", f"expected JSON, got {error}") from None
        except OSError as error:
            reason = getattr(error, "reason", None) or error
            if isinstance(reason, TimeoutError):
                message = f"no answer within {timeout:.3g} s"
                raise RefusedError("DEADLINE_EXCEEDED", message) from None
            raise RefusedError("UNAVAILABLE", f"{reason}") from None
        if not isinstance(found, dict) or key not in found:
            raise RefusedError(
                "INTERNAL", f"{url}: expected an answer of TensorFlow Serving with {key}"
            )
        return found[key]


def _of_http(error: urllib.error.HTTPError) -> RefusedError:
    text = error.read().decode(errors="replace")
    try:
        message = str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        message = text or error.reason
    return _refusal(_CODES.get(error.code, "INTERNAL"), message)


def _numbers(value: Any) -> NDArray[Any]:
    array = np.array(value)
    if array.dtype == object:
        # Our server's null is NaN.
        array = np.array(value, np.float32)
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array.astype(object) if array.dtype.kind in "US" else array


_TYPES = {"DT_FLOAT": np.float32, "DT_INT32": np.int32, "DT_INT64": np.int64, "DT_BOOL": np.bool_}


def _described(infos: Mapping[str, Any]) -> dict[str, TensorShape]:
    return {
        name: TensorShape(
            np.dtype(_TYPES.get(info["dtype"], object)),
            tuple(
                None if int(dim["size"]) < 0 else int(dim["size"])
                for dim in info.get("tensor_shape", {}).get("dim", ())
            ),
        )
        for name, info in infos.items()
    }
