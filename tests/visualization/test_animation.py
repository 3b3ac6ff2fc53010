import sys
import time

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization import animate

SIZE = (480, 270)


def frames_of(path, plugin):
    iio = pytest.importorskip("imageio.v3")
    return iio.imread(path, plugin=plugin), iio.immeta(path, plugin=plugin)


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


def test_refusals(walk, tmp_path):
    def draw(**options):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4", **options)

    with pytest.raises(AnatomyError, match="'turning' or degrees, got 'front'"):
        draw(view="front")
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000 frames a second, got 0"):
        draw(fps=0)
    with pytest.raises(AnatomyError, match=r"even width and height .* \(641, 480\)"):
        draw(size=(641, 480))
    with pytest.raises(AnatomyError, match=r"\.mp4 or \.gif"):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.webm")
    assert not list(tmp_path.iterdir())


def test_missing_encoder_is_named_and_leaves_nothing(walk, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(AnatomyError, match=r'imageio_ffmpeg, .*"anatomy_tf\[visualization\]"'):
        animate(walk.keypoints, walk.poses, tmp_path / "walk.mp4")
    assert not list(tmp_path.iterdir())
