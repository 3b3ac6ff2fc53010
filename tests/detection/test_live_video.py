import sys
import time
from pathlib import Path

import numpy as np
import pytest
from dotted_people import SIZE, colour, render, walking

from anatomy_tf.detection import LiveVideo
from anatomy_tf.detection.videos.live_video import CAMERA_SYSTEMS, CameraSystem
from anatomy_tf.errors import AnatomyError

pytestmark = pytest.mark.slow


def taken(video: LiveVideo, seconds: float = 0.0) -> list[int]:
    """Numbers of the frames that somebody takes who is busy for so long with each."""
    numbers = []
    while not video.ended:
        frame = video.newest(1.0)
        if frame is not None:
            numbers.append(frame.number)
            time.sleep(seconds)
    return numbers


def test_a_file_plays_at_its_own_pace(tmp_path: Path) -> None:
    path = render(tmp_path / "v.mkv", walking(20), fps=10)
    start = time.monotonic()
    with LiveVideo.file(path) as video:
        assert (video.fps, video.width, video.height) == (10, *SIZE)
        numbers = taken(video)
    # It ends a frame after the last; ffmpeg may send the first few at once.
    assert time.monotonic() - start > 1.2
    assert numbers == sorted(set(numbers))
    assert video.came == len(numbers) + video.dropped == 20


def test_frames_that_nobody_takes_are_dropped_not_queued(tmp_path: Path) -> None:
    path = render(tmp_path / "v.mkv", walking(30), fps=20)
    with LiveVideo.file(path) as video:
        numbers = taken(video, seconds=0.25)
        assert (video.came, video.dropped) == (30, 30 - len(numbers))
    assert len(numbers) <= 9
    assert numbers[-1] == 29


def test_a_frames_number_is_that_of_its_picture(tmp_path: Path) -> None:
    places = walking(12)
    with LiveVideo.file(render(tmp_path / "v.mkv", places, fps=20)) as video:
        time.sleep(0.3)
        frame = video.newest(1.0)
    assert frame is not None and frame.number > 0
    x, y = places[frame.number, 0, 4]
    assert tuple(frame.picture[y, x]) == colour(0, 4)
    assert time.time() - frame.arrived < 10


def test_closing_stops_a_video_that_plays(tmp_path: Path) -> None:
    path = render(tmp_path / "v.mkv", walking(300), fps=10)
    video = LiveVideo.file(path)
    assert video.newest(5.0) is not None
    start = time.monotonic()
    video.close()
    assert time.monotonic() - start < 2.5
    assert not video._thread.is_alive()


def test_no_video_is_one_line(tmp_path: Path) -> None:
    text = tmp_path / "v.mp4"
    text.write_text("no video")
    with pytest.raises(AnatomyError, match="not a video that ffmpeg can read"):
        LiveVideo.file(text)


def test_a_camera_is_read_at_a_constant_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """ffmpeg's made picture stands in for a device."""
    system = CameraSystem("lavfi", "testsrc=size=64x48:rate={}", options=("-re",))
    monkeypatch.setattr(
        "anatomy_tf.detection.videos.live_video.CAMERA_SYSTEMS",
        {**CAMERA_SYSTEMS, sys.platform: system},
    )
    with LiveVideo.camera("5") as video:
        assert (video.fps, video.width, video.height) == (30, 64, 48)
        start, numbers = time.monotonic(), []
        while time.monotonic() - start < 1.5:
            frame = video.newest(1.0)
            assert frame is not None
            numbers.append(frame.number)
    # Five frames a second come repeated, thirty a second.
    assert numbers[-1] > 20


@pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")
def test_a_missing_camera_is_one_line() -> None:
    with pytest.raises(AnatomyError, match=r"camera 987 \(/dev/video987\): cannot be read: .*No "):
        LiveVideo.camera("987")


def test_cameras_that_have_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(AnatomyError, match="ffmpeg -list_devices true -f dshow -i dummy"):
        LiveVideo.camera("0")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (AnatomyError("camera 0: unplugged"), r"^camera 0: unplugged$"),
        (MemoryError("no room"), r"^camera 0: breaks off \(no room\)$"),
    ],
)
def test_a_video_that_breaks_off_says_so_after_its_last_frame(error: Exception, line: str) -> None:
    def content():
        yield {"size": (4, 2)}
        yield np.zeros(24, np.uint8).tobytes()
        raise error

    video = LiveVideo(content(), "camera 0", 30.0)
    time.sleep(0.1)
    frame = video.newest(1.0)
    assert frame is not None and frame.picture.shape == (2, 4, 3)
    with pytest.raises(AnatomyError, match=line):
        video.newest(1.0)
    assert video.ended
