import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from dotted_people import SIZE, colour, render, walking

from anatomy_tf.detection import Video
from anatomy_tf.errors import AnatomyError


def ffmpeg(*arguments: object) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def test_what_the_file_says(tmp_path: Path) -> None:
    video = Video.open(render(tmp_path / "v.mkv", walking(7), fps=25))
    assert (video.fps, video.width, video.height, video.frame_count) == (25, *SIZE, 7)


def test_frames_are_red_green_blue_rows_first(tmp_path: Path) -> None:
    places = walking(3)
    frames = list(Video.open(render(tmp_path / "v.mkv", places)).frames())
    assert len(frames) == 3
    x, y = places[2, 0, 4]
    assert frames[2].shape == (SIZE[1], SIZE[0], 3)
    assert tuple(frames[2][y, x]) == colour(0, 4)


def test_a_varying_rate_comes_out_constant(tmp_path: Path) -> None:
    source = render(tmp_path / "v.mkv", walking(30), fps=10)
    # The second second has every fifth frame only: what it shows stays on the screen.
    ffmpeg(
        "-i", source, "-vf", "select='lt(n,10)+gte(n,20)+not(mod(n,5))'", "-fps_mode", "vfr",
        "-c:v", "ffv1", tmp_path / "w.mkv",
    )  # fmt: skip
    video = Video.open(tmp_path / "w.mkv")
    frames = list(video.frames())
    assert abs(len(frames) - 3.0 * video.fps) <= 1
    # The last second's first frame is at 2 s whatever the rate.
    at = frames[min(round(2.05 * video.fps), len(frames) - 1)]
    columns = np.nonzero((at == colour(0, 0)).all(axis=-1))[1]
    assert abs(columns.mean() - (6 + 20)) <= 1.5


def test_turned_pictures_come_upright(tmp_path: Path) -> None:
    source = render(tmp_path / "v.mp4", walking(2), codec="libx264rgb")
    ffmpeg("-display_rotation", 90, "-i", source, "-c", "copy", tmp_path / "w.mp4")
    video = Video.open(tmp_path / "w.mp4")
    assert (video.width, video.height) == (SIZE[1], SIZE[0])
    assert next(video.frames()).shape == (SIZE[0], SIZE[1], 3)


def test_a_name_like_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render(tmp_path / "-v.mkv", walking(2))
    monkeypatch.chdir(tmp_path)
    assert len(list(Video.open("-v.mkv").frames())) == 2


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x1aE\xdf\xa3" + b"\0" * 99])
def test_no_video(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.mkv"
    path.write_bytes(content)
    with pytest.raises(AnatomyError, match=r"v.mkv: not a video that ffmpeg can read"):
        Video.open(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"x.mp4: no such file"):
        Video.open(tmp_path / "x.mp4")
    with pytest.raises(AnatomyError, match="expected a video file, got a folder"):
        Video.open(tmp_path)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", tmp_path / "s.wav")
    ffmpeg("-i", tmp_path / "s.wav", tmp_path / "s.mp4")
    for name in ("s.wav", "s.mp4"):
        with pytest.raises(AnatomyError, match="not a video that ffmpeg can read: it has no pict"):
            Video.open(tmp_path / name)


@pytest.mark.slow
def test_a_video_that_states_no_rate_is_taken_by_its_times(tmp_path: Path) -> None:
    """Browsers record with times in milliseconds, which ffmpeg shows as 1k frames a second."""
    source = render(tmp_path / "v.mkv", walking(20), fps=10)
    ffmpeg("-i", source, "-vf", "fps=1000", "-c:v", "ffv1", tmp_path / "w.mkv")
    video = Video.open(tmp_path / "w.mkv")
    assert video.fps == 30
    frames = list(video.frames())
    assert abs(len(frames) - 60) <= 2
    columns = np.nonzero((frames[30] == colour(0, 0)).all(axis=-1))[1]
    assert abs(columns.mean() - (6 + 10)) <= 1  # where the walker is after a second


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = render(tmp_path / "v.mkv", walking(2))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(AnatomyError, match=r'imageio-ffmpeg.*pip install "anatomy_tf\[visualiz'):
        Video.open(video)
