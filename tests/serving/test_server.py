"""The server as it runs: Ray, both protocols, new versions, too much load, its end."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import keras
import numpy as np
import pytest

from anatomy_tf.export import export_saved_model
from anatomy_tf.files.loopback import free_ports
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.serving import Client, RefusedError
from anatomy_tf.serving.half_sent_requests import HEAD_BYTES, HEAD_SECONDS
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow

PROGRAM = "import sys; from anatomy_tf.cli.main import main; sys.exit(main())"
NAME, SIZE = "tiny", (1000, 800)


def causal_model(seed):
    keras.utils.set_random_seed(seed)
    return AnatomyLifter(filter_widths=(3, 3), channels=8, causal=True)


def clip(frames, seed=0, fps=50.0):
    rng = np.random.default_rng(seed)
    pixels = rng.uniform(100, 700, (frames, 17, 2)).astype(np.float32)
    pixels[rng.random((frames, 17)) < 0.1] = np.nan
    scores = rng.uniform(0.5, 1, (frames, 17)).astype(np.float32)
    return KeypointSequence(pixels, scores, HUMAN36M_17, fps, *SIZE)


class Server:
    """The command in a process of its own."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        port, rest_port = free_ports(2)
        self.grpc, self.rest = f"127.0.0.1:{port}", f"http://127.0.0.1:{rest_port}"
        ports = ["--port", self.grpc.split(":")[-1], "--rest-port", self.rest.split(":")[-1]]
        options = ["--ongoing", "4", "--queue", "4", "--poll", "0.3", "--sessions", "3"]
        with log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, "serve", str(folder), *ports, *options],
                stdout=sink,
                stderr=sink,
            )

    def wait(self):
        deadline = time.monotonic() + 240
        while "(REST)" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def models():
    return [causal_model(seed) for seed in (0, 1)]


@pytest.fixture(scope="module")
def server(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / NAME
    export_saved_model(models[0], folder, flip=False)
    server = Server(folder, folder.parent / "log")
    try:
        server.wait()
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(params=["grpc", "rest"])
def client(request, server):
    with Client(getattr(server, request.param), NAME, attempts=20) as client:
        yield client


def get(url):
    with urllib.request.urlopen(url, timeout=30) as response:
        return response.read().decode()


def test_clips_of_unequal_length_at_the_same_time_are_the_lifters(client, models):
    lifter, clips = Lifter(models[0]), [clip(n, seed=n) for n in (1, 4, 9, 30)]
    clips.append(clip(20, fps=30.0))
    with ThreadPoolExecutor(len(clips)) as pool:
        found = list(pool.map(client.lift, clips))
    for poses, keypoints in zip(found, clips, strict=True):
        expected = lifter.lift(keypoints, flip=False)
        np.testing.assert_allclose(poses.positions, expected.positions, atol=2e-5)
        np.testing.assert_allclose(poses.bone_lengths, expected.bone_lengths, atol=2e-5)


def test_streams_are_the_streaming_lifters(client, models):
    lifter = Lifter(models[0])
    for fps in (50.0, 30.0):
        keypoints = clip(6, seed=3)
        stream = lifter.stream(image_size=SIZE, fps=fps)
        expected = [
            stream.push(k[None], v[None])
            for k, v in zip(keypoints.keypoints, keypoints.visibility, strict=True)
        ]
        with client.stream(image_size=SIZE, fps=fps) as served, client.stream(image_size=SIZE) as b:
            found = []
            for k, v in zip(keypoints.keypoints, keypoints.visibility, strict=True):
                found.append(served.push(k[None], v[None])["positions"])
                b.push(k[None])
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_refusals_reach_the_client(client):
    told = "fps, image_size, visibility is missing; expected fps float32"
    with pytest.raises(RefusedError, match=told) as refusal:
        client.predict({"pixels": np.zeros((1, 2, 17, 2), np.float32)}, "lift")
    assert refusal.value.code == "INVALID_ARGUMENT"
    with pytest.raises(RefusedError, match="expected one of describe"):
        client.predict({}, "walk")
    with pytest.raises(RefusedError, match="no model 'other' here"):
        Client(client.address, "other").status()
    opened = [client.stream(image_size=SIZE) for _ in range(4)]
    for stream in opened[:3]:
        stream.push(np.ones((1, 17, 2)))
    client.attempts = 1
    with pytest.raises(RefusedError, match="3 streams are open") as refusal:
        opened[3].push(np.ones((1, 17, 2)))
    assert refusal.value.code == "RESOURCE_EXHAUSTED"
    for stream in opened:
        stream.close()


def lift_inputs(frames):
    pixels = np.ones((1, frames, 17, 2), np.float32)
    return {
        "pixels": pixels,
        "visibility": pixels[..., 0],
        "image_size": np.float32([[1000, 800]]),
        "fps": np.float32([50]),
    }


def test_too_much_at_a_time_is_shed_and_the_rest_answered(server):
    plain = {name: value.tolist() for name, value in lift_inputs(1).items()}
    body = json.dumps({"signature_name": "lift", "inputs": plain}).encode()
    codes, enough = set(), threading.Event()

    def keep_asking():
        with Client(server.grpc, NAME, attempts=1) as client:
            while not enough.is_set():
                try:
                    client.predict(lift_inputs(2000), "lift")
                    codes.add("OK")
                except RefusedError as error:
                    codes.add(error.code)
                    time.sleep(0.02)

    def post():
        url = f"{server.rest}/v1/models/{NAME}:predict"
        try:
            with urllib.request.urlopen(url, body, timeout=60) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code, error.headers["retry-after"]

    threads = [threading.Thread(target=keep_asking) for _ in range(16)]
    for thread in threads:
        thread.start()
    statuses, deadline = set(), time.monotonic() + 60
    while (429, "1") not in statuses and time.monotonic() < deadline:
        statuses.add(post())
    assert get(f"{server.rest}/-/healthz") == "success"
    enough.set()
    for thread in threads:
        thread.join()
    assert codes == {"OK", "RESOURCE_EXHAUSTED"}
    assert (429, "1") in statuses <= {200, (429, "1")}
    assert post() == 200


def test_a_new_version_drops_no_request(server, models):
    keypoints, stop, failures, counts = clip(9), threading.Event(), [], [0, 0]

    def keep_asking(thread, address):
        with Client(address, NAME, attempts=1) as client:
            while not stop.is_set():
                try:
                    client.lift(keypoints)
                    counts[thread] += 1
                except RefusedError as error:
                    failures.append(error)

    threads = [
        threading.Thread(target=keep_asking, args=(number, address))
        for number, address in enumerate((server.grpc, server.rest))
    ]
    for thread in threads:
        thread.start()
    try:
        version = export_saved_model(models[1], server.folder, flip=False)
        assert version.name == "2"
        with Client(server.grpc, NAME, version=2) as client:
            client.wait_until_ready(180)
    finally:
        time.sleep(0.3)
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert min(counts) > 0
    for version, model in ((None, models[1]), (2, models[1]), (1, models[0])):
        for address in (server.grpc, server.rest):
            found = Client(address, NAME, version=version).lift(keypoints)
            expected = Lifter(model).lift(keypoints, flip=False)
            np.testing.assert_allclose(found.positions, expected.positions, atol=2e-5)


def test_metrics(server):
    Client(server.grpc, NAME).status()
    deadline = time.monotonic() + 60
    pattern = re.compile(r'^ray_anatomy_tf_requests_total{.*code="OK".*method="status"', re.M)
    while not pattern.search(get(f"{server.rest}/monitoring/prometheus/metrics")):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def children(process):
    """Numbers of all processes below one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found, added = {process}, True
    while added:
        added = {child for child, parent in parents.items() if parent in found} - found
        found |= added
    return found - {process}


def listening(processes):
    """Addresses and ports on which some processes listen, as the kernel writes them."""
    sockets = set()
    for process in processes:
        for entry in Path(f"/proc/{process}/fd").glob("*"):
            with contextlib.suppress(OSError):
                sockets.add(str(entry.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(fields[1])
    return found


def test_all_ports_are_on_the_loopback(server):
    loopback = ("0100007F:", "0000000000000000FFFF00000100007F:")
    found = listening({server.process.pid, *children(server.process.pid)})
    assert len(found) > 5
    assert [address for address in found if not address.startswith(loopback)] == []


def test_health_by_the_standard_protocol(server):
    with grpc.insecure_channel(server.grpc) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=30) == b"\x08\x01"
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")
        answers = watch(b"", timeout=30)
        assert next(answers) == b"\x08\x01"
        answers.cancel()
        with pytest.raises(grpc.RpcError) as refusal:
            next(watch(b"\xff", timeout=30))
        assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_large_body_is_refused_and_others_are_answered_meanwhile(server):
    url, waits, enough = f"{server.rest}/v1/models/{NAME}:predict", [], threading.Event()

    def keep_asking():
        with Client(server.rest, NAME) as client:
            while not enough.is_set():
                begun = time.monotonic()
                client.lift(clip(3))
                waits.append(time.monotonic() - begun)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        body = b'{"inputs": {"pixels": [' + b"1," * 20_000_000 + b"1]}}"
        with pytest.raises(urllib.error.HTTPError, match="400") as refusal:
            urllib.request.urlopen(url, body, timeout=60)
        assert b"at most 16,777,216 bytes, got 40,000,027" in refusal.value.read()
        time.sleep(0.5)
    finally:
        enough.set()
        thread.join()
    assert max(waits) < 5


def until_closed(server, parts):
    """Send parts of a request, one each half second; give what came back and the seconds."""
    host, _, port = server.rest.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        begun, answer = time.monotonic(), b""
        connection.settimeout(0.5)
        while time.monotonic() < begun + 60:
            with contextlib.suppress(TimeoutError, BrokenPipeError):
                if part := next(parts, b""):
                    connection.sendall(part)
                if not (more := connection.recv(4096)):
                    return answer, time.monotonic() - begun
                answer += more
    raise AssertionError("still open")


HALF_SENT = {
    "nothing": [],
    "half a head": [b"GET /-/healthz HTTP/1.1\r\nHost: x\r\n"],
    # A byte each half second.
    "a head without end": [b"GET / HTTP/1.1\r\nX: ", *(b"x" for _ in range(1000))],
    "half a head after an answer": [b"GET /-/healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /"],
}


@pytest.fixture(scope="module")
def half_sent(server):
    """Answers to half-sent requests and when they ended; at once, for each takes ten seconds."""
    with ThreadPoolExecutor(len(HALF_SENT)) as pool:
        ends = {
            name: pool.submit(until_closed, server, iter(parts))
            for name, parts in HALF_SENT.items()
        }
        return {name: end.result() for name, end in ends.items()}


@pytest.mark.parametrize("name", ["nothing", "half a head", "a head without end"])
def test_half_sent_heads_are_not_waited_for(half_sent, name):
    answer, seconds = half_sent[name]
    assert answer == b""
    assert HEAD_SECONDS - 1 < seconds < HEAD_SECONDS + 5


def test_half_a_head_after_an_answer_is_not_waited_for_either(half_sent):
    answer, seconds = half_sent["half a head after an answer"]
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"success" in answer
    assert HEAD_SECONDS - 1 < seconds < HEAD_SECONDS + 6


def test_a_head_that_is_too_long_ends_the_connection(server):
    line = b"X: " + b"x" * 1000 + b"\r\n"
    host, _, port = server.rest.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        sent = connection.send(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            while sent < 50_000_000:
                sent += connection.send(line * 10)
    assert sent > HEAD_BYTES


@contextlib.contextmanager
def told_while_stopping(server):
    """Ask for the status over both protocols during the block; yield what was told."""
    told, enough = set(), threading.Event()

    def ask(address):
        with Client(address, NAME, attempts=1) as client:
            while not enough.is_set():
                try:
                    client.status()
                    told.add("OK")
                except RefusedError as refusal:
                    told.add(refusal.code)
                time.sleep(0.05)

    threads = [threading.Thread(target=ask, args=(a,)) for a in (server.grpc, server.rest)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def test_stopping_answers_what_is_under_way_and_leaves_nothing(server):
    processes = children(server.process.pid)
    assert len(processes) > 4
    keypoints = clip(4000)
    with (
        Client(server.grpc, NAME, attempts=1) as client,
        ThreadPoolExecutor(1) as pool,
        grpc.insecure_channel(server.grpc) as channel,
    ):
        client.lift(clip(3))
        # Who watches does not keep the server from stopping, and hears of it.
        watched = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
        assert next(watched) == b"\x08\x01"
        under_way = pool.submit(client.lift, keypoints)
        time.sleep(0.1)
        with told_while_stopping(server) as told:
            assert server.stop() == 0
        # Never that there is no such model: who asks is to try again.
        assert told <= {"OK", "UNAVAILABLE"}
        assert len(under_way.result()) == 4000
        with contextlib.suppress(grpc.RpcError):
            assert list(watched) == [b"\x08\x02"]
    assert "stopped" in server.log.read_text()
    deadline = time.monotonic() + 20
    while left := [number for number in processes if Path(f"/proc/{number}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    with pytest.raises(RefusedError):
        Client(server.rest, NAME, attempts=1).status()
