import dataclasses
import http.server
import json
import threading

import numpy as np
import pytest
from stand_in_description import DESCRIPTION, J

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.serving import Client, RefusedError
from anatomy_tf.serving.signature import Signature, TensorShape
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, map_skeleton

FLOAT = np.dtype(np.float32)
STREAM = Signature(
    "stream",
    {
        "pixels": TensorShape(FLOAT, (None, J, 2)),
        "visibility": TensorShape(FLOAT, (None, J)),
        "image_size": TensorShape(FLOAT, (None, 2)),
        "state_sum": TensorShape(FLOAT, (None, J, 2)),
    },
    {
        "positions": TensorShape(FLOAT, (None, J, 3)),
        "state_sum": TensorShape(FLOAT, (None, J, 2)),
    },
)


class FakeServer:
    """A transport that fails as told, then sums the pixels of a stream."""

    def __init__(self, *failures, sessions=False, description=DESCRIPTION):
        self.failures = list(failures)
        self.description = description
        self.sessions = sessions
        self.calls = []
        self.total = 0

    def predict(self, version, signature, inputs, timeout, sticky):
        self.calls.append((signature, inputs))
        if signature == "describe":
            return 1, {"description": np.array(json.dumps(self.description), object)}
        if self.failures:
            raise self.failures.pop(0)
        if signature == "lift":
            pixels = inputs["pixels"]
            positions = np.concatenate([pixels, pixels[..., :1]], axis=-1)
            return 1, {
                "positions": positions - positions[:, :, :1],
                "bone_lengths": np.ones((1, pixels.shape[1], J - 1), np.float32),
            }
        if signature == "stream_session" and "end" in inputs:
            return 1, {}
        before = inputs.get("state_sum", self.total)
        self.total = before + inputs["pixels"]
        answer = {"positions": np.concatenate([self.total, self.total[..., :1]], axis=-1)}
        if signature == "stream":
            return 1, {**answer, "state_sum": self.total}
        told = {"session": np.array("id", object), "frame": inputs["frame"]}
        return 1, {**answer, **told}

    def signatures(self, version, timeout):
        found = {"stream": STREAM, "lift": None}
        return {**found, "stream_session": None} if self.sessions else found

    def status(self, version, timeout):
        self.calls.append("status")
        if self.failures:
            raise self.failures.pop(0)
        return {1: "AVAILABLE"}

    def close(self):
        pass


def client_of(server, **options):
    client = Client("http://nowhere", "stand_in", **{"pause": 0.001, **options})
    client._transport = server
    return client


def passing(code="UNAVAILABLE"):
    return RefusedError(code, "not now")


def clip(frames=3, skeleton=HUMAN36M_17):
    pixels = np.random.default_rng(0).uniform(0, 900, (frames, skeleton.joint_count, 2))
    scores = np.ones(pixels.shape[:2], np.float32)
    return KeypointSequence(pixels.astype(np.float32), scores, skeleton, 25, 1000, 800, "anna")


def test_what_passes_is_tried_again():
    server = FakeServer(passing(), passing("RESOURCE_EXHAUSTED"))
    assert client_of(server).status() == {1: "AVAILABLE"}
    assert len(server.calls) == 3


def test_what_does_not_pass_is_not_and_says_where():
    server = FakeServer(RefusedError("INVALID_ARGUMENT", "lift: fps is missing"))
    with pytest.raises(RefusedError) as refusal:
        client_of(server).status()
    assert refusal.value.code == "INVALID_ARGUMENT"
    assert str(refusal.value) == "http://nowhere: stand_in: lift: fps is missing"
    assert len(server.calls) == 1


def test_tries_end():
    server = FakeServer(*[passing()] * 9)
    with pytest.raises(RefusedError, match=r"stand_in: not now \(after 3 tries\)"):
        client_of(server, attempts=3).status()
    assert len(server.calls) == 3


def test_the_deadline_holds_for_tries_and_pauses_together():
    server = FakeServer(*[passing()] * 9)
    with pytest.raises(RefusedError, match=r"no answer within 0.05 s.*not now") as refusal:
        client_of(server, timeout=0.05, pause=10).status()
    assert refusal.value.code == "DEADLINE_EXCEEDED"
    assert len(server.calls) == 1


@pytest.mark.parametrize("options", [{"timeout": 0}, {"attempts": 0}, {"pause": -1}])
def test_options_that_cannot_be(options):
    with pytest.raises(AnatomyError, match="expected a positive timeout"):
        Client("http://nowhere", "stand_in", **options)


def test_people_are_lifted_one_by_one():
    with pytest.raises(AnatomyError, match="expected a KeypointSequence, got list"):
        client_of(FakeServer()).lift([clip()])


def test_a_clip_goes_as_pixels_in_the_models_layout_and_comes_as_poses():
    keypoints = dataclasses.replace(clip(skeleton=COCO_17), first_frame=7, warnings=("doubt",))
    keypoints.keypoints[1] = np.nan
    server = FakeServer()
    poses = client_of(server).lift(keypoints)
    (inputs,) = (inputs for name, inputs in server.calls if name == "lift")
    expected = map_skeleton(COCO_17, HUMAN36M_17).points(keypoints.keypoints)
    np.testing.assert_array_equal(inputs["pixels"], expected[None])
    assert inputs["image_size"].tolist() == [[1000, 800]]
    assert (inputs["fps"].tolist(), inputs["frames"].tolist()) == ([25], [3])
    assert (poses.fps, poses.person, poses.skeleton) == (25, "anna", HUMAN36M_17)
    assert poses.seen.tolist() == [True, False, True]
    assert (poses.first_frame, poses.warnings) == (7, ("doubt",))
    np.testing.assert_array_equal(poses.bone_lengths, np.ones(J - 1))


def test_only_frames_in_which_the_person_is_seen_are_sent():
    keypoints = clip(8)
    keypoints.visibility[:4] = 0
    keypoints.visibility[7] = 0
    server = FakeServer()
    poses = client_of(server).lift(keypoints)
    (inputs,) = (inputs for name, inputs in server.calls if name == "lift")
    np.testing.assert_array_equal(inputs["pixels"][0], keypoints.keypoints[4:7])
    assert inputs["frames"].tolist() == [3]
    assert len(poses) == 8 and poses.first_frame == 0
    assert np.flatnonzero(poses.seen).tolist() == [4, 5, 6]


def test_the_model_s_layout_is_the_known_one_with_the_links_that_drawings_add():
    layout = {
        "layout": COCO_17.name,
        "joint_names": COCO_17.joint_names,
        "parents": COCO_17.parents,
    }
    client = client_of(FakeServer(description={**DESCRIPTION, **layout}))
    assert client.skeleton == COCO_17


@pytest.mark.parametrize("sessions", [False, True])
def test_streams_with_and_without_sessions_give_the_same(sessions):
    server = FakeServer(sessions=sessions)
    frames = np.random.default_rng(0).uniform(0, 900, (4, 2, J, 2)).astype(np.float32)
    with client_of(server).stream(2, image_size=(1000, 800)) as stream:
        found = [stream.push(frame)["positions"][..., :2] for frame in frames]
    np.testing.assert_allclose(found, np.cumsum(frames, axis=0), rtol=1e-6)
    names = {name for name, _ in server.calls} - {"describe"}
    assert names == {"stream_session" if sessions else "stream"}
    if sessions:
        numbers = [inputs["frame"].item() for _, inputs in server.calls if "frame" in inputs]
        assert numbers == [0, 1, 2, 3]
        assert server.calls[-1][1]["end"].item()


def test_a_frame_that_failed_may_be_pushed_again():
    server = FakeServer(sessions=True)
    stream = client_of(server).stream(image_size=(1000, 800))
    stream.push(np.ones((1, J, 2)))
    server.failures = [RefusedError("INTERNAL", "oops")]
    with pytest.raises(RefusedError, match="oops"):
        stream.push(np.ones((1, J, 2)))
    stream.push(np.ones((1, J, 2)))
    numbers = [inputs["frame"].item() for _, inputs in server.calls if "frame" in inputs]
    assert numbers == [0, 1, 1]


def test_a_camera_of_another_rate_is_brought_to_the_models():
    # The model takes 50 frames a second; of a camera's 25 each second one lies between two.
    server = FakeServer()
    stream = client_of(server).stream(image_size=(1000, 800), fps=25)
    for value in (0, 10, 30):
        stream.push(np.full((1, J, 2), value))
    sent = [inputs["pixels"][0, 0, 0] for name, inputs in server.calls if name == "stream"]
    assert sent == [0, 5, 10, 20, 30]
    server = FakeServer()
    stream = client_of(server).stream(image_size=(1000, 800), fps=100)
    for value in (0, 1, 2, 3, 4):
        stream.push(np.full((1, J, 2), value))
    sent = [inputs["pixels"][0, 0, 0] for name, inputs in server.calls if name == "stream"]
    assert sent == [0, 2, 4]


def test_lost_joints_are_held_between_frames_of_another_rate():
    server = FakeServer()
    stream = client_of(server).stream(image_size=(1000, 800), fps=25)
    first, second = np.full((1, J, 2), 4.0), np.full((1, J, 2), 8.0)
    second[0, 3] = np.nan
    stream.push(first)
    stream.push(second)
    last = server.calls[-1][1]
    assert last["pixels"][0, 3].tolist() == [4, 4]
    assert last["pixels"][0, 4].tolist() == [8, 8]
    assert last["visibility"][0, 3] == pytest.approx(0.5 ** (1 / (0.2 * 25)))


def test_points_of_a_low_score_are_lost_between_frames_of_another_rate():
    server = FakeServer()
    stream = client_of(server).stream(image_size=(1000, 800), fps=25)
    scores = np.ones((1, J))
    stream.push(np.full((1, J, 2), 4.0), scores)
    scores[0, 3] = 0.04
    stream.push(np.full((1, J, 2), 8.0), scores)
    last = server.calls[-1][1]
    assert last["pixels"][0, 3].tolist() == [4, 4]
    assert last["visibility"][0, 3] == pytest.approx(0.5 ** (1 / (0.2 * 25)))


def test_a_person_who_comes_later_begins_where_it_is_first_seen():
    server = FakeServer()
    stream = client_of(server).stream(2, image_size=(1000, 800), fps=25)
    both = np.full((2, J, 2), 8.0)
    one = both.copy()
    one[1] = np.nan
    stream.push(one)
    stream.push(both)
    sent = [inputs["pixels"] for name, inputs in server.calls if name == "stream"]
    assert np.isnan(sent[0][1]).all() and np.isfinite(sent[0][0]).all()
    # Two of the model's frames are due; in both the person stands where it was found.
    assert sent[1][1, 0].tolist() == sent[2][1, 0].tolist() == [8, 8]


def test_streams_refuse_what_cannot_be():
    server = FakeServer()
    client = client_of(server)
    with pytest.raises(AnatomyError, match=r"expected keypoints of shape \(1, 17, 2\)"):
        client.stream(image_size=(1000, 800)).push(np.zeros((2, J, 2)))
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000"):
        client.stream(image_size=(1000, 800), fps=0)
    with pytest.raises(AnatomyError, match="an image size of 16 to 65,536 pixels a side, got 0"):
        client.stream(image_size=(1000, 0))
    server.signatures = lambda version, timeout: {"lift": None}
    with pytest.raises(AnatomyError, match="no streams: the model is not causal"):
        client.stream(image_size=(1000, 800))


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the next of the server's answers."""

    def do_POST(self):
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        status, body = self.server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def web():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.bodies, server.answers = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def rest_client(web, **options):
    return Client(f"http://127.0.0.1:{web.server_port}", "m", **{"pause": 0.001, **options})


def test_rest_speaks_columns_and_tries_again(web):
    web.answers = [(503, {"error": "later"}), (200, {"outputs": {"a": [[1.5]], "b": ["x"]}})]
    found = rest_client(web).predict({"x": np.array([[1, np.nan]], np.float32)}, "lift")
    assert found["a"].dtype == np.float32
    assert found["b"].tolist() == ["x"]
    assert web.bodies[0]["signature_name"] == "lift"
    np.testing.assert_array_equal(web.bodies[0]["inputs"]["x"], [[1, np.nan]])


def test_rest_names_a_single_output_by_the_metadata(web):
    signature = {"outputs": {"description": {"dtype": "DT_STRING", "tensor_shape": {}}}}
    definitions = {"signature_def": {"signature_def": {"describe": signature}}}
    web.answers = [(200, {"outputs": "text"}), (200, {"metadata": definitions})]
    assert rest_client(web).predict({}, "describe") == {"description": "text"}


@pytest.mark.parametrize(
    ("status", "body", "code", "told"),
    [
        (400, {"error": "lift: fps is missing"}, "INVALID_ARGUMENT", "lift: fps is missing"),
        (404, {"error": "no model"}, "NOT_FOUND", "no model"),
        (500, b"Internal Server Error", "INTERNAL", "Internal Server Error"),
        (500, b"The actor died unexpectedly", "UNAVAILABLE", "process that had the request"),
        (200, b"<html>", "INTERNAL", "expected JSON"),
    ],
)
def test_rest_failures_say_what_the_server_said(web, status, body, code, told):
    web.answers = [(status, body)]
    with pytest.raises(RefusedError, match=told) as refusal:
        rest_client(web, attempts=1).predict({}, "lift")
    assert refusal.value.code == code


@pytest.mark.slow
def test_nobody_listens():
    for address in ("http://127.0.0.1:9", "127.0.0.1:9"):
        with pytest.raises(RefusedError, match=r":9: m: .*after 2 tries") as refusal:
            Client(address, "m", attempts=2, pause=0.001, timeout=20).status()
        assert refusal.value.code == "UNAVAILABLE"


def test_waiting_for_a_server_ends():
    server = FakeServer(*[passing()] * 100)
    with pytest.raises(RefusedError, match=r"not available after 0.1 s: not now"):
        client_of(server).wait_until_ready(0.1)
    client_of(FakeServer(passing())).wait_until_ready(5)


@pytest.mark.parametrize("address", ["http://localhost:85o1", "http://local host:8501"])
def test_an_address_that_cannot_be_is_told_at_once(address):
    with pytest.raises(RefusedError) as refusal:
        Client(address, "m", attempts=9, pause=9).status()
    assert refusal.value.code == "INVALID_ARGUMENT"
    with pytest.raises(RefusedError, match=f"^{address}: m: "):
        Client(address, "m").wait_until_ready()


@pytest.mark.parametrize("body", [[], {}, {"hello": "there"}])
def test_another_server_is_told(web, body):
    client = rest_client(web, attempts=1)
    for call in (client.status, client.signatures, lambda: client.predict({}, "lift")):
        web.answers = [(200, body)]
        with pytest.raises(RefusedError, match="expected an answer of TensorFlow Serving with"):
            call()


def test_an_answer_that_breaks_off_is_tried_again(web, monkeypatch):
    whole = json.dumps({"outputs": {"a": [1.5], "b": [2.5]}}).encode()
    sent = Handler.end_headers

    def end_headers(handler):
        handler.send_header("content-length", str(len(whole)))
        sent(handler)

    monkeypatch.setattr(Handler, "end_headers", end_headers)
    web.answers = [(200, whole[:9]), (200, whole)]
    assert rest_client(web).predict({}, "lift")["a"].tolist() == [1.5]


def test_null_is_nan(web):
    web.answers = [(200, {"outputs": {"a": [[None, 1.5]], "b": [None]}})]
    found = rest_client(web).predict({}, "stream")
    np.testing.assert_array_equal(found["a"], np.array([[np.nan, 1.5]], np.float32))
    assert found["a"].dtype == found["b"].dtype == np.float32


def test_up_comes_as_the_lifter_gives_it_and_low_scores_are_not_seen(monkeypatch):
    server = FakeServer()
    answered = server.predict

    def predict(*arguments):
        version, outputs = answered(*arguments)
        if "positions" in outputs:
            outputs["up"] = np.array([[[0, -1, 0], [0, 0, -1], [0, -1, 0]]], np.float32)
        return version, outputs

    monkeypatch.setattr(server, "predict", predict)
    keypoints = clip()
    keypoints.visibility[1] = 0.04
    poses = client_of(server).lift(keypoints)
    np.testing.assert_allclose(poses.up, np.array([0, -2, -1]) / 5**0.5)
    assert poses.seen.tolist() == [True, False, True]


def test_a_stream_of_nobody_is_refused():
    for people in (0, -1, 101):
        with pytest.raises(AnatomyError, match="expected a stream of 1 to 100 people"):
            client_of(FakeServer()).stream(people, image_size=(1000, 800))
