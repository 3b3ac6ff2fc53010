"""The server's gateway, which answers two protocols from one model's replicas."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from anatomy_tf.serving import rest_messages
from anatomy_tf.serving.grpc_services import METHODS
from anatomy_tf.serving.measures import GatewayMeasures, node_metrics
from anatomy_tf.serving.proxy_answers import NOT_READY
from anatomy_tf.serving.ray_addresses import keep_replica_on_loopback
from anatomy_tf.serving.refusal import HTTP_STATUS, PASSING, RefusedError, invalid
from anatomy_tf.serving.replica import Answered
from anatomy_tf.serving.rest_transfer import cross_origin, packed, read_body
from anatomy_tf.serving.sessions import (
    SESSION,
    SESSION_INPUTS,
    Session,
    Sessions,
    frame_due,
    stream_inputs,
)
from anatomy_tf.serving.signature import Arrays

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from anatomy_tf.serving.grpc_messages import Messages

LOG = logging.getLogger("ray.serve")

ATTEMPTS = 4
"""Number of replicas that may die over a request before it fails."""

IN_TURN = 16
"""Clips of unequal length of one REST request that are asked for at a time."""

WATCHERS = 100
"""Most clients that watch the server's health at a time."""

LOOK = 1.0
"""Seconds between two checks of the health for clients that watch it."""

METRICS_PATH = "/monitoring/prometheus/metrics"
"""The path that is usually configured for TensorFlow Serving's metrics."""


class Gateway:
    """Answers TensorFlow Serving's gRPC services and REST API from the model's replicas.

    A request whose replica dies goes to another one: the same inputs give the same answer.

    Args:
        replicas: Ray's handle of the ``ModelReplica`` deployment.
        model: the name under which it is served.
        sessions: most streams at a time.
        expiry: seconds of silence after which a stream is forgotten.
        labels: names of versions.
        cors: sites whose pages may read answers over REST; ``"*"`` for all.
    """

    def __init__(
        self,
        replicas: Any,
        model: str,
        sessions: int = 100,
        expiry: float = 60.0,
        labels: Mapping[str, int] | None = None,
        cors: Sequence[str] = (),
    ) -> None:
        keep_replica_on_loopback()
        # Imports TensorFlow, which the process that starts the server does not need.
        from anatomy_tf.serving import grpc_messages

        self._grpc = grpc_messages
        self._replicas = replicas
        self._model = model
        self._sessions = Sessions(sessions, expiry)
        self._labels = dict(labels or {})
        self._cors = tuple(cors)
        self._measures = GatewayMeasures()
        self._watchers = 0

    # gRPC: the names of the official services' methods.

    async def Predict(self, request: bytes, grpc_context: Any) -> Any:  # noqa: N802
        """Answer ``PredictionService.Predict``."""

        async def answer(request: Any) -> Any:
            version = self._version(request)
            signature, wanted = request.model_spec.signature_name, tuple(request.output_filter)
            inputs = self._grpc.read_inputs(request)
            found = await self._predict(version, signature, inputs, wanted)
            return self._grpc.predict_response(self._model, found.version, signature, found.outputs)

        messages = self._grpc.PREDICT
        return await self._over_grpc("predict", messages, request, answer, grpc_context)

    async def GetModelMetadata(self, request: bytes, grpc_context: Any) -> Any:  # noqa: N802
        """Answer ``PredictionService.GetModelMetadata``."""

        async def answer(request: Any) -> Any:
            fields = list(request.metadata_field)
            if fields != [self._grpc.SIGNATURES]:
                raise invalid(f"expected the metadata_field {self._grpc.SIGNATURES}, got {fields}")
            return await self._metadata(self._version(request))

        messages = self._grpc.METADATA
        return await self._over_grpc("metadata", messages, request, answer, grpc_context)

    async def GetModelStatus(self, request: bytes, grpc_context: Any) -> Any:  # noqa: N802
        """Answer ``ModelService.GetModelStatus``."""

        async def answer(request: Any) -> Any:
            return await self._status(self._version(request))

        messages = self._grpc.STATUS
        return await self._over_grpc("status", messages, request, answer, grpc_context)

    async def Check(self, request: bytes, grpc_context: Any) -> Any:  # noqa: N802
        """Answer ``grpc.health.v1.Health.Check``: whether a version of the model is served."""

        async def answer(request: Any) -> Any:
            if not self._knows(request.service):
                raise RefusedError("NOT_FOUND", f"no service {request.service!r} here")
            return self._grpc.health_response(await self._health())

        messages = self._grpc.HEALTH
        return await self._over_grpc("health", messages, request, answer, grpc_context)

    async def Watch(self, request: bytes, grpc_context: Any) -> AsyncIterator[Any]:  # noqa: N802
        """Answer ``grpc.health.v1.Health.Watch``: what ``Check`` says, and each change of it.

        The stream ends where no replica answers, as when the server stops; clients of the protocol
        begin it again, as they do after the deadline that every request has here.
        """
        import grpc

        try:
            asked = self._grpc.read_request(self._grpc.HEALTH, request)
            if self._watchers >= WATCHERS:
                raise RefusedError(
                    "RESOURCE_EXHAUSTED", f"{WATCHERS} calls of Watch are open, as many as may be"
                )
        except RefusedError as refusal:
            grpc_context.set_code(grpc.StatusCode[refusal.code])
            grpc_context.set_details(refusal.message)
            raise
        self._watchers += 1
        told, answered = "", True
        try:
            while answered:
                state = "SERVICE_UNKNOWN"
                try:
                    if self._knows(asked.service):
                        state = await self._health()
                except RefusedError as refusal:
                    # Too many requests wait for replicas that work.
                    answered = refusal.code == "RESOURCE_EXHAUSTED"
                    state = told if answered else "NOT_SERVING"
                if state != told:
                    told = state
                    yield self._grpc.health_response(state)
                await asyncio.sleep(LOOK)
        finally:
            self._watchers -= 1

    def _knows(self, service: str) -> bool:
        return service in ("", self._model, *METHODS)

    async def _health(self) -> str:
        versions = await self._ask("status", None)
        serves = any(state == "AVAILABLE" for _, state, _ in versions)
        return "SERVING" if serves else "NOT_SERVING"

    async def _over_grpc(
        self,
        method: str,
        messages: Messages,
        request: bytes,
        answer: Callable[[Any], Awaitable[Any]],
        context: Any,
    ) -> Any:
        import grpc

        begun = time.perf_counter()
        try:
            response = await answer(self._grpc.read_request(messages, request))
        except RefusedError as refusal:
            self._measures.request("grpc", method, refusal.code, begun)
            context.set_code(grpc.StatusCode[refusal.code])
            context.set_details(refusal.message)
            return messages.response()
        self._measures.request("grpc", method, "OK", begun)
        return response

    def _version(self, request: Any) -> int | None:
        """Return the version that a gRPC request names; ``None`` is the newest."""
        spec = request.model_spec
        number = spec.version.value if spec.HasField("version") else None
        return self._chosen(spec.name, number, spec.version_label)

    def _chosen(self, model: str, number: int | None, label: str) -> int | None:
        if model != self._model:
            raise RefusedError("NOT_FOUND", f"no model {model!r} here; expected {self._model!r}")
        if not label:
            return number
        if label not in self._labels:
            known = ", ".join(self._labels) or "none"
            raise RefusedError("NOT_FOUND", f"no version label {label!r} here; there are {known}")
        return self._labels[label]

    # REST.

    async def __call__(self, request: Request) -> Response:
        """Answer a request of the REST API."""
        from starlette.responses import Response

        begun = time.perf_counter()
        path = request.url.path
        if path == METRICS_PATH and request.method == "GET":
            text = await asyncio.to_thread(node_metrics)
            return Response(text, media_type="text/plain; version=0.0.4")
        method, headers = "other", dict(cross_origin(request, self._cors))
        if request.method == "OPTIONS" and headers:
            return Response(status_code=204, headers=headers)
        try:
            route = rest_messages.read_path(path)
            method = {":predict": "predict", "/metadata": "metadata"}.get(route.verb, "status")
            content = await self._over_rest(route, request)
            status, code = 200, "OK"
        except RefusedError as refusal:
            status, code = HTTP_STATUS[refusal.code], refusal.code
            content = json.dumps({"error": refusal.message}).encode()
            if code in PASSING:
                headers["retry-after"] = "1"
            if request.method == "POST":
                # What is left of the body is not read.
                headers["connection"] = "close"
        self._measures.request("rest", method, code, begun)
        body, more = await asyncio.to_thread(packed, content, request)
        return Response(body, status, {**headers, **more}, media_type="application/json")

    async def _over_rest(self, route: rest_messages.Route, request: Request) -> bytes:
        from google.protobuf.json_format import MessageToDict

        version = self._chosen(route.model, route.version, route.label)
        expected = "POST" if route.verb == ":predict" else "GET"
        if request.method != expected:
            raise invalid(f"expected {expected} for {request.url.path}, got {request.method}")
        if route.verb == "/metadata":
            response = await self._metadata(version)
        elif route.verb == "":
            response = await self._status(version)
        else:
            return await self._predict_over_rest(version, await read_body(request))
        return json.dumps(
            MessageToDict(
                response,
                preserving_proto_field_name=True,
                always_print_fields_with_no_presence=True,
            )
        ).encode()

    async def _predict_over_rest(self, version: int | None, content: bytes) -> bytes:
        # Text is read and written beside the event loop, so that others are answered meanwhile.
        body = await asyncio.to_thread(rest_messages.read_predict, content)
        if body.rows and body.signature == SESSION:
            raise invalid(f'{SESSION}: expected "inputs", got "instances"')
        outputs = []
        for start in range(0, len(body.requests), IN_TURN):
            turn = body.requests[start : start + IN_TURN]
            found = await asyncio.gather(
                *(self._predict(version, body.signature, one) for one in turn)
            )
            outputs += [answer.outputs for answer in found]

        def text() -> bytes:
            return json.dumps(rest_messages.predict_body(outputs, body.rows)).encode()

        return await asyncio.to_thread(text)

    # Both protocols.

    async def _predict(
        self, version: int | None, signature: str, inputs: Arrays, wanted: tuple[str, ...] = ()
    ) -> Answered:
        if signature == SESSION:
            return await self._push(version, inputs)
        return await self._ask("predict", version, signature, dict(inputs), wanted)

    async def _metadata(self, version: int | None) -> Any:
        number, definitions = await self._ask("definitions", version)
        return self._grpc.metadata_response(self._model, number, definitions)

    async def _status(self, version: int | None) -> Any:
        return self._grpc.status_response(await self._ask("status", version))

    async def _push(self, version: int | None, inputs: Arrays) -> Answered:
        """Answer one frame of a stream whose state is kept here."""
        id, frame, end = stream_inputs(dict(inputs))
        of_frame = {name: value for name, value in inputs.items() if name not in SESSION_INPUTS}
        session = self._sessions.get(id) if id else self._sessions.begin(version or 0, {})
        try:
            if end and not of_frame:
                answer = Answered(session.version, _told(session, {}))
            else:
                async with session.turn:
                    if frame_due(session, frame):
                        await self._advance(session, version, of_frame)
                    answer = Answered(session.version, _told(session, session.answer))
            if end:
                self._sessions.end(session.id)
            return answer
        finally:
            self._measures.sessions(len(self._sessions))

    async def _advance(self, session: Session, version: int | None, inputs: Arrays) -> None:
        first = session.frames == 0
        try:
            found = await self._ask(
                "step", version if first else session.version, inputs, session.state
            )
        except BaseException as error:
            # Also where the client has gone, whose request is cancelled.
            if first:
                self._sessions.end(session.id)
            elif isinstance(error, RefusedError) and error.code == "NOT_FOUND":
                self._sessions.end(session.id)
                raise RefusedError(
                    "FAILED_PRECONDITION",
                    f"stream {session.id!r} was begun by version {session.version}, which is no "
                    "longer served; begin a new one",
                ) from None
            raise
        session.version, session.state = found.version, found.state
        session.answer = found.outputs
        session.frames += 1

    async def _ask(self, method: str, *arguments: Any) -> Any:
        """Return a replica's answer, or another replica's if the first one dies."""
        from ray.exceptions import RayActorError, RayTaskError
        from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError

        for attempt in range(ATTEMPTS):
            try:
                found = await getattr(self._replicas, method).remote(*arguments)
                break
            except RayActorError as error:
                LOG.warning("A replica was lost over %s, attempt %d: %s", method, attempt, error)
                self._measures.lost()
            except BackPressureError:
                raise RefusedError(
                    "RESOURCE_EXHAUSTED", "too many requests wait; try again later"
                ) from None
            except DeploymentUnavailableError:
                raise RefusedError("UNAVAILABLE", NOT_READY) from None
            except RayTaskError as error:
                LOG.exception("%s failed", method)
                raise RefusedError("INTERNAL", f"{method} failed: {error.cause}") from None
        else:
            raise RefusedError("UNAVAILABLE", f"{ATTEMPTS} replicas were lost over this request")
        if isinstance(found, RefusedError):
            raise found
        return found


def _told(session: Session, outputs: Arrays) -> dict[str, Any]:
    return {
        **outputs,
        "session": np.array(session.id, object),
        "frame": np.array(session.frames - 1, np.int64),
    }
