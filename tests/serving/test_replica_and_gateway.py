"""Both processes of the server without Ray between them."""

import asyncio
import gzip
import json

import grpc
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from stand_in_description import J
from stand_in_model import clip, write_version
from starlette.requests import Request
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    predict_pb2,
    prediction_log_pb2,
)

from anatomy_tf.serving import gateway as gateway_module
from anatomy_tf.serving import health_messages, rest_transfer
from anatomy_tf.serving.gateway import Gateway
from anatomy_tf.serving.refusal import RefusedError
from anatomy_tf.serving.replica import ModelReplica
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, map_skeleton

pytestmark = pytest.mark.slow

FRAME = {
    "pixels": np.ones((1, J, 2), np.float32),
    "visibility": np.ones((1, J), np.float32),
    "image_size": np.array([[1000, 800]], np.float32),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "stand_in"
    folder.mkdir()
    write_version(folder, 1, offset=1.0)
    return folder


@pytest.fixture(scope="module")
def replica(folder):
    return ModelReplica(str(folder), poll=0)


class Handle:
    """Stands for Ray's handle of the replicas; raises first what it is told."""

    def __init__(self, replica, *failures):
        self.replica = replica
        self.failures = list(failures)
        self.asked = 0

    def __getattr__(self, method):
        async def remote(*arguments):
            self.asked += 1
            if self.failures:
                raise self.failures.pop(0)
            return await getattr(self.replica, method)(*arguments)

        return type("Method", (), {"remote": staticmethod(remote)})


class Context:
    code, details = None, ""

    def set_code(self, code):
        self.code = code

    def set_details(self, details):
        self.details = details


def gateway_of(replica, *failures, **options):
    return Gateway(Handle(replica, *failures), "stand_in", **options)


def predict(gateway, inputs, signature="lift", version=None, model="stand_in", wanted=()):
    """Outputs over gRPC, or the code and the details."""
    request = predict_pb2.PredictRequest(output_filter=wanted)
    request.model_spec.name, request.model_spec.signature_name = model, signature
    if version is not None:
        request.model_spec.version.value = version
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    context = Context()
    response = asyncio.run(gateway.Predict(request.SerializeToString(), context))
    if context.code is not None:
        return context.code, context.details
    return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}


def test_rows_of_one_request_and_of_several(replica):
    async def together():
        return await asyncio.gather(
            *(replica.predict(None, "lift", clip(n, rows=2, seed=n)) for n in (3, 7, 5))
        )

    for answer, frames in zip(asyncio.run(together()), (3, 7, 5), strict=True):
        given = clip(frames, rows=2, seed=frames)
        assert answer.version == 1
        np.testing.assert_array_equal(answer.outputs["positions"][..., :2], given["pixels"])
        np.testing.assert_array_equal(answer.outputs["positions"][..., 2], 1)
        mean = given["visibility"].mean(axis=1)[:, 1:]
        np.testing.assert_allclose(answer.outputs["bone_lengths"], mean, rtol=1e-5)


def test_an_answer_that_is_no_number_is_refused(folder, replica, monkeypatch):
    def overflows(key, inputs):
        return {"positions": np.full((1, 4, J, 3), np.inf), "bone_lengths": np.ones((1, J - 1))}

    monkeypatch.setattr(replica._batcher, "_run", overflows)
    code, details = predict(gateway_of(replica), clip(4))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert details == "lift: these inputs give positions that are not finite"


def test_what_is_padding_may_be_anything(replica):
    given = clip(5)
    given["frames"][:] = 3
    given["visibility"][:, 3:] = 7
    given["pixels"][:, 3:] = np.inf
    answer = asyncio.run(replica.predict(None, "lift", given))
    mean = given["visibility"][:, :3].mean(axis=1)[:, 1:]
    np.testing.assert_allclose(answer.outputs["bone_lengths"], mean, rtol=1e-5)
    assert np.isfinite(answer.outputs["positions"]).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fps": None}, "lift: fps is missing; expected fps float32 (any), frames int32 (any), "),
        ({"fps": np.zeros(1)}, "fps to be a frame rate of 1 to 1,000 frames a second, got 0.0"),
        ({"pixels": np.zeros((1, 4, 16, 2))}, "pixels of the 17 joints of human36m_17 (pelvis, "),
        (
            {"pixels": np.full((1, 4, J, 2), np.inf)},
            "pixels, or NaN for a lost joint, got inf",
        ),
        ({"pixels": np.full((1, 4, J, 2), 1e30)}, "a coordinate of -1,000,000 to 1,000,000 pixels"),
        ({"frames": np.array([2**32 + 4])}, "frames int32 (any), got a number beyond it"),
        ({"frames": np.array([np.inf])}, "frames int32 (any), got a number beyond it"),
        ({"layout": np.array(b"\xff", object)}, "unknown skeleton '\ufffd'"),
        (
            {**clip(3000), "fps": np.ones(1)},
            "a request of 1 to 100,000 frames (clips x frames at the model's rate), got 150,000",
        ),
        ({"pixels": np.full((1, 4, J, 2), np.nan)}, "expected a detected joint in each row"),
        ({"visibility": np.full((1, 4, J), 0.04)}, "expected a detected joint in each row"),
        ({"visibility": np.full((1, 4, J), 1.5)}, "scores in [0, 1], got 1.5 at [0, 0, 0]"),
        (
            {"image_size": np.array([[0, 5]])},
            "65,536 pixels a side, got 0.0 at [0, 0]",
        ),
        ({"layout": np.array("stick_man", object)}, "unknown skeleton 'stick_man'; known are "),
        ({"layout": np.array("body_25", object)}, "pixels of the 25 joints of body_25 (nose, "),
        ({"speed": np.zeros(1)}, "unknown input speed"),
    ],
)
def test_refusals_say_what_was_expected(replica, change, told):
    inputs = {name: v for name, v in {**clip(4), **change}.items() if v is not None}
    code, details = predict(gateway_of(replica), inputs)
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert told in details


def test_another_layout_is_mapped_by_names(replica):
    inputs = {**clip(4), "layout": np.array("coco_17", object)}
    found = predict(gateway_of(replica), inputs)
    expected = map_skeleton(COCO_17, HUMAN36M_17).points(inputs["pixels"])
    np.testing.assert_array_equal(found["positions"][..., :2], expected)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ({"model": "other"}, "NOT_FOUND", "no model 'other' here; expected 'stand_in'"),
        ({"version": 9}, "NOT_FOUND", "version 9 is not served; served: 1"),
        ({"signature": "walk"}, "INVALID_ARGUMENT", "expected one of describe, lift, serving_def"),
        ({"wanted": ["speed"]}, "INVALID_ARGUMENT", "unknown output speed; there are bone_lengths"),
    ],
)
def test_what_is_not_there(replica, arguments, code, told):
    found, details = predict(gateway_of(replica), clip(2), **arguments)
    assert found == grpc.StatusCode[code]
    assert told in details


def test_outputs_by_choice_and_the_default_signature(replica):
    found = predict(gateway_of(replica), clip(2), signature="", wanted=["bone_lengths"])
    assert list(found) == ["bone_lengths"]


def test_versions_by_label(replica):
    gateway = gateway_of(replica, labels={"stable": 1, "next": 9})
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "stand_in"
    for label, told in (
        ("stable", "is missing"),
        ("next", "version 9 is not served; served: 1"),
        ("old", "no version label 'old' here; there are stable, next"),
    ):
        request.model_spec.version_label = label
        context = Context()
        asyncio.run(gateway.Predict(request.SerializeToString(), context))
        assert told in context.details


def test_health(replica):
    gateway = gateway_of(replica)
    for name in (b"", b"stand_in", b"tensorflow.serving.PredictionService"):
        request = b"\x0a" + bytes([len(name)]) + name
        context = Context()
        answer = asyncio.run(gateway.Check(request, context))
        assert (answer.SerializeToString(), context.code) == (b"\x08\x01", None)
    context = Context()
    asyncio.run(gateway.Check(b"\x0a\x01x", context))
    assert context.code == grpc.StatusCode.NOT_FOUND


def watched(gateway, replica, monkeypatch, service=b""):
    """The states that a client that watches is told until the replica is gone; a state a byte."""
    monkeypatch.setattr(gateway_module, "LOOK", 0.01)
    states = iter([[(1, "AVAILABLE", "")]] * 2 + [[(1, "END", "broken")], [(1, "AVAILABLE", "")]])

    async def status(version):
        found = next(states, None)
        return RefusedError("UNAVAILABLE", "gone") if found is None else found

    monkeypatch.setattr(replica, "status", status)

    async def asked():
        request = b"\x0a" + bytes([len(service)]) + service
        return [answer.status async for answer in gateway.Watch(request, Context())]

    return asyncio.run(asked())


def test_health_is_watched_until_no_replica_answers(replica, monkeypatch):
    assert watched(gateway_of(replica), replica, monkeypatch) == [1, 2, 1, 2]


def test_watching_an_unknown_service_goes_on(replica):
    async def first():
        answers = gateway_of(replica).Watch(b"\x0a\x01x", Context())
        answer = await anext(answers)
        more = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(0.05)
        assert not more.done()
        more.cancel()
        return answer.status

    assert asyncio.run(first()) == health_messages.STATES["SERVICE_UNKNOWN"]


@pytest.mark.parametrize(("request_", "most"), [(b"\xff", 100), (b"", 0)])
def test_watching_is_refused(replica, monkeypatch, request_, most):
    monkeypatch.setattr(gateway_module, "WATCHERS", most)
    context = Context()

    async def first():
        await anext(gateway_of(replica).Watch(request_, context))

    with pytest.raises(RefusedError):
        asyncio.run(first())
    code = grpc.StatusCode.RESOURCE_EXHAUSTED if most == 0 else grpc.StatusCode.INVALID_ARGUMENT
    assert context.code == code


def rest(gateway, body, path=":predict", method="POST", **headers):
    """Status, headers and content of a request whose body comes in parts."""

    async def asked():
        async def receive():
            if not parts:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        parts = body if isinstance(body, list) else [body]
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http",
            "method": method,
            "path": f"/v1/models/stand_in{path}",
            "server": ("localhost", 80),
            "scheme": "http",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in names.items()],
        }
        return await gateway(Request(scope, receive))

    response = asyncio.run(asked())
    body = response.body
    if response.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return response.status_code, response.headers, json.loads(body or b"null")


def lift_body(**changes):
    plain = {name: value.tolist() for name, value in {**clip(30), **changes}.items()}
    return json.dumps({"signature_name": "lift", "inputs": plain}).encode()


def test_bodies_and_answers_that_gzip_packed(replica):
    gateway = gateway_of(replica)
    status, headers, plain = rest(gateway, lift_body())
    assert (status, "content-encoding" in headers) == (200, False)
    packed = gzip.compress(lift_body())
    parts = [packed[:100], packed[100:]]
    status, headers, found = rest(
        gateway, parts, content_encoding="gzip", accept_encoding="br, gzip;q=0.5"
    )
    assert (status, headers["content-encoding"], found) == (200, "gzip", plain)
    assert rest(gateway, lift_body(), accept_encoding="gzip;q=0")[1].get("content-encoding") is None


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        (b"x", {"content_encoding": "gzip"}, "expected a body in gzip"),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            {"content_encoding": "gzip"},
            "expected a body in gzip, got one that is cut off",
        ),
        (
            gzip.compress(b" " * (1 << 25), mtime=0),
            {"content_encoding": "gzip"},
            "at most 16,777,216 bytes",
        ),
        (b"x", {"content_encoding": "br"}, "content-encoding: expected gzip or none, got 'br'"),
        ([b" " * (1 << 23)] * 5, {}, "at most 16,777,216 bytes, got 41,943,040"),
        (b'{"inputs": {"pixels": [1' + b"0" * 400 + b"]}}", {}, "pixels: expected numbers or text"),
        (b'{"inputs": {"x": {"b64": "?"}}}', {}, "expected base64"),
        (b"[" * 100_000, {}, "expected JSON: maximum recursion"),
        (b'{"signature_name": "describe", "instances": [{}]}', {}, "answers without rows"),
        (b'{"signature_name": "stream_session", "instances": [{}]}', {}, 'expected "inputs"'),
        (b'{"signature_name": "\\ud800", "inputs": {}}', {}, "unknown signature '\\ud800'"),
    ],
)
def test_bodies_that_are_refused(replica, body, headers, told):
    status, answered, content = rest(gateway_of(replica), body, **headers)
    assert (status, answered["connection"]) == (400, "close")
    assert told in content["error"]


def test_half_a_body_is_not_waited_for(replica, monkeypatch):
    monkeypatch.setattr(rest_transfer.read_body, "__defaults__", (0.05,))

    async def never():
        await asyncio.Event().wait()

    request = Request({"type": "http", "headers": []}, never)
    with pytest.raises(RefusedError, match=r"whole body within 0\.05 s, got 0 bytes of it"):
        asyncio.run(rest_transfer.read_body(request))


def test_more_rows_of_unequal_length_than_the_queue_go_in_turns(replica):
    rows = [{n: v[0].tolist() for n, v in clip(1 + i % 5).items()} for i in range(50)]
    handle = Handle(replica)
    under_way, most = [0], [0]
    ask = replica.predict

    async def counted(*arguments):
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        try:
            return await ask(*arguments)
        finally:
            under_way[0] -= 1

    handle.replica = type("Counted", (), {"predict": staticmethod(counted)})
    gateway = Gateway(handle, "stand_in")
    body = json.dumps({"signature_name": "lift", "instances": rows}).encode()
    status, _, content = rest(gateway, body)
    assert status == 200
    assert [len(row["positions"]) for row in content["predictions"]] == [1, 2, 3, 4, 5] * 10
    assert most[0] == 16


def test_pages_of_other_sites(replica):
    site, other = "https://example.org", "https://example.com"
    gateway = gateway_of(replica, cors=[site])
    status, headers, _ = rest(gateway, b"", method="OPTIONS", origin=site)
    assert (status, headers["access-control-allow-origin"]) == (204, site)
    assert rest(gateway, lift_body(), origin=site)[1]["access-control-allow-origin"] == site
    for origin in (other, ""):
        _, headers, _ = rest(gateway, lift_body(), origin=origin)
        assert "access-control-allow-origin" not in headers
    assert rest(gateway, b"", method="OPTIONS", origin=other)[0] == 400
    anyone = gateway_of(replica, cors=["*"])
    assert rest(anyone, lift_body(), origin=other)[1]["access-control-allow-origin"] == other


def test_damaged_messages(replica):
    context = Context()
    asyncio.run(gateway_of(replica).Predict(b"\xff\xff", context))
    assert context.code == grpc.StatusCode.INVALID_ARGUMENT
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "stand_in"
    request.inputs["pixels"].dtype = 1
    request.inputs["pixels"].tensor_shape.dim.add(size=10**15)
    request.inputs["pixels"].float_val.append(1)
    context = Context()
    asyncio.run(gateway_of(replica).Predict(request.SerializeToString(), context))
    assert "at most 50,000,000 elements in all" in context.details


def test_metadata_and_status(replica):
    gateway = gateway_of(replica)
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "stand_in"
    response = asyncio.run(gateway.GetModelMetadata(request.SerializeToString(), Context()))
    found = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(found)
    assert {"lift", "serving_default", "stream", "stream_session"} <= set(found.signature_def)
    session = found.signature_def["stream_session"]
    assert set(session.inputs) == {*FRAME, "session", "frame", "end"}
    assert set(session.outputs) == {"positions", "session", "frame"}
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "stand_in"
    status = asyncio.run(gateway.GetModelStatus(request.SerializeToString(), Context()))
    (version,) = MessageToDict(status)["model_version_status"]
    assert (version["version"], version["state"]) == ("1", "AVAILABLE")


def test_a_lost_replica_is_replaced_by_another(replica):
    from ray.exceptions import ActorDiedError, ActorUnavailableError

    lost = [ActorDiedError(), ActorUnavailableError("gone", None), ActorDiedError()]
    gateway = gateway_of(replica, *lost)
    assert set(predict(gateway, clip(2))) == {"positions", "bone_lengths"}
    code, details = predict(gateway_of(replica, *lost, ActorDiedError()), clip(2))
    assert (code, details) == (
        grpc.StatusCode.UNAVAILABLE,
        "4 replicas were lost over this request",
    )


def test_what_is_too_much_is_refused(replica):
    from ray.serve.exceptions import BackPressureError

    full = BackPressureError(num_queued_requests=4, max_queued_requests=4)
    code, details = predict(gateway_of(replica, full), clip(2))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details == "too many requests wait; try again later"
    status, headers, _ = rest(gateway_of(replica, full), lift_body())
    assert (status, headers["retry-after"]) == (429, "1")
    assert "retry-after" not in rest(gateway_of(replica), b"x")[1]


def push(gateway, **told):
    frame = {} if told.pop("empty", False) else {**FRAME, **told.pop("change", {})}
    values = {name: np.array(v, object if name == "session" else None) for name, v in told.items()}
    return predict(gateway, {**frame, **values}, "stream_session")


def test_a_stream_goes_on_where_it_was(replica):
    gateway = gateway_of(replica)
    first = push(gateway)
    id = first["session"].item().decode()
    other = push(gateway, change={"pixels": FRAME["pixels"] * 5})
    second = push(gateway, session=id)
    assert [found["positions"][0, 0].tolist() for found in (first, second, other)] == [
        [1, 1, 1],
        [2, 2, 1],
        [5, 5, 1],
    ]
    assert [found["frame"].item() for found in (first, second, other)] == [0, 1, 0]


def test_a_frame_that_comes_twice_counts_once(replica):
    gateway = gateway_of(replica)
    id = push(gateway, frame=0)["session"].item()
    second, again = (push(gateway, session=id, frame=1) for _ in range(2))
    assert second["positions"].tolist() == again["positions"].tolist()
    assert push(gateway, session=id, frame=2)["positions"][0, 0].tolist() == [3, 3, 1]
    code, details = push(gateway, session=id, frame=5)
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "expected frame 3, or 2 again, got 5" in details


def test_a_stream_ends(replica):
    gateway = gateway_of(replica)
    id = push(gateway)["session"].item()
    assert push(gateway, session=id, end=True, empty=True)["frame"].item() == 0
    code, details = push(gateway, session=id)
    assert code == grpc.StatusCode.NOT_FOUND
    assert "begin a new one" in details


def test_streams_are_bounded_and_a_first_frame_that_fails_begins_none(replica):
    gateway = gateway_of(replica, sessions=1)
    code, details = push(gateway, change={"pixels": np.ones((1, J, 3))})
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert "expected pixels float32 (any, 17, 2)" in details
    code, details = push(gateway, change={"state_sum": np.ones((1, J, 2))})
    assert "the server keeps state_sum; stream lets you keep it" in details
    push(gateway)
    code, details = push(gateway)
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "1 streams are open" in details


def test_a_frame_that_is_refused_changes_no_stream(replica):
    gateway = gateway_of(replica)
    id = push(gateway)["session"].item()
    code, _ = push(gateway, session=id, frame=1, change={"visibility": np.full((1, J), 2)})
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert push(gateway, session=id, frame=1)["positions"][0, 0].tolist() == [2, 2, 1]


def test_a_new_version_is_warmed_up_and_takes_over_and_streams_know_theirs(tmp_path):
    write_version(tmp_path, 1, offset=1.0)
    replica = ModelReplica(str(tmp_path), keep=1, poll=0)
    gateway = gateway_of(replica)
    id = push(gateway)["session"].item()
    beside = write_version(tmp_path, 2, offset=2.0).rename(tmp_path / "beside")
    write_warm_up(beside, clip(3))
    beside.rename(tmp_path / "2")
    replica._versions.refresh()
    assert predict(gateway, clip(2))["positions"][0, 0, 0, 2] == 2
    code, details = push(gateway, session=id)
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "was begun by version 1, which is no longer served" in details


def write_warm_up(version, inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = "lift"
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.CopyFrom(request)
    (version / "assets.extra").mkdir()
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(log.SerializeToString())


def test_a_version_whose_warm_up_fails_is_not_served(tmp_path):
    version = write_version(tmp_path, 1, offset=1.0)
    write_warm_up(version, {"pixels": np.ones((1, 2, J, 2), np.float32)})
    with pytest.raises(RefusedError, match="none"):
        ModelReplica(str(tmp_path), poll=0)


def nobody_beside_somebody():
    frame = {name: np.repeat(values, 2, axis=0) for name, values in FRAME.items()}
    frame["pixels"][1], frame["visibility"][1] = np.nan, 0
    return frame


def test_a_person_who_was_not_seen_yet_is_nan(replica):
    gateway = gateway_of(replica)
    frame = nobody_beside_somebody()
    found = push(gateway, change=frame)["positions"]
    assert found[0, 0].tolist() == [1, 1, 1]
    assert np.isnan(found[1, :, :2]).all()
    inputs = {name: values.tolist() for name, values in frame.items()}
    inputs["pixels"][1] = [[None, None]] * J
    body = json.dumps({"signature_name": "stream_session", "inputs": inputs}).encode()
    status, _, content = rest(gateway, body)
    assert status == 200
    rows = content["outputs"]["positions"]
    assert rows[0][0] == [1, 1, 1] and rows[1][0] == [None, None, 1]


def test_a_first_frame_whose_client_left_begins_no_stream(replica):
    gateway = gateway_of(replica, asyncio.CancelledError(), sessions=1)
    with pytest.raises(asyncio.CancelledError):
        push(gateway)
    assert len(gateway._sessions) == 0
