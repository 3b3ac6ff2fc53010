"""Frame rate and image size from the video of the keypoints."""

import sys
from pathlib import Path

import numpy as np
import pytest
import reader_samples as samples

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints

ffmpeg = pytest.importorskip("imageio_ffmpeg")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> bytes:
    """640 x 480 pixels, 20 frames a second."""
    path = tmp_path_factory.mktemp("video") / "v.mp4"
    writer = ffmpeg.write_frames(
        str(path), (640, 480), fps=20, macro_block_size=16, ffmpeg_log_level="error"
    )
    writer.send(None)
    for _ in range(4):
        writer.send(np.zeros((480, 640, 3), np.uint8))
    writer.close()
    return path.read_bytes()


@pytest.mark.parametrize("folder", [False, True])
def test_the_video_of_the_same_name_says_what_is_missing(tmp_path, recorded, folder) -> None:
    if folder:
        path = samples.ultralytics_text(tmp_path / "clip")
    else:
        path = samples.coco(tmp_path / "clip.json")
    (tmp_path / "clip.MP4").write_bytes(recorded)
    (tmp_path / "other.mp4").write_bytes(b"no video")
    first = load_keypoints(path)[0]
    assert (first.fps, first.width, first.height) == (20, 640, 480)
    stated = load_keypoints(path, fps=5)[0]
    assert (stated.fps, stated.width) == (5, 640)


def test_what_the_file_says_goes_first(tmp_path, recorded) -> None:
    path = samples.our_csv(tmp_path / "clip.csv")
    (tmp_path / "clip.mp4").write_bytes(recorded)
    path.write_text('# {"fps": 50}\n' + path.read_text())
    first = load_keypoints(path)[0]
    assert (first.fps, first.width, first.height) == (50, 640, 480)


def test_a_video_by_its_path(tmp_path, recorded) -> None:
    path = samples.coco(tmp_path / "clip.json")
    video = tmp_path / "recording.mp4"
    with pytest.raises(AnatomyError, match=r"recording\.mp4: no such file"):
        load_keypoints(path, video=video)
    video.write_bytes(b"no video")
    with pytest.raises(AnatomyError, match="not a video that ffmpeg can read"):
        load_keypoints(path, video=video)
    video.write_bytes(recorded)
    assert load_keypoints(path, video=video)[0].fps == 20


def test_nothing_is_guessed(tmp_path, recorded) -> None:
    path = samples.coco(tmp_path / "clip.json")
    for suffix in ("mp4", "mov"):
        (tmp_path / f"clip.{suffix}").write_bytes(recorded)
    # Two of the name.
    with pytest.raises(AnatomyError, match="does not say its frame rate; give it with --fps"):
        load_keypoints(path)
    (tmp_path / "clip.mov").unlink()
    (tmp_path / "clip.mp4").write_bytes(b"damaged")
    with pytest.raises(AnatomyError, match=r"--fps \(fps=\); the video beside it does not help"):
        load_keypoints(path)


def test_without_the_extra_the_line_names_it(tmp_path, recorded, monkeypatch) -> None:
    path: Path = samples.coco(tmp_path / "clip.json")
    (tmp_path / "clip.mp4").write_bytes(recorded)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(AnatomyError, match=r'pip install "anatomy_tf\[visualization\]"') as caught:
        load_keypoints(path)
    assert "--fps" in str(caught.value) and "\n" not in str(caught.value)
