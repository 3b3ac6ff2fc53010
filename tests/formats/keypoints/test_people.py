"""From what a parser gives to sequences: the limits and who is who."""

import dataclasses
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.formats.keypoints.reading.detections import Detection, PersonClip, Recording
from anatomy_tf.formats.keypoints.reading.people import recorded_people
from anatomy_tf.formats.keypoints.reading.settled_points import Asked
from anatomy_tf.skeletons import COCO_17

PATH = Path("a.json")
ASKED = Asked(fps=30, image_size=(640, 480))


def body(x: float, joints: int = 17) -> np.ndarray:
    """(17, 3) joints 10 px apart at x."""
    column = np.arange(joints, dtype=np.float32)
    return np.column_stack([x + column % 3 * 10, 100 + 10 * column, np.full(joints, 0.9)])


def recording(frames: dict[int, list[Detection]], **facts) -> Recording:
    return Recording(frames, layout=COCO_17, **facts)


@pytest.mark.slow
def test_memory_is_not_filled_with_gaps():
    # Two hundred people who are seen for two frames of a long video.
    frames: dict[int, list[Detection]] = {}
    for person in range(200):
        for frame in (1000 * person, 1000 * person + 1):
            frames[frame] = [Detection(body(100), f"frame {frame}", str(person))]
    with pytest.raises(
        AnatomyError, match=r"at most|250,000,000 points \(people x frames x joints\)"
    ):
        recorded_people(recording(frames), PATH, ASKED)


@pytest.mark.parametrize(
    ("frames", "line"),
    [
        ({0: [Detection(body(1), "0")] * 1001}, "a frame of at most 1,000 people, got 1,001"),
        ({0: [Detection(body(1), "0")], 10**9: []}, "2 frames are numbered over 1000000001"),
        ({n: [Detection(body(9), str(n))] for n in (0, 10**7)}, "2 frames are numbered over"),
        ({0: [Detection(body(1, 1001), "0")]}, "a layout of 1 to 1,000 joints, got 1,001"),
        ({}, "expected at least one frame, got none"),
        ({0: [], 1: [Detection(np.full((17, 3), np.nan), "1")]}, "nobody was detected in any of 2"),
        (
            {0: [Detection(body(1), "f0")], 1: [Detection(body(1, 18), "f1")]},
            "got 17 in f0 and 18 in f1",
        ),
    ],
)
def test_what_cannot_be_is_refused(frames, line):
    with pytest.raises(AnatomyError, match=line):
        recorded_people(recording(frames), PATH, ASKED)


def test_who_is_found_twice_is_one_person():
    # The detector finds a second one a pixel aside, in every other frame.
    frames = {
        n: [Detection(body(100 + n), str(n)), Detection(body(101 + n), str(n))][: 1 + n % 2]
        for n in range(8)
    }
    (person,) = recorded_people(recording(frames), PATH, ASKED)
    assert person.warnings == ("found twice at one place in 4 frames; counted once",)
    np.testing.assert_allclose(person.keypoints[:, 0, 0], 100 + np.arange(8), atol=1)
    # Who has a name of their own stays.
    named = {n: [Detection(body(100), str(n), name) for name in "ab"] for n in range(8)}
    assert len(recorded_people(recording(named), PATH, ASKED)) == 2


@pytest.mark.parametrize(
    "names", [("cam1", "cam2"), ("Camera 0", "Camera 1"), ("view-a", "view_side")]
)
def test_cameras_are_no_people(names):
    line = rf"a\.json: expected people in one view, got 2 cameras \({names[0]}, {names[1]}\)"
    frames = {n: [Detection(body(100), str(n), name) for name in names] for n in range(3)}
    with pytest.raises(AnatomyError, match=line):
        recorded_people(recording(frames), PATH, ASKED)
    clips = [PersonClip(name, np.stack([body(100)] * 3)) for name in names]
    with pytest.raises(AnatomyError, match=line):
        recorded_people(Recording(clips=clips, layout=COCO_17), PATH, ASKED)
    # One alone may be the only camera, and this package's own files are read as they were written.
    recorded_people(Recording(clips=clips[:1], layout=COCO_17), PATH, ASKED)
    recorded_people(Recording(clips=clips, layout=COCO_17, exact=True), PATH, ASKED)


@pytest.mark.parametrize("of_camera", [[body(100).tolist()] * 3, [{"people": []}], {"0": {}}])
def test_frames_of_several_cameras(of_camera, tmp_path):
    views = {"cam1": of_camera, "cam2": of_camera}
    lines = [{"frame": n, "camera": name, "video": "a"} for name in views for n in range(3)]
    for content in ({"fps": 25, **views}, [views] * 3, lines):
        (tmp_path / "a.json").write_text(json.dumps(content))
        with pytest.raises(AnatomyError, match=r"got 2 cameras \(cam1, cam2\)"):
            load_keypoints(tmp_path / "a.json")


def test_names_of_people_need_all_of_them():
    people = [Detection(body(100), "0", "a"), Detection(body(400), "0", None)]
    later = [Detection(body(400), "1", "b"), Detection(body(100), "1", "a")]
    found = recorded_people(recording({0: people, 1: later}), PATH, ASKED)
    assert [p.person for p in found] == ["0", "1"]
    assert all(np.ptp(p.keypoints[:, 0, 0]) == 0 for p in found)
    assert [p.warnings for p in found] == [(), ()]


@pytest.mark.parametrize(("first", "length"), [(None, 4), (28, 6), (32, 2)])
def test_clips_begin_where_they_are_asked_to(first, length):
    points = np.stack([body(100 + t) for t in range(4)])
    given = Recording(clips=[PersonClip("a", points)], layout=COCO_17, first_frame=30)
    asked = Asked(fps=30, image_size=(640, 480), first_frame=first)
    (found,) = recorded_people(given, PATH, asked)
    begin = 30 if first is None else first
    assert (len(found), found.first_frame) == (length, begin)
    assert found.keypoints[-1, 0, 0] == 103
    assert np.isnan(found.keypoints[: max(0, 30 - begin)]).all()
    with pytest.raises(AnatomyError, match="expected a first frame from 0 to 33"):
        recorded_people(given, PATH, Asked(fps=30, image_size=(640, 480), first_frame=34))


def test_clips_that_end_before_the_asked_frame_are_left_out():
    points = np.stack([body(100 + t) for t in range(4)])
    gone = np.where(np.arange(4)[:, None, None] < 2, points, np.nan)
    clips = [PersonClip("a", points), PersonClip("b", points[:2]), PersonClip("c", gone)]
    given = Recording(clips=clips, layout=COCO_17)
    asked = Asked(fps=30, image_size=(640, 480))
    for first, names in ((0, "abc"), (1, "abc"), (2, "a"), (3, "a")):
        found = recorded_people(given, PATH, dataclasses.replace(asked, first_frame=first))
        assert [one.person for one in found] == list(names)
    asked = dataclasses.replace(asked, min_score=0.95)
    with pytest.raises(
        AnatomyError, match=r"a\.json: nobody was detected from frame 0 on with a .* 0.95"
    ):
        recorded_people(given, PATH, asked)


def test_people_of_our_own_rows_are_taken_as_they_are():
    # Cameras' names, a jump, the longest last, frames without a row, and one of fewer frames.
    frames: dict[int, list[Detection]] = {n: [] for n in range(7, 20)}
    for n in frames:
        if not 10 <= n < 12:
            frames[n].append(Detection(body(100 if n < 12 else 500), str(n), "cam1"))
        frames[n].append(Detection(body(300), str(n), "cam2"))
        if n < 9:
            frames[n].append(Detection(body(300), str(n), "cam3"))
    found = recorded_people(recording(frames, exact=True), PATH, ASKED)
    assert [(p.person, p.first_frame, len(p)) for p in found] == [
        ("cam1", 7, 13),
        ("cam2", 7, 13),
        ("cam3", 7, 2),
    ]
    assert np.flatnonzero(~found[0].seen).tolist() == [3, 4]
    assert found[0].keypoints[-1, 0, 0] == 500
    assert [p.warnings for p in found] == [()] * 3


@pytest.mark.parametrize("first", [0, 7])
def test_a_person_who_is_twice_in_a_frame_of_our_own_rows(first):
    frames = {
        first + n: [Detection(body(x), str(n), "a") for x in (100, 400)[: 1 + (n == 3)]]
        for n in range(9)
    }
    found = recorded_people(recording(frames, exact=True), PATH, ASKED)
    assert [len(one) for one in found] == [9, 9]
    assert any("two people of one frame are named a (3)" in note for note in found[0].warnings)


def test_names_that_count_people_who_share_no_joint_from_frame_to_frame():
    halves = [np.where((np.arange(17) % 2 == n)[:, None], 1, np.nan) for n in range(2)]
    frames = {
        n: [Detection(body(100 + 300 * m) * halves[n % 2], str(n), f"p{m}") for m in range(2)]
        for n in range(8)
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [p.person for p in recorded_people(recording(frames), PATH, ASKED)][:2]


def test_a_place_beyond_all_limits_is_one_line_without_warnings():
    clip = np.stack([[body(x + n) for x in (100, 400)] for n in range(20)]).astype(np.float32)
    clip[7, :, 3, 0] = -3e38, 3e38
    frames = {n: [Detection(one, str(n)) for one in of_frame] for n, of_frame in enumerate(clip)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AnatomyError, match=r"a\.json: expected a coordinate of -1,000,000 to"):
            recorded_people(recording(frames), PATH, ASKED)
