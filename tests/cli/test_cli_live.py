import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dotted_people import DotDetector, render, walking
from numpy.typing import NDArray

from anatomy_tf.cli.main import main
from anatomy_tf.detection import DETECTORS
from anatomy_tf.detection.registry import DetectorEntry
from anatomy_tf.formats import load_poses

pytestmark = pytest.mark.slow

client = pytest.importorskip("websockets.sync.client", reason="needs the extra live")

FPS = 10.0


class Busy(DotDetector):
    """Takes some time for each frame."""

    seconds_each = 0.0
    fails_after: float = np.inf

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        time.sleep(self.seconds_each)
        if seconds > self.fails_after:
            raise RuntimeError("out of memory")
        return super().detect(frame, seconds)


@pytest.fixture(autouse=True)
def detector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Busy]:
    made = Busy(people=2)
    monkeypatch.setitem(
        DETECTORS, "dots", DetectorEntry("numpy", None, lambda models, people: made, lambda: ())
    )
    yield made
    assert made.closed


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return render(tmp_path / "v.mkv", walking(25, people=2), fps=FPS)


def run(*arguments: Any) -> int:
    return main(["live", *map(str, arguments), "--detector", "dots", "--port", "0"])


def beside(
    action: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> tuple[threading.Thread, list[Any]]:
    """Do something with the page's address as soon as the command has printed it."""
    results: list[Any] = []

    def act() -> None:
        printed = ""
        while not (found := re.search(r"http://\S+", printed)):
            time.sleep(0.05)
            printed += capsys.readouterr().out
        results.append(action(found[0]))

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread, results


def test_a_video_is_recorded_at_its_own_rate(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = video.with_name("p.npz")
    assert run(video, "--output", output) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert re.search(r"Showing poses at http://127\.0\.0\.1:\d+/; Ctrl-C ends it", out)
    assert re.search(r"25 frames in \d\.\d s, \d+ of them \(\d+%\) dropped while", out)
    assert re.search(r"The median pose came \d+ ms after its frame, 95 % came within \d+ ms", out)
    people = load_poses(output)
    assert [person.person for person in people] == ["0", "1"]
    for person in people:
        assert person.fps == FPS
        # The first frames may be dropped, none between.
        assert len(person) == 25 - person.first_frame
        assert person.seen.all()


def test_frames_are_dropped_while_the_detector_is_busy_and_poses_are_not(
    video: Path, detector: Busy, capsys: pytest.CaptureFixture[str]
) -> None:
    detector.seconds_each = 0.35
    output = video.with_name("p.json")
    assert run(video, "--output", output) == 0
    out = capsys.readouterr().out
    dropped = int(re.search(r"(\d+) of them", out)[1])  # type: ignore[index]
    assert dropped >= 12
    assert len(detector.seconds) == 25 - dropped
    person, _ = load_poses(output)
    assert len(person) == 25 - person.first_frame
    assert person.seen.all()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_end_it_cleanly_with_the_recording_whole(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = render(tmp_path / "v.mkv", walking(60, people=1), fps=FPS)
    output = tmp_path / "p.csv"

    def interrupt(address: str) -> None:
        time.sleep(1.5)
        os.kill(os.getpid(), number)

    begun = time.monotonic()
    thread, _ = beside(interrupt, capsys)
    assert run(video, "--output", output) == 0
    thread.join()
    assert time.monotonic() - begun < 20
    (person,) = load_poses(output)
    assert 5 <= len(person) < 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "v.mkv"]


def test_a_client_receives_poses(video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def listen(address: str) -> list[dict[str, Any]]:
        place = address.split("/")[2]
        messages = []
        with client.connect(f"ws://{place}/live", origin=f"http://{place}") as connection:
            messages.extend(json.loads(text) for text in connection)
        return messages

    thread, results = beside(listen, capsys)
    assert run(video) == 0
    thread.join(timeout=10)
    (messages,) = results
    frames = [message["frame"] for message in messages]
    assert len(frames) >= 3 and frames == sorted(set(frames))
    assert {one["name"] for one in messages[-1]["people"]} == {"person 0", "person 1"}
    assert messages[-1]["came"] <= 25


def test_what_was_recorded_is_written_when_the_detector_fails(
    video: Path, detector: Busy, capsys: pytest.CaptureFixture[str]
) -> None:
    detector.fails_after = 1.5
    output = video.with_name("p.npz")
    with pytest.raises(RuntimeError, match="out of memory"):
        run(video, "--output", output)
    # Fewer than the video has by then where the machine is busy.
    assert len(load_poses(output)[0]) >= 3


def test_nobody_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    video = render(tmp_path / "v.mkv", np.full((8, 1, 17, 2), -9), fps=FPS)
    output = tmp_path / "[" / "b] :x:" / "p.npz"
    output.parent.mkdir(parents=True)
    assert run(video, "--output", output) == 0
    assert f"Nobody was seen for long enough: {output} is not written" in capsys.readouterr().out
    assert not output.exists()


class TestRefused:
    @pytest.fixture(autouse=True)
    def detector(self) -> None:
        """None is made."""

    def refused(self, capsys: pytest.CaptureFixture[str], *arguments: Any) -> str:
        assert main(["live", *map(str, arguments)]) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        return err

    def test_bad_options(self, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "--fps is for cameras" in self.refused(capsys, video, "--fps", 30)
        assert "--image-size is for" in self.refused(capsys, video, "--image-size", "64x48")
        assert "expected an output file" in self.refused(
            capsys, "--output", video.with_suffix(".x")
        )
        assert "unknown detector" in self.refused(capsys, video, "--detector", "eyes")

    def test_a_missing_camera(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        entry = DetectorEntry("numpy", None, lambda models, people: DotDetector(), lambda: ())
        monkeypatch.setitem(DETECTORS, "dots", entry)
        if sys.platform == "linux":
            err = self.refused(capsys, "--camera", "987", "--detector", "dots")
            assert "camera 987 (/dev/video987): cannot be read" in err
