"""SLEAP's own files, written by sleap-io."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reader_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17

HDF5 = b"\x89HDF\r\n\x1a\n"


def write(path: Path, *, stated: bool = False, corrected: bool = False, videos: int = 1) -> Path:
    """The scene of ``reader_samples``; corrected: with joints that a person set in frame 0."""
    sio = pytest.importorskip("sleap_io")
    skeleton = sio.Skeleton([name.replace("_", " ") for name in COCO_17.joint_names])
    tracks = [sio.Track("first"), sio.Track("second")]
    clips = [sio.Video(f"{number}.mp4", open_backend=False) for number in range(videos)]
    if stated:
        shape = [samples.FRAMES, samples.HEIGHT, samples.WIDTH, 3]
        clips[0].backend_metadata = {"type": "MediaVideo", "shape": shape, "fps": 25.0}
    frames: dict[int, list[Any]] = {}
    for frame, person, values in samples.detections(COCO_17):
        points = np.where(values[:, 2:] == 0, np.nan, values[:, :2])
        instance = sio.PredictedInstance.from_numpy(
            points, skeleton=skeleton, point_scores=values[:, 2], score=0.9, track=tracks[person]
        )
        frames.setdefault(frame, []).append(instance)
        if corrected and (frame, person) == (0, 0):
            own = sio.Instance.from_numpy(
                points + 1, skeleton=skeleton, track=tracks[0], from_predicted=instance
            )
            frames[frame].append(own)
    labelled = [sio.LabeledFrame(clips[0], number, found) for number, found in frames.items()]
    labels = sio.Labels(labelled, videos=clips, skeletons=[skeleton])
    sio.save_slp(labels, str(path.with_suffix(".slp")), verbose=False)
    return path.with_suffix(".slp").rename(path)


def test_the_scene_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "clip")
    people = load_keypoints(path, **samples.STATED)
    assert [p.person for p in people] == ["first", "second"]
    for index, person in enumerate(people):
        keypoints, visibility = samples.expected(COCO_17, index)
        np.testing.assert_allclose(person.keypoints, keypoints, atol=1e-3)
        np.testing.assert_allclose(person.visibility, visibility, atol=1e-6)
    with pytest.raises(AnatomyError, match="--fps"):
        load_keypoints(path)


def test_the_file_says_rate_and_size_and_corrections_go_first(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.slp", stated=True, corrected=True)
    first = load_keypoints(path)[0]
    assert (first.fps, first.width, first.height) == (25, samples.WIDTH, samples.HEIGHT)
    np.testing.assert_allclose(first.keypoints[0], samples.scene(COCO_17, 0)[0, :, :2] + 1)
    assert first.visibility[0].tolist() == [1] * 17
    assert load_keypoints(path, fps=50, image_size=(700, 500))[0].width == 700


def test_several_videos(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="expected one video, got 2"):
        load_keypoints(write(tmp_path / "clip", videos=2), **samples.STATED)


def test_without_sleap_io_the_line_names_it(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "clip.slp"
    path.write_bytes(HDF5 + b"...")
    monkeypatch.setitem(sys.modules, "sleap_io", None)
    monkeypatch.setitem(sys.modules, "sleap_io.io.slp", None)
    with pytest.raises(AnatomyError, match=r'clip\.slp: .* pip install "anatomy_tf\[sleap\]"'):
        load_keypoints(path, **samples.STATED)


@pytest.mark.slow
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, data: Any) -> None:
    path, kept = tmp_path / "clip.slp", tmp_path / "whole"
    if not kept.exists():
        kept.write_bytes(write(path, stated=True).read_bytes())
    content = bytearray(kept.read_bytes())
    if data.draw(st.integers(0, 3)) == 0:
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        people = load_keypoints(path, format="sleap_package")
    except AnatomyError as error:
        assert str(tmp_path) in str(error) and "\n" not in str(error)
    else:
        assert all(np.isfinite(p.filled().keypoints).all() for p in people)


@pytest.mark.parametrize("preset", ["matlab", "standard"])
def test_the_analysis_is_read(tmp_path: Path, preset: str) -> None:
    sio = pytest.importorskip("sleap_io")
    labels = sio.load_slp(str(write(tmp_path / "clip.slp")), open_videos=False)
    sio.save_analysis_h5(labels, str(tmp_path / "clip.h5"), preset=preset)
    people = load_keypoints(tmp_path / "clip.h5", **samples.STATED)
    assert [p.person for p in people] == ["first", "second"]
    for index, person in enumerate(people):
        keypoints, visibility = samples.expected(COCO_17, index)
        np.testing.assert_allclose(person.keypoints, keypoints, atol=1e-3)
        np.testing.assert_allclose(person.visibility, visibility, atol=1e-6)
