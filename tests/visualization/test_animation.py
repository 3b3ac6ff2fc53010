import dataclasses
import resource
import sys
import time

import numpy as np
import pytest
from grey_video import GREY_STEP, grey_video

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization import animate
from anatomy_tf.visualization.drawing.palette import LIGHT

SIZE = (480, 270)


def frames_of(path, plugin):
    iio = pytest.importorskip("imageio.v3")
    return iio.imread(path, plugin=plugin), iio.immeta(path, plugin=plugin)


@pytest.mark.slow
def test_film_has_the_clip_s_frames_and_rate(walk, tmp_path):
    # Processor time: other work on the machine must not fail this.
    started = time.process_time()
    path = animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4")
    assert time.process_time() - started < 8
    frames, about = frames_of(path, "FFMPEG")
    assert frames.shape == (100, 720, 1280, 3)
    assert about["fps"] == 50
    assert about["duration"] == pytest.approx(2.0, abs=0.03)
    assert about["codec"] == "h264"
    # Both panels move.
    change = np.abs(frames[60].astype(int) - frames[0]).sum(axis=-1) > 60
    assert change[:, :640].sum() > 200
    assert change[:, 720:].sum() > 1000


def test_another_rate_keeps_the_speed(walk, tmp_path):
    path = animate(walk.keypoints, walk.poses, tmp_path / "w.mp4", view=30, fps=12.5, size=SIZE)
    frames, about = frames_of(path, "FFMPEG")
    assert (len(frames), about["fps"]) == (25, 12.5)


@pytest.mark.parametrize(("fps", "count", "delay"), [(None, 50, 40), (30, 50, 40), (5, 10, 200)])
def test_gif_delays_are_whole_hundredths(walk, tmp_path, fps, count, delay):
    path = animate(walk.keypoints, walk.poses, tmp_path / "walk.gif", fps=fps, size=SIZE)
    frames, about = frames_of(path, "pillow")
    assert frames.shape == (count, 270, 480, 3)
    assert about["duration"] == delay
    assert about["loop"] == 0


def test_a_standing_view_differs_by_azimuth_only_in_the_pose(walk, tmp_path):
    def first(view):
        path = animate(walk.keypoints, walk.poses, tmp_path / "w.mp4", view=view, fps=5, size=SIZE)
        return frames_of(path, "FFMPEG")[0][0].astype(int)

    change = np.abs(first(0) - first(90)).sum(axis=-1) > 60
    assert change[:, 280:].sum() > 200
    assert not change[:, :230].any()


def test_the_video_is_behind_the_keypoints(walk, tmp_path):
    video = grey_video(tmp_path / "v.mkv", 20, 10, (64, 36))
    path = animate(walk.keypoints, walk.poses, tmp_path / "w.mp4", fps=5, size=SIZE, video=video)
    frames, _ = frames_of(path, "FFMPEG")
    levels = [np.median(frame[80:180, 20:230]) for frame in frames]
    assert levels == pytest.approx([2 * GREY_STEP * n for n in range(10)], abs=4)


def test_a_frame_in_which_nobody_was_seen_is_faded_and_said(walk, tmp_path):
    seen = np.arange(100) < 50
    poses = dataclasses.replace(walk.poses, seen=seen)
    path = animate(walk.keypoints, poses, tmp_path / "w.mp4", view=0, fps=1)
    frames = frames_of(path, "FFMPEG")[0]
    blue = [int(LIGHT.left[i : i + 2], 16) for i in (1, 3, 5)]
    near = (np.abs(frames[:, 60:670, 700:].astype(int) - blue) < 30).all(axis=-1)
    assert near[0].sum() > 500
    assert near[1].sum() < 50
    ends = [(frame[680:, :560] < 120).any(axis=(0, 2)).nonzero()[0].max() for frame in frames]
    assert ends[1] > ends[0] + 100


def test_the_path_is_on_the_floor(walk, tmp_path):
    def middles(poses):
        path = animate(walk.keypoints, poses, tmp_path / "w.mp4", view=0, fps=1)
        frame = frames_of(path, "FFMPEG")[0][1][560:670, 700:].astype(int)
        grey = [int(LIGHT.middle[i : i + 2], 16) for i in (1, 3, 5)]
        return (np.abs(frame - grey) < 40).all(axis=-1).sum()

    assert middles(walk.placed) > middles(walk.poses) + 50


def test_refusals(walk, tmp_path):
    def draw(**options):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4", **options)

    with pytest.raises(AnatomyError, match="'turning' or degrees, got 'front'"):
        draw(view="front")
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000 frames a second, got 0"):
        draw(fps=0)
    with pytest.raises(AnatomyError, match=r"even width and height .* \(641, 480\)"):
        draw(size=(641, 480))
    with pytest.raises(AnatomyError, match=r"even width and height .* got 640"):
        draw(size=640)
    with pytest.raises(AnatomyError, match=r"even width and height .* got \(640.5, 480\)"):
        draw(size=(640.5, 480))
    with pytest.raises(AnatomyError, match=r"\.mp4 or \.gif"):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.webm")
    assert not list(tmp_path.iterdir())


def test_missing_encoder_is_named_and_leaves_nothing(walk, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(AnatomyError, match=r'imageio_ffmpeg, .*"anatomy_tf\[visualization\]"'):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4")
    assert not list(tmp_path.iterdir())


def test_an_encoder_that_fails_leaves_nothing(walk, tmp_path, capfd):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(AnatomyError, match=r"walk.mp4: cannot be written: ffmpeg: ") as refused:
            animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "COMMAND" not in str(refused.value)
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())
