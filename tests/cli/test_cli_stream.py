import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.cli.stream import LONGEST_LINE, FrameLines, parse_line, serve
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.poses.smoothing import OneEuroFilter

pytestmark = pytest.mark.slow

SIZE = (1000, 800)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("model") / "causal.keras"
    AnatomyLifter(filter_widths=(3, 3), channels=8, causal=True).save(path)
    return path


@pytest.fixture(scope="module")
def lifter(model_file):
    return Lifter.load(model_file)


def frames(count, seed=0):
    return np.random.default_rng(seed).uniform(100, 700, (count, 17, 2)).round(2)


def line(**people):
    return json.dumps({"people": {n: np.asarray(k).tolist() for n, k in people.items()}}).encode()


def served(lines, *texts, skip_bad=False):
    sink = io.BytesIO()
    serve(lines, io.BytesIO(b"\n".join(texts)), sink, skip_bad)
    return [json.loads(text) for text in sink.getvalue().splitlines()]


def frame_lines(lifter, patience=10, new_filter=None):
    return FrameLines(lifter.stream(0, image_size=SIZE), patience, new_filter)


def test_poses_are_those_of_the_stream(lifter):
    keypoints = frames(5)
    answers = served(frame_lines(lifter), *(line(anna=k) for k in keypoints))
    stream = lifter.stream(["anna"], image_size=SIZE)
    expected = [stream.push(k[None])[0] for k in keypoints]
    np.testing.assert_allclose([a["people"]["anna"] for a in answers], expected, atol=6e-5)
    assert [a["frame"] for a in answers] == [0, 1, 2, 3, 4]
    assert [a["time"] for a in answers] == [0, 0.02, 0.04, 0.06, 0.08]


def test_one_person_needs_no_name_and_scores_may_come(lifter):
    keypoints = frames(1)[0].tolist()
    scored = [[*point, 1.0] for point in keypoints]
    texts = [json.dumps({"keypoints": k}).encode() for k in (keypoints, scored)]
    plain, other = (served(frame_lines(lifter), text)[0]["people"] for text in texts)
    assert plain == other
    assert list(plain) == ["0"]


def test_people_come_are_held_and_are_forgotten(lifter):
    k = frames(9)
    texts = [line(anna=k[0]), line(anna=k[1], berta=k[2]), *(line(berta=f) for f in k[3:8])]
    answers = served(frame_lines(lifter, patience=2), *texts)
    there = [set(a["people"]) for a in answers]
    both = {"anna", "berta"}
    assert there == [{"anna"}, both, both, both, {"berta"}, {"berta"}, {"berta"}]


def test_nobody_in_sight_is_no_error(lifter):
    answers = served(frame_lines(lifter), b'{"people": {}}', b"", line(anna=frames(1)[0]))
    assert [set(a["people"]) for a in answers] == [set(), {"anna"}]


def test_smoothing_begins_anew_with_each_person(lifter):
    keypoints = frames(4)
    new_filter = lambda: OneEuroFilter(50.0, 1.0)  # noqa: E731
    smoothed = served(frame_lines(lifter, 10, new_filter), *(line(a=k) for k in keypoints))
    plain = served(frame_lines(lifter), *(line(a=k) for k in keypoints))
    assert smoothed[0]["people"] == plain[0]["people"]
    one = new_filter()
    expected = [one.push(np.array(answer["people"]["a"])) for answer in plain]
    np.testing.assert_allclose([a["people"]["a"] for a in smoothed], expected, atol=2e-4)


def test_a_centred_model_answers_late_and_to_the_end():
    lifter = Lifter(AnatomyLifter(filter_widths=(3, 3), channels=4))
    answers = served(frame_lines(lifter), *(line(a=k) for k in frames(6)))
    assert [bool(a["people"]) for a in answers] == [False] * 4 + [True] * 6
    assert [a["time"] for a in answers][4:] == [0, 0.02, 0.04, 0.06, 0.08, 0.1]
    assert served(frame_lines(lifter)) == []


GOOD = [[1, 2]] * 17


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "expected JSON"),
        (b"\xff\xfe{", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b'{"keypoints": [NaN]}', "NaN is no JSON number"),
        (b"[]", 'expected {"people"'),
        (b'{"people": []}', 'expected {"people"'),
        (b'{"keypoints": 5}', "person '0': expected a list of 17 joints, got 5"),
        (b'{"keypoints": [[1, 2]]}', "expected a list of 17 joints, got 1"),
        (json.dumps({"keypoints": [[1], *GOOD[1:]]}).encode(), r"for joint 0, got \[1\]"),
        (json.dumps({"keypoints": [*GOOD[1:], "x"]}).encode(), 'for joint 16, got "x"'),
        (json.dumps({"keypoints": [[True, 1], *GOOD[1:]]}).encode(), "for joint 0"),
        (json.dumps({"keypoints": [[10**400, 1], *GOOD[1:]]}).encode(), "for joint 0"),
        (json.dumps({"keypoints": [[1, 1, 2], *GOOD[1:]]}).encode(), r"score in \[0, 1\]"),
    ],
)
def test_bad_lines_say_what_was_expected(text, message):
    with pytest.raises(AnatomyError, match=message):
        parse_line(text, 17)


def test_a_deep_line_is_one_line():
    # At some depth the text can be read, but not be quoted any more.
    for depth in range(850, 1010):
        with pytest.raises(AnatomyError):
            parse_line(b'{"keypoints": ' + b'{"a":' * depth + b"1" + b"}" * (depth + 1), 17)


def test_a_lost_joint_is_null():
    parsed = parse_line(json.dumps({"keypoints": [None, *GOOD[1:]]}).encode(), 17)["0"]
    assert np.isnan(parsed[0]).all()
    assert parsed[1].tolist() == [1, 2, 1]


def test_bad_lines_end_the_stream_or_are_skipped(lifter, capsys):
    good = frames(3)
    texts = [line(a=good[0]), b"oops", b"x" * (LONGEST_LINE + 5), line(a=good[1])]
    with pytest.raises(AnatomyError, match="line 2: expected JSON"):
        served(frame_lines(lifter), *texts)
    answers = served(frame_lines(lifter), *texts, skip_bad=True)
    assert [a["frame"] for a in answers] == [0, 1]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[0].startswith("anatomy-tf: line 2: expected JSON")
    assert told[1] == "anatomy-tf: line 3: expected at most 1,000,000 bytes; skipped"


def test_a_line_that_is_skipped_leaves_the_stream_as_it_was(lifter, capsys):
    (good,) = frames(1)
    far = [[10**7, 1, 1], *([1, 1, 1] for _ in range(16))]
    lines = frame_lines(lifter)
    (answer,) = served(lines, line(b=far), line(a=good), skip_bad=True)
    assert list(answer["people"]) == ["a"] and lines.stream.people == ("a",)
    assert "for joint 0, got [10000000, 1, 1]" in capsys.readouterr().err


def test_a_crowd_is_refused(lifter):
    names = {str(n): frames(1)[0] for n in range(101)}
    with pytest.raises(AnatomyError, match="1 to 100 people at a time, got 101"):
        served(frame_lines(lifter), line(**names))


def run(monkeypatch, text, *arguments):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    return main(["stream", *map(str, arguments)])


def test_standard_input_to_standard_output(monkeypatch, capsysbinary, model_file):
    text = line(anna=frames(1)[0]) + b"\n"
    assert run(monkeypatch, text, "--image-size", "1000x800", "--model", model_file) == 0
    assert set(json.loads(capsysbinary.readouterr().out)["people"]) == {"anna"}


def test_errors_are_one_line(monkeypatch, capsys, model_file):
    assert run(monkeypatch, b"oops\n", "--image-size", "1000x800", "--model", model_file) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("anatomy-tf: error: line 1: expected JSON")
    assert len(printed.err.splitlines()) == 1
    model = ("--model", model_file)
    for wrong, told in (
        (("--image-size", "big"), "--image-size: expected WIDTHxHEIGHT"),
        (("--image-size", "10x10"), "--image-size: expected an image size of 16"),
        (("--image-size", "99x99", "--layout", "fish"), "unknown skeleton 'fish'"),
        (("--image-size", "99x99", "--fps", "0"), "--fps: expected a frame rate"),
        (("--image-size", "99x99", "--fps", "slow"), "--fps: expected a number or fraction"),
        (("--image-size", "99x99", "--forget", "0"), "--forget: expected a positive number"),
        (("--image-size", "99x99", "--smooth", "99"), "smoothing (--smooth): expected a cut-off"),
        (("--image-size", "99x99", "--port", "70000"), "--port: 70000 cannot be listened on"),
    ):
        assert run(monkeypatch, b"", *wrong, *model) == 2
        (line_of_error,) = capsys.readouterr().err.splitlines()
        assert told in line_of_error


def test_the_rate_may_be_a_fraction(monkeypatch, capsysbinary, model_file):
    text = b"\n".join(line(anna=keypoints) for keypoints in frames(3)) + b"\n"
    arguments = ("--image-size", "1000x800", "--model", model_file)
    found = []
    for rate in ("30000/1001", str(30000 / 1001)):
        assert run(monkeypatch, text, *arguments, "--fps", rate) == 0
        found.append(capsysbinary.readouterr().out)
    assert found[0] == found[1] != b""


def test_without_numba_one_line_says_that_it_is_slower(monkeypatch, capsys, model_file):
    text = b"\n".join(line(anna=keypoints) for keypoints in frames(3)) + b"\n"
    arguments = ("--image-size", "1000x800", "--model", model_file)
    assert run(monkeypatch, text, *arguments) == 0
    compiled = capsys.readouterr()
    assert compiled.err == ""
    monkeypatch.setitem(sys.modules, "numba", None)
    assert run(monkeypatch, text, *arguments) == 0
    plain = capsys.readouterr()
    assert len(plain.err.splitlines()) == 1
    assert "slower" in plain.err
    assert plain.err.endswith('pip install "anatomy_tf[stream]"\n')
    poses, expected = (
        [json.loads(answer)["people"]["anna"] for answer in printed.out.splitlines()]
        for printed in (plain, compiled)
    )
    np.testing.assert_allclose(poses, expected, atol=2e-4)


def started(model_file, *arguments):
    program = "import sys; from anatomy_tf.cli.main import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "stream", "--image-size", "1000x800"]
    return subprocess.Popen(
        [*command, "--model", str(model_file), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # tf2onnx sets it otherwise in the process of tests that ran before.
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def test_each_line_is_answered_at_once_and_control_c_ends(model_file):
    with started(model_file) as process:
        for keypoints in frames(3):
            process.stdin.write(line(anna=keypoints) + b"\n")
            process.stdin.flush()
            assert set(json.loads(process.stdout.readline())["people"]) == {"anna"}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b"anatomy-tf: interrupted\n"


def test_a_reader_who_leaves_is_no_error(model_file):
    with started(model_file) as process:
        process.stdout.close()
        for keypoints in frames(3):
            process.stdin.write(line(anna=keypoints) + b"\n")
        process.stdin.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_clients_on_loopback_do_not_disturb_each_other(model_file):
    with (
        started(model_file, "--port", "0", "--silence", "1.5") as process,
        contextlib.ExitStack() as open_,
    ):
        open_.callback(process.kill)
        told = process.stderr.readline().decode()
        address = ("127.0.0.1", int(told.rpartition(":")[2]))
        clients = [open_.enter_context(socket.create_connection(address, 30)) for _ in range(3)]
        files = [open_.enter_context(client.makefile("rwb")) for client in clients]
        good, bad, silent = files
        bad.write(b'{"people": 3}\n')
        bad.flush()
        assert json.loads(bad.readline())["error"].startswith("line 1: expected")
        assert bad.readline() == b""
        for number, keypoints in enumerate(frames(5)):
            good.write(line(anna=keypoints) + b"\n")
            good.flush()
            assert json.loads(good.readline())["frame"] == number
            time.sleep(0.5)
        # It said nothing for longer than a client may.
        assert silent.readline() == b""
        more = [open_.enter_context(socket.create_connection(address, 30)) for _ in range(16)]
        answers = [client.makefile("rb").readline() for client in more]
        refused = [json.loads(answer)["error"] for answer in answers if answer]
        assert refused[0] == "16 clients are here, the most there can be"
        assert len(refused) < 16


def test_clients_on_loopback_come_one_after_the_other(model_file):
    with started(model_file, "--port", "0") as process:
        told = process.stderr.readline().decode()
        port = int(re.fullmatch(r"anatomy-tf: listening on 127\.0\.0\.1:(\d+)\n", told)[1])
        for _ in range(2):
            with (
                socket.create_connection(("127.0.0.1", port), 30) as client,
                client.makefile("rwb") as file,
            ):
                for number, keypoints in enumerate(frames(2)):
                    file.write(line(anna=keypoints) + b"\n")
                    file.flush()
                    assert json.loads(file.readline())["frame"] == number
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130


def test_a_closed_standard_input_is_one_line(model_file, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["stream", "--image-size", "1000x800", "--model", str(model_file)]) == 2
    assert "standard input or output is closed; expected lines" in capsys.readouterr().err
