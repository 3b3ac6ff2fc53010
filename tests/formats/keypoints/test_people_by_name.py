"""Several people whose frames or names come as keys, in lists, or by the time of each detection."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17

FRAMES = 12
NOBODY = (3, 7)
MOVED = np.arange(FRAMES)[:, None, None] * np.array((2, 1, 0))
PEOPLE = [scene(COCO_17, person)[[0]] + MOVED for person in (0, 1)]


def read(path: Path, content: Any, lost: tuple[int, ...] = (), frames: int = FRAMES) -> list[str]:
    """The people's names; their keypoints are the scene's."""
    path.write_text(json.dumps(content))
    found = load_keypoints(path, skeleton=COCO_17, **STATED)
    by_place = sorted(found, key=lambda one: np.nanmin(one.keypoints[..., 0]))
    for one, clip in zip(by_place, PEOPLE, strict=True):
        numbers = one.first_frame + np.arange(len(one.keypoints))
        assert set(range(frames)) - set(numbers[one.seen].tolist()) == set(lost)
        truth = clip[numbers[one.seen], :, :2]
        np.testing.assert_allclose(one.keypoints[one.seen], truth, atol=1e-3)
    return sorted(one.person for one in found)


def form(kind: str, row: np.ndarray) -> Any:
    return {
        "rows": row.tolist(),
        "flat": {"keypoints": row.ravel().tolist()},
        "nested": {"keypoints": row.tolist()},
    }[kind]


@pytest.mark.parametrize("kind", ["rows", "flat"])
@pytest.mark.parametrize("frame", ["{}", "frame_{}", "{:04}.jpg"])
@pytest.mark.parametrize(
    "names", [("anna", "bob"), ("1", "2"), ("person_1", "person_2")], ids="_".join
)
def test_frames_and_people_by_name(tmp_path, kind, frame, names):
    clips = dict(zip(names, PEOPLE, strict=True))
    seen = [t for t in range(FRAMES) if t not in NOBODY]
    outside = {
        frame.format(t): {n: form(kind, p[t]) for n, p in clips.items()} if t in seen else {}
        for t in range(FRAMES)
    }
    assert read(tmp_path / "k.json", outside, NOBODY) == sorted(names)
    inside = {n: {frame.format(t): form(kind, p[t]) for t in seen} for n, p in clips.items()}
    assert read(tmp_path / "k.json", inside, NOBODY) == sorted(names)


@pytest.mark.parametrize("kind", ["rows", "flat", "nested"])
@pytest.mark.parametrize("key", ["people", "persons", "poses"])
@pytest.mark.parametrize("facts", [{}, {"time": 0.5}], ids=["alone", "beside a time"])
@pytest.mark.parametrize(
    "names", [("anna", "bob"), ("1", "2"), ("person_1", "person_2")], ids="_".join
)
def test_people_by_name_in_each_frame_of_a_list(tmp_path, kind, key, facts, names):
    clips = dict(zip(names, PEOPLE, strict=True))
    seen = [t for t in range(FRAMES) if t not in NOBODY]
    frames = [
        {
            **{name: t * step for name, step in facts.items()},
            key: {n: form(kind, p[t]) for n, p in clips.items()} if t in seen else {},
        }
        for t in range(FRAMES)
    ]
    assert read(tmp_path / "k.json", frames, NOBODY) == sorted(names)
    numbered = [{"frame": t, **frames[t]} for t in seen]
    assert read(tmp_path / "k.json", {"frames": numbered}, NOBODY) == sorted(names)


def test_the_lines_that_stream_reads(tmp_path):
    path = tmp_path / "k.jsonl"
    people = [{"anna": a.tolist(), "bob": b.tolist()} for a, b in zip(*PEOPLE, strict=True)]
    people[5]["bob"][3] = None
    path.write_text("\n".join(json.dumps({"people": frame}) for frame in people))
    found = load_keypoints(path, skeleton=COCO_17, **STATED)
    assert [one.person for one in found] == ["anna", "bob"]
    assert np.flatnonzero(np.isnan(found[1].keypoints[:, 3, 0])).tolist() == [5]


def test_as_many_frames_as_people(tmp_path):
    outside = {
        f"frame_{t}": {f"person_{n}": p[t].tolist() for n, p in enumerate(PEOPLE)} for t in (0, 1)
    }
    assert read(tmp_path / "k.json", outside, frames=2) == ["person_0", "person_1"]
    inside = {f"track{n}": {str(t): p[t].tolist() for t in (0, 1)} for n, p in enumerate(PEOPLE)}
    assert read(tmp_path / "k.json", inside, frames=2) == ["track0", "track1"]


@pytest.mark.parametrize("kind", ["rows", "flat"])
def test_people_by_name_with_lists_of_frames(tmp_path, kind):
    clips = {
        name: [form(kind, row) if t not in NOBODY else None for t, row in enumerate(clip)]
        for name, clip in zip(("anna", "bob"), PEOPLE, strict=True)
    }
    assert read(tmp_path / "k.json", clips, NOBODY) == ["anna", "bob"]
    assert read(tmp_path / "k.json", {"fps": 25, "tracks": clips}, NOBODY) == ["anna", "bob"]


@pytest.mark.parametrize("key", ["tracks", "people"])
def test_peoples_columns(tmp_path, key):
    seen = [t for t in range(FRAMES) if t not in NOBODY]
    tracks = [
        {"track_id": n, "frames": seen, "keypoints": p[seen].tolist()} for n, p in enumerate(PEOPLE)
    ]
    assert read(tmp_path / "k.json", {key: tracks}, NOBODY) == ["0", "1"]


def test_detections_with_times(tmp_path):
    content = [
        {"time": t / 25, "person_id": n, "keypoints": p[t].tolist()}
        for t in range(FRAMES)
        for n, p in enumerate(PEOPLE)
        if t != 7
    ]
    assert read(tmp_path / "k.json", content, (7,)) == ["0", "1"]


def test_people_in_columns_where_nobody_is_in_the_first_frame(tmp_path):
    rows = [[] if t in (0, 7) else [p[t].tolist() for p in PEOPLE] for t in range(FRAMES)]
    read(tmp_path / "k.json", {"fps": 25, "frames": list(range(FRAMES)), "keypoints": rows}, (0, 7))


@pytest.mark.parametrize("video", [{"filename": "walk1.mp4"}, {"source": {"image": "walk1.mp4"}}])
@pytest.mark.parametrize("counts", ["time", "img_path"])
def test_the_videos_name_is_no_frame(tmp_path, video, counts):
    content = [
        {
            **video,
            counts: t / 25 if counts == "time" else f"{t}.jpg",
            "people": [{"keypoints": p[t].tolist()} for p in PEOPLE],
        }
        for t in range(FRAMES)
        if t != 7
    ]
    read(tmp_path / "k.json", content, (7,))


@pytest.mark.parametrize("name", ["cam0:{}", "match 3:2 frame {}", "{}.0"])
def test_names_that_are_no_times(tmp_path, name):
    content = {
        name.format(t): [{"keypoints": p[t].tolist()} for p in PEOPLE]
        for t in range(2, FRAMES)
        if t != 7
    }
    read(tmp_path / "k.json", content, (0, 1, 7))


def test_people_one_after_the_other_without_frames(tmp_path):
    content = [{"id": n, "keypoints": r.tolist()} for n, p in enumerate(PEOPLE) for r in p]
    with pytest.raises(AnatomyError, match="expected the frame or time of each entry"):
        read(tmp_path / "k.json", content)


@pytest.mark.parametrize("kind", ["json", "npz", "objects"])
def test_tracks_of_each_frames_people_beside_arrays(tmp_path, kind):
    orders = [(0, 1) if t % 2 else (1, 0) for t in range(FRAMES)]
    keypoints = [[PEOPLE[n][t].tolist() for n in order] for t, order in enumerate(orders)]
    tracks = [[n + 4 for n in order] for order in orders]
    if kind == "json":
        frames = [
            {"keypoints": people, "track_ids": ids}
            for people, ids in zip(keypoints, tracks, strict=True)
        ]
        assert read(tmp_path / "k.json", frames) == ["4", "5"]
        return
    ids = np.array(tracks)
    if kind == "objects":
        ids = np.empty(FRAMES, object)
        ids[:] = [np.array(of_frame) for of_frame in tracks]
    np.savez(tmp_path / "k.npz", keypoints=np.array(keypoints), track_ids=ids)
    found = load_keypoints(tmp_path / "k.npz", skeleton=COCO_17, **STATED)
    for one in found:
        clip = PEOPLE[int(one.person) - 4]
        np.testing.assert_allclose(one.keypoints, clip[..., :2], atol=1e-3)


def test_a_person_of_two_names_with_scores_apart(tmp_path):
    content = {
        name: {
            str(t): {"keypoints": row[:, :2].tolist(), "scores": row[:, 2].tolist()}
            for t, row in enumerate(clip)
        }
        for name, clip in zip(("7", "9"), PEOPLE, strict=True)
    }
    assert read(tmp_path / "k.json", content) == ["7", "9"]


@pytest.mark.parametrize("names", [("anna", "bob"), ("person_1", "person_2")], ids="_".join)
def test_people_by_name_in_a_file_an_image(tmp_path, names):
    folder = tmp_path / "k"
    folder.mkdir()
    for t in range(FRAMES):
        people = zip(names, PEOPLE, strict=True)
        frame = {} if t == 7 else {name: clip[t].tolist() for name, clip in people}
        (folder / f"cam2_{t:04}.json").write_text(json.dumps(frame))
    found = load_keypoints(folder, skeleton=COCO_17, **STATED)
    assert {one.person for one in found} == set(names)
    for one in found:
        assert np.flatnonzero(~one.seen).tolist() == [7]
        clip = PEOPLE[names.index(one.person)]
        np.testing.assert_allclose(one.keypoints[one.seen], clip[one.seen, :, :2], atol=1e-3)


def test_a_frame_that_is_there_twice(tmp_path):
    content = [
        {"image_id": t, "track_id": n + 3, "keypoints": p[t].ravel().tolist()}
        for t in (*range(6), 5, *range(6, FRAMES))
        for n, p in enumerate(PEOPLE)
    ]
    assert read(tmp_path / "k.json", content) == ["3", "4"]


@pytest.mark.parametrize("name", ["{}", "person_{}", "Person {}"])
def test_names_that_count_each_frames_people(tmp_path, name):
    content = {
        f"frame_{t}": {
            name.format(place + 1): PEOPLE[n][t].tolist()
            for place, n in enumerate((0, 1) if t % 2 else (1, 0))
        }
        for t in range(FRAMES)
    }
    assert read(tmp_path / "k.json", content) == ["0", "1"]
