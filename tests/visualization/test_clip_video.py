"""Which frame of a video belongs to which frame of a clip."""

import dataclasses
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from grey_video import GREY_STEP, grey_video

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.visualization.drawing.clip_video import ClipVideo

SMALL = (16, 10)


def clip(frames: int, fps: float, first_frame: int = 0) -> PoseSequence:
    positions = np.random.default_rng(0).normal(size=(frames, 17, 3))
    return PoseSequence(positions, HUMAN36M_17, fps, first_frame=first_frame)


def image(width: int, height: int) -> KeypointSequence:
    return KeypointSequence(np.ones((1, 17, 2)), np.ones((1, 17)), HUMAN36M_17, 10, width, height)


def numbers(video: ClipVideo, frames: range) -> list[int]:
    """The numbers of the video's frames that are shown."""
    return [round(picture.mean() / GREY_STEP) for picture in video.pictures(frames, SMALL)]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds, 10 frames a second."""
    return grey_video(tmp_path_factory.mktemp("video") / "v.mkv", 30, 10)


def test_by_number_at_the_same_rate(video: Path) -> None:
    shown = ClipVideo.open(video, clip(30, 10), image(160, 100))
    assert numbers(shown, range(30)) == list(range(30))
    assert numbers(shown, range(4, 30, 9)) == [4, 13, 22]
    assert shown.seconds_after == 0


def test_an_open_video_is_not_opened_again(video: Path) -> None:
    shown = ClipVideo.open(video, clip(30, 10))
    assert ClipVideo.open(shown, clip(30, 10)) is shown


def test_a_later_clip_begins_at_its_first_frame(video: Path) -> None:
    shown = ClipVideo.open(video, clip(10, 10, first_frame=12))
    assert numbers(shown, range(10)) == list(range(12, 22))
    assert shown.seconds_after == pytest.approx(0.8)


def test_by_time_at_another_rate(video: Path) -> None:
    shown = ClipVideo.open(video, clip(10, 5, first_frame=2))
    assert numbers(shown, range(10)) == list(range(4, 24, 2))
    assert numbers(ClipVideo.open(video, clip(20, 20)), range(0, 20, 2)) == list(range(10))


def test_slow_motion_is_matched_by_number(video: Path) -> None:
    # Recorded at 240 frames a second, stored to be played at 10.
    assert numbers(ClipVideo.open(video, clip(30, 240)), range(30)) == list(range(30))


def test_the_last_picture_stays_where_a_video_ends_a_little_early(video: Path) -> None:
    assert numbers(ClipVideo.open(video, clip(33, 10)), range(28, 33)) == [28, 29, 29, 29, 29]


def test_a_turned_video_is_shown_as_it_is_meant(video: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-display_rotation", "90",
            "-i", video, "-c:v", "copy", turned,
        ],
        check=True,
    )  # fmt: skip
    shown = ClipVideo.open(turned, clip(30, 10), image(100, 160))
    picture = next(shown.pictures(range(1), (10, 16)))
    assert picture.shape == (16, 10, 3)
    with pytest.raises(AnatomyError, match="160x100, got 100x160; is it another video"):
        ClipVideo.open(turned, clip(30, 10), image(160, 100))


def test_a_smaller_copy_s_keypoints_fit_and_another_shape_s_do_not(video: Path) -> None:
    ClipVideo.open(video, clip(30, 10), image(640, 400))
    with pytest.raises(AnatomyError, match=r"v\.mkv: expected the shape .* 640x480, got 160x100"):
        ClipVideo.open(video, clip(30, 10), image(640, 480))


def test_a_shorter_video_is_refused_before_and_while_it_is_read(video: Path) -> None:
    with pytest.raises(AnatomyError, match=r"at least 5.0 s for the 50 frames .* got 3.0 s"):
        ClipVideo.open(video, clip(50, 10))
    # A file that does not state its length.
    silent = ClipVideo.open(video, clip(30, 10))
    silent = dataclasses.replace(silent, clip_frames=50)
    with pytest.raises(AnatomyError, match=r"at least 5.0 s for the 50 frames .* got 3.0 s"):
        numbers(silent, range(50))


def test_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_text("nothing")
    with pytest.raises(AnatomyError, match="not a video that ffmpeg can read"):
        ClipVideo.open(tmp_path / "v.mp4", clip(3, 10))
