"""Frames that entries of JSON and lines of tables state by times, or by counters of any name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.formats.keypoints.reading.times import (
    are_milliseconds,
    counted,
    numbers_of_times,
    rate_of_times,
    times_of,
)
from anatomy_tf.formats.keypoints.registry import inspect_keypoints
from anatomy_tf.formats.stated import NotStatedError
from anatomy_tf.skeletons import COCO_17

LOST = (5, 6, 9)
KEPT = [t for t in range(24) if t not in LOST]
NAMES = COCO_17.joint_names
ROWS = scene(COCO_17, 0)[:1] + np.arange(24)[:, None, None] * np.array((2, 1, 0))

TIMES = {
    "clock": lambda s: f"00:00:{s:06.3f}",
    "midnight": lambda s: f"23:59:{59.7 + s:06.3f}" if s < 0.3 else f"00:00:{s - 0.3:06.3f}",
    "ISO": lambda s: f"2026-11-30T12:00:{s:06.3f}Z",
    "date": lambda s: f"2026-11-30 12:00:{s:09.6f}",
    "text": lambda s: f"{s:.4f}",
    "seconds": lambda s: f"{s:.3f}s",
    "ms": lambda s: f"{1000 * s:.0f} ms",
}
FORMS = {
    "flat": lambda t: {"keypoints": ROWS[t].ravel().tolist()},
    "people": lambda t: {"people": [{"id": 4, "keypoints": ROWS[t].tolist()}]},
    "named": lambda t: {"keypoints": dict(zip(NAMES, ROWS[t].tolist(), strict=True))},
}


def lost_frames(path: Path, content: Any) -> list[int]:
    """The frames without a person; the others are the scene's."""
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    (found,) = load_keypoints(path, skeleton=COCO_17, **STATED)
    rows = np.concatenate([ROWS[[t]] for t in KEPT])
    np.testing.assert_allclose(found.keypoints[found.seen][:, 5], rows[:, 5, :2], atol=1e-3)
    return np.flatnonzero(~found.seen).tolist()


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("key", ["timestamp", "time"])
def test_times_that_are_texts(tmp_path, written, form, key):
    frames = [{key: written(t / 25), **form(t)} for t in KEPT]
    assert lost_frames(tmp_path / "k.json", frames) == list(LOST)


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
def test_frames_by_times_that_are_texts(tmp_path, written):
    frames = {written(t / 29.97): ROWS[t].ravel().tolist() for t in KEPT}
    assert lost_frames(tmp_path / "k.json", frames) == list(LOST)


def test_frames_by_milliseconds(tmp_path):
    frames = {str(round(1000 * t / 29.97)): ROWS[t].ravel().tolist() for t in KEPT}
    assert lost_frames(tmp_path / "k.json", frames) == list(LOST)
    assert not are_milliseconds(map(str, [0, 4, 8, 12, 24, 28, 32, 40, 44, 48, 52]))
    assert not are_milliseconds(map(str, [0, 33, 67]))


@pytest.mark.parametrize(("key", "text"), [("time", "noon"), ("timecode", "01:00:00:12")])
def test_a_text_that_is_no_time_is_refused(tmp_path, key, text):
    frames = [{key: text, **FORMS["people"](t)} for t in KEPT]
    with pytest.raises(AnatomyError, match=rf"a time such as 1\.25 or .*, got '{text}'"):
        lost_frames(tmp_path / "k.json", frames)


def test_an_empty_time_numbers_nothing(tmp_path):
    frames = [{"time": "", **FORMS["people"](t)} for t in KEPT]
    assert lost_frames(tmp_path / "k.json", frames) == []


@pytest.mark.parametrize("inner", [lambda t: {"frame": t, "fps": 25}, lambda t: {"time": t / 25}])
@pytest.mark.parametrize("key", ["metadata", "info", "source"])
def test_frames_and_times_in_an_entrys_facts(tmp_path, key, inner):
    frames = [{key: inner(t), **FORMS["people"](t)} for t in KEPT]
    assert lost_frames(tmp_path / "k.json", frames) == list(LOST)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("video_frame", lambda t: t),
        ("n", lambda t: t + 1),
        ("position_ms", lambda t: 1000 * t / 25),
        ("utc", lambda t: 1.7e9 + t / 25),
        ("time in seconds", lambda t: t / 25),
        ("elapsedMs", lambda t: 40 * t),
    ],
)
def test_counters_of_any_name(tmp_path, key, value):
    frames = [{"fps": 25, key: value(t), **FORMS["people"](t)} for t in KEPT]
    assert lost_frames(tmp_path / "k.json", frames) == list(LOST)
    titles = ["clip", key, *(f"{name}_{axis}" for name in NAMES for axis in "xyc")]
    rows = [["a", value(t), *ROWS[t].ravel()] for t in KEPT]
    lines = [",".join(map(str, cells)) for cells in (titles, *rows)]
    assert lost_frames(tmp_path / "k.csv", "\n".join(lines)) == list(LOST)


def test_the_time_that_a_detector_took_numbers_nothing(tmp_path):
    took = np.random.default_rng(0).uniform(10, 15, len(KEPT)).round(2)
    titles = ["time", *(f"{name}_{axis}" for name in NAMES for axis in "xyc")]
    rows = [[ms, *ROWS[t].ravel()] for t, ms in zip(KEPT, took, strict=True)]
    lines = [",".join(map(str, cells)) for cells in (titles, *rows)]
    assert lost_frames(tmp_path / "k.csv", "\n".join(lines)) == []


def test_numbers_that_count():
    frames = [3, 4, 5, 8, 9, 10, 11, 12, 13, 14]
    assert counted([["a"] * 10, [1.5] * 10, frames]) == frames
    assert counted([[frame / 30 for frame in frames]]) == [frame - 3 for frame in frames]
    assert counted([frames[:-1]]) is None
    assert counted([frames[::-1]]) is None
    # The left edge of a box round somebody who walks.
    assert counted([[100, 109, 117, 126, 135, 143, 152, 161, 169, 178]]) is None


def test_times_of_one_recording():
    assert times_of([1, 2.5], "k") == [1.0, 2.5]
    assert times_of(["1.5", "500 ms", "0:02"], "k") == [1.5, 0.5, 2.0]
    with pytest.raises(AnatomyError, match="got '2 hours'"):
        times_of(["2 hours"], "k")


@pytest.mark.parametrize("fps", [24, 30000 / 1001, 60, 240])
@pytest.mark.parametrize(
    "frames",
    [
        [t for t in range(150) if t % 3],
        [t for t in range(151) if t % 3 != 1],
        [t for t in range(150) if t % 5 < 2],
        [*range(40), *range(600, 700)],
    ],
    ids=["two of three", "from the first on", "two of five", "a long gap"],
)
def test_frames_by_rounded_times_of_which_many_are_missing(frames, fps):
    numbers = [frame - frames[0] for frame in frames]
    assert numbers_of_times([frame / fps for frame in frames], "k") == numbers
    if fps < 100:
        assert numbers_of_times([int(1000 * frame / fps) for frame in frames], "k") == numbers


def test_uneven_times_are_numbered_in_their_order():
    times = np.cumsum(np.random.default_rng(0).uniform(10, 90, 200)).tolist()
    assert numbers_of_times(times, "k") == list(range(200))


@pytest.mark.parametrize("fps", [5, 24, 30000 / 1001, 60, 240])
@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9], ids=["s", "ms", "us", "ns"])
def test_the_rate_of_times_in_any_unit(fps, unit):
    frames = [*range(30), *range(50, 90)]
    assert rate_of_times([unit * frame / fps for frame in frames]) == pytest.approx(fps)
    assert rate_of_times([1.7e9 * unit + unit * frame / fps for frame in frames]) is not None


def test_times_that_tell_no_rate():
    assert rate_of_times([frame / 30 for frame in range(9)]) is None
    assert rate_of_times([float(frame) for frame in range(40)]) is None
    assert rate_of_times(np.random.default_rng(0).uniform(0, 9, 99).tolist()) is None
    assert rate_of_times([]) is None


TITLES = [f"{name}_{axis}" for name in NAMES for axis in "xyc"]
WITH_TIMES = {
    "k.json": lambda times: json.dumps(
        [{"timestamp": s, **FORMS["people"](t)} for t, s in enumerate(times)]
    ),
    "k.csv": lambda times: "\n".join(
        ",".join(map(str, row))
        for row in (["time", *TITLES], *([s, *ROWS[t].ravel()] for t, s in enumerate(times)))
    ),
    "landmarks.csv": lambda times: "\n".join(
        ["time,landmark,x,y,score"]
        + [
            f"{s},{name},{x},{y},{c}"
            for t, s in enumerate(times)
            for name, (x, y, c) in zip(NAMES, ROWS[t].tolist(), strict=True)
        ]
    ),
}


@pytest.mark.parametrize("file", WITH_TIMES)
def test_a_rate_that_times_contradict(tmp_path, file):
    path = tmp_path / file
    path.write_text(WITH_TIMES[file]([t / 15 for t in range(24)]))
    size = STATED["image_size"]
    with pytest.raises(NotStatedError, match=r"with --fps \(fps=\); by its times it is 15$"):
        load_keypoints(path, skeleton=COCO_17, image_size=size)
    (found,) = load_keypoints(path, skeleton=COCO_17, image_size=size, fps=15.1)
    assert not any("times" in warning for warning in found.warnings)
    (found,) = load_keypoints(path, skeleton=COCO_17, image_size=size, fps=30)
    assert found.warnings[-1] == "the file's times are those of 15 frames a second, not 30"
    _, (shown,), missing = inspect_keypoints(path, COCO_17)
    assert "fps" in missing and not any("times" in warning for warning in shown.warnings)
