"""JSON as TensorFlow.js, MediaPipe's users and scripts of a few lines write it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import FRAMES, GONE, HEIGHT, STATED, WIDTH, detections, expected, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import KEYPOINT_FORMATS, load_keypoints
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, Skeleton

COCO_NAMES, LANDMARKS = COCO_17.joint_names, BLAZEPOSE_33.joint_names
ONE = scene(COCO_17, 0).tolist()


def landmarks(frame: int, **more: Any) -> list[dict[str, Any]]:
    rows = scene(BLAZEPOSE_33, 0)[frame] / (WIDTH, HEIGHT, 1)
    return [{"x": x, "y": y, "z": -0.2, "visibility": v, **more} for x, y, v in rows.tolist()]


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def check(path: Path, layout: Skeleton = COCO_17, stated: Any = STATED, scored: bool = True) -> Any:
    """The file is read as the scene's first person, by one format only."""
    (found,) = load_keypoints(path, **stated)
    keypoints, visibility = expected(layout, 0)
    assert found.skeleton == layout
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.visibility, visibility if scored else visibility > 0, 1e-6)
    assert sum(entry.recognizes(path) for entry in KEYPOINT_FORMATS.values()) == 1
    return found


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def points(row: Any, form: str) -> Any:
    named = list(zip(COCO_NAMES, row, strict=True))
    return {
        "tf.js": lambda: [{"name": n, "y": y, "x": x, "score": s} for n, (x, y, s) in named],
        "posenet": lambda: [
            {"score": s, "part": camel(n), "position": {"x": x, "y": y}} for n, (x, y, s) in named
        ],
        "objects": lambda: {n.upper(): {"x": x, "y": y, "confidence": s} for n, (x, y, s) in named},
        "lists": lambda: {n.replace("_", " "): place for n, place in named},
    }[form]()


@pytest.mark.parametrize("form", ["tf.js", "posenet", "objects", "lists"])
@pytest.mark.parametrize("inside", ["poses", "keypoints", "pose", "bare"])
def test_keypoints_with_names(tmp_path, form, inside):
    of_frame = {
        "poses": lambda t, p: {"frame": t, "poses": [{"keypoints": p, "score": 0.9, "id": 1}]},
        "keypoints": lambda t, p: {"frameNumber": t, "keypoints": p},
        "pose": lambda t, p: [{"pose": {"score": 0.9, "keypoints": p}, "skeleton": []}],
        "bare": lambda t, p: p,
    }[inside]
    if inside == "bare" and form in ("tf.js", "posenet"):
        of_frame = lambda t, p: {"score": 0.9, "keypoints": p}  # noqa: E731
    frames = [of_frame(t, points(row, form)) for t, row in enumerate(ONE)]
    check(written(tmp_path / "k.json", frames))


def test_boxes_round_keypoints_with_names(tmp_path):
    frames = []
    for row in ONE:
        marks = [
            {"class": n, "class_id": j, "x": x, "y": y, "confidence": s}
            for j, (n, (x, y, s)) in enumerate(zip(COCO_NAMES, row, strict=True))
        ]
        box = {"x": 9, "y": 9, "width": 3, "height": 4, "confidence": 0.9, "class": "person"}
        size = {"width": WIDTH, "height": HEIGHT}
        frames.append({"time": 0.1, "image": size, "predictions": [{**box, "keypoints": marks}]})
    check(written(tmp_path / "k.json", frames))


def test_names_may_be_missing_in_some_frames(tmp_path):
    frames = [{"frame": t, "keypoints": points(row, "objects")} for t, row in enumerate(ONE)]
    del frames[2]["keypoints"]["LEFT_WRIST"]
    frames[4]["keypoints"] = None
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    lost = np.isnan(found.keypoints[..., 0])
    assert np.flatnonzero(lost[2]).tolist() == [COCO_17.index("left_wrist")]
    assert lost[4].all()


def test_landmarks_of_mediapipe_by_name(tmp_path):
    named = [dict(zip(map(str.upper, LANDMARKS), landmarks(t), strict=True)) for t in range(FRAMES)]
    frames = [{"frame": t, "landmarks": marks} for t, marks in enumerate(named)]
    check(written(tmp_path / "k.json", frames), BLAZEPOSE_33)
    check(
        written(tmp_path / "k.json", {f"frame_{t}": m for t, m in enumerate(named)}), BLAZEPOSE_33
    )


def test_landmarks_of_mediapipe_in_rows(tmp_path):
    rows = [[list(mark.values()) for mark in landmarks(t)] for t in range(FRAMES)]
    check(written(tmp_path / "k.json", rows), BLAZEPOSE_33)
    frames = [{"frame": t, "landmarks": row} for t, row in enumerate(rows)]
    check(written(tmp_path / "k.json", frames), BLAZEPOSE_33)


def test_landmarks_that_state_their_numbers_come_in_any_order(tmp_path):
    order = np.random.default_rng(0).permutation(33).tolist()
    frames = [
        {"frame": t, "landmarks": [{"id": j, **landmarks(t)[j]} for j in order]}
        for t in range(FRAMES)
    ]
    check(written(tmp_path / "k.json", frames), BLAZEPOSE_33)


def test_numbers_may_be_texts(tmp_path):
    frames = [
        [{key: str(value) for key, value in mark.items()} for mark in landmarks(t)]
        for t in range(FRAMES)
    ]
    check(written(tmp_path / "k.json", frames), BLAZEPOSE_33)


@pytest.mark.parametrize("key", ["landmarks", "keypoints", "pose", "joints"])
def test_points_that_state_only_their_number(tmp_path, key):
    frames = [{"frame": t, key: landmarks(t)} for t in range(FRAMES)]
    check(written(tmp_path / "k.json", frames), BLAZEPOSE_33)
    frames = [
        {
            "frame": t,
            "people": [
                {key: [{"id": j, "x": x, "y": y, "score": s} for j, (x, y, s) in enumerate(row)]}
            ],
        }
        for t, row in enumerate(ONE)
    ]
    check(written(tmp_path / "k.json", frames))


# --- which frame -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["frameNumber", "FrameIndex", "Frame", "frame_num", "frame-id", "frame no", "imageId"]
)
def test_a_frame_that_is_missing_is_a_gap_however_it_is_spelled(tmp_path, key):
    frames = [{key: t, "poseLandmarks": landmarks(t)} for t in range(FRAMES) if t != 3]
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [3]


@pytest.mark.parametrize("key", ["timestamp", "timestampMs", "time"])
def test_times_stand_for_frames(tmp_path, key):
    def read(times: Any) -> Any:
        kept = [t for t in range(FRAMES) if t != 3]
        frames = [{key: times[t], "landmarks": landmarks(t)} for t in kept]
        return load_keypoints(written(tmp_path / "k.json", frames), **STATED)[0]

    found = read([round(1000 * t / 29.97) for t in range(FRAMES)])
    assert np.flatnonzero(~found.seen).tolist() == [3]
    # The time that a detector took.
    assert len(read([12.5, 11.0, 12.0, 0, 13.0, 9.0])) == FRAMES - 1
    # Whole seconds.
    assert len(read([0, 0, 0, 0, 1, 1])) == FRAMES - 1


def test_frames_by_time(tmp_path):
    frames = {f"{t / 25:.2f}": landmarks(t) for t in range(FRAMES) if t != 3}
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [3]


def test_frames_that_were_appended_one_after_the_other(tmp_path):
    texts = [json.dumps({"frame": t, "landmarks": landmarks(t)}, indent=1) for t in range(FRAMES)]
    for between in ("", "\n", ",\n"):
        (tmp_path / "k.json").write_text(between.join(texts))
        check(tmp_path / "k.json", BLAZEPOSE_33)


def test_a_file_without_a_number_beside_the_frames_is_none_of_them(tmp_path):
    folder = tmp_path / "json"
    folder.mkdir()
    for t, row in enumerate(scene(COCO_17, 0)):
        people = [{"pose_keypoints_2d": row.ravel().tolist()}]
        written(folder / f"frame_{t}.json", {"people": people})
    written(folder / "metadata.json", {"fps": 25})
    (found,) = load_keypoints(folder, skeleton=COCO_17, **STATED)
    np.testing.assert_allclose(found.keypoints, expected(COCO_17, 0)[0], 1e-6)


@pytest.mark.parametrize(
    "facts",
    [
        {"metadata": {"fps": 25, "width": WIDTH, "height": HEIGHT}},
        {"videoInfo": {"fps": 25, "resolution": {"width": WIDTH, "height": HEIGHT}}},
        {"video": {"frameRate": "25/1", "frame_width": WIDTH, "frame_height": HEIGHT}},
    ],
)
def test_facts_may_stand_inside(tmp_path, facts):
    frames = [{"frame": t, "landmarks": landmarks(t)} for t in range(FRAMES)]
    for key in ("frames", "data"):
        check(written(tmp_path / "k.json", {**facts, key: frames}), BLAZEPOSE_33, stated={})


def test_a_frame_that_states_its_number_alone_has_nobody(tmp_path):
    frames: list[Any] = [{"frame": t, "landmarks": landmarks(t)} for t in range(FRAMES)]
    frames[0], frames[3] = {"frame": 0, "detected": False}, {"frame": 3}
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [0, 3]


# --- who -------------------------------------------------------------------------------------


PEOPLE_KEYS = ("people", "persons", "detections", "predictions", "poses", "objects")


@pytest.mark.parametrize("key", PEOPLE_KEYS)
@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("track", ["id", "trackId", "person", None])
def test_people_in_frames(tmp_path, key, rows, track):
    frames: list[dict[str, Any]] = [{"frame": t, key: []} for t in range(FRAMES)]
    for t, person, values in detections(COCO_17):
        found = {"keypoints": (values if rows else values.ravel()).tolist(), "bbox": [1, 2, 3, 4]}
        frames[t][key].append(found if track is None else {track: person + 3, **found})
    people = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    assert [p.person for p in people] == (["0", "1"] if track is None else ["3", "4"])
    for index, person in enumerate(people):
        np.testing.assert_allclose(person.keypoints, expected(COCO_17, index)[0], 1e-6)


def test_scores_apart_from_the_keypoints_of_people_in_frames(tmp_path):
    frames = [
        {"frame": t, "people": [{"keypoints": p[:, :2].tolist(), "scores": p[:, 2].tolist()}]}
        for t, p in enumerate(scene(COCO_17, 0))
    ]
    check(written(tmp_path / "k.json", frames))


@pytest.mark.parametrize("listed", [True, False])
def test_clips_of_people(tmp_path, listed):
    clips: dict[str, list[Any]] = {"anna": [], "ben": []}
    for t, person, values in detections(COCO_17):
        clips[("anna", "ben")[person]].append({"frame": t, "keypoints": values.tolist()})
    people = [{"id": name, "frames": clip} for name, clip in clips.items()]
    path = written(tmp_path / "k.json", {"fps": 25, "people": people} if listed else clips)
    found = load_keypoints(path, **STATED)
    assert [p.person for p in found] == ["anna", "ben"]
    for index, person in enumerate(found):
        np.testing.assert_allclose(person.keypoints, expected(COCO_17, index)[0], 1e-6)


def test_detections_of_a_number_spelled_otherwise(tmp_path):
    entries = [
        {"frameNumber": t, "personId": person, "keypoints": values.tolist()}
        for t, person, values in detections(COCO_17)
    ]
    people = load_keypoints(written(tmp_path / "k.json", entries), **STATED)
    assert [p.person for p in people] == ["0", "1"]
    assert np.flatnonzero(~people[1].seen).tolist() == [GONE]


@pytest.mark.parametrize(
    "frame",
    [
        lambda p: {"boxes": [[1, 2, 3, 4]], "scores": [0.9], "keypoints": [p]},
        lambda p: {
            "scores": [0.9],
            "keypoints": [[[x, y, 1] for x, y, _ in p]],
            "keypoints_scores": [[s for *_, s in p]],
        },
        lambda p: {"pred_keypoints": [p]},
        lambda p: {"instances": {"pred_boxes": [[1, 2, 3, 4]], "pred_keypoints": [p]}},
        lambda p: [p],  # which may be of any layout
    ],
)
def test_all_people_of_a_frame_in_one_list(tmp_path, frame):
    path = written(tmp_path / "k.json", [frame(row) for row in ONE])
    check(path, stated={"skeleton": COCO_17, **STATED})


@pytest.mark.parametrize("key", ["kps", "kpts", "keypoints2D", "Points", "keypoints"])
@pytest.mark.parametrize("numbers", [2, 3])
@pytest.mark.parametrize("scored", [True, False])
def test_flat_people_beside_a_frames_number(tmp_path, key, numbers, scored):
    scored = scored or numbers == 3
    frames = []
    for t in reversed(range(FRAMES)):
        people = [scene(COCO_17, person)[t] for person in (0, 1)]
        frame = {"frame": t, key: [p[:, :numbers].ravel().tolist() for p in people]}
        if numbers == 2 and scored:
            frame["scores"] = [p[:, 2].tolist() for p in people]
        frames.append(frame)
    people = load_keypoints(written(tmp_path / "k.json", frames), skeleton=COCO_17, **STATED)
    first = min(people, key=lambda person: np.nanmin(person.keypoints[..., 0]))
    keypoints, visibility = expected(COCO_17, 0)
    np.testing.assert_allclose(first.keypoints, keypoints, 1e-6)
    np.testing.assert_allclose(first.visibility, visibility if scored else visibility > 0, 1e-6)
    assert len(people) == 2


def test_one_person_beside_a_frames_number(tmp_path):
    flat = [np.ravel(row).tolist() for row in ONE]
    for frames in (
        [[t + 7, row] for t, row in enumerate(flat)],
        [[t + 7, row] for t, row in enumerate(ONE)],
        [{"frame": t + 7, "kps": row} for t, row in enumerate(flat)],
    ):
        found = check(written(tmp_path / "k.json", frames), stated={"skeleton": COCO_17, **STATED})
        assert found.first_frame == 7


def test_scores_apart_from_flat_keypoints_keep_who_they_are(tmp_path):
    entries = [
        {
            "frame": t,
            "track_id": person + 3,
            "keypoints": values[:, :2].ravel().tolist(),
            "scores": values[:, 2].tolist(),
        }
        for t, person, values in detections(COCO_17)
    ]
    people = load_keypoints(written(tmp_path / "k.json", entries), **STATED)
    assert [person.person for person in people] == ["3", "4"]
    np.testing.assert_allclose(people[0].visibility, expected(COCO_17, 0)[1], 1e-6)


def test_times_of_frames_that_were_written_as_they_were_ready(tmp_path):
    later = scene(BLAZEPOSE_33, 0) + np.array((12, 0, 0))
    values = np.concatenate([scene(BLAZEPOSE_33, 0), later])
    order = np.random.default_rng(0).permutation(2 * FRAMES).tolist()
    frames = [
        {"timestamp": t / 25, "landmarks": [{"x": x, "y": y} for x, y, _ in values[t].tolist()]}
        for t in order
    ]
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    np.testing.assert_allclose(found.keypoints[:, 0], values[:, 0, :2], 1e-6)
    # The time that a detector took.
    for frame, took in zip(frames, (12, 11, 12, 13, 11, 12, 15, 12, 11, 13, 12, 12), strict=True):
        frame["timestamp"] = took
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), **STATED)
    np.testing.assert_allclose(found.keypoints[:, 0], values[order, 0, :2], 1e-6)


def test_names_that_number_the_detections_of_a_frame_say_nothing(tmp_path):
    real = np.tile(scene(COCO_17, 0)[:1], (20, 1, 1))
    other = real + np.array((400, 0, 0))
    frames = []
    for t in range(20):
        two = (real[t], other[t]) if t < 10 else (other[t], real[t])
        people = [
            {"person_id": i, "pose_keypoints_2d": p.ravel().tolist()} for i, p in enumerate(two)
        ]
        frames.append({"people": people})
    path = written(tmp_path / "k.json", frames)
    people = load_keypoints(path, skeleton=COCO_17, **STATED)
    assert all(np.ptp(person.keypoints[:, 0, 0]) == 0 for person in people)
    assert "number the detections of each frame" in people[0].warnings[0]
    for frame in frames[10:]:
        frame["people"].reverse()
    # The detector means it.
    for frame in frames:
        for person in frame["people"]:
            person["person_id"] += 7
    people = load_keypoints(written(path, frames), skeleton=COCO_17, **STATED)
    assert [p.person for p in people] == ["7", "8"]


def test_a_clip_that_is_taken_for_the_people_of_one_frame_is_refused(tmp_path):
    still = [landmarks(0) for _ in range(FRAMES)]
    rows = [ONE[0]] * FRAMES
    for content in (
        {"fps": 25, "landmarks": still},
        {"keypoints": rows},
        {"keypoints": [[[x, y] for x, y, _ in row] for row in rows], "scores": [[1] * 17] * FRAMES},
    ):
        with pytest.raises(AnatomyError, match="6 people in one frame who lie over each other"):
            load_keypoints(written(tmp_path / "k.json", content), **STATED)


# --- what is no keypoint ---------------------------------------------------------------------


def test_world_landmarks_are_refused(tmp_path):
    frames = []
    for t in range(FRAMES):
        marks = landmarks(t)
        for axis in "xy":
            middle = (marks[23][axis] + marks[24][axis]) / 2
            for mark in marks:
                mark[axis] -= middle
        frames.append(marks)
    with pytest.raises(AnatomyError, match="measured from the middle of the hips"):
        load_keypoints(written(tmp_path / "k.json", frames), **STATED)


def test_depths_are_no_scores(tmp_path):
    rows = [[[m["x"], m["y"], m["z"]] for m in landmarks(t)] for t in range(FRAMES)]
    frames = [{"frame": t, "people": [{"keypoints": row}]} for t, row in enumerate(rows)]
    for content in (rows, frames):
        with pytest.raises(AnatomyError, match=r"expected a score as the third number, got -0\.2"):
            load_keypoints(written(tmp_path / "k.json", content), skeleton=BLAZEPOSE_33, **STATED)


def test_an_annotation_without_keypoints_may_come_first(tmp_path):
    images = [{"id": t, "file_name": f"{t}.png"} for t in range(FRAMES)]
    annotations: list[dict[str, Any]] = [{"id": 0, "image_id": 0, "category_id": 2, "bbox": [1]}]
    for t, row in enumerate(scene(COCO_17, 0)):
        annotations.append({"id": t + 1, "image_id": t, "keypoints": row.ravel().tolist()})
    content = {"images": images, "annotations": annotations}
    check(written(tmp_path / "k.json", content))


@pytest.mark.parametrize("name", ["9" * 5000, "²"])
def test_a_persons_name_of_odd_digits_is_a_name(tmp_path, name):
    path = tmp_path / "clip.json"
    points = [[100.0 + 10 * j, 200.0 + 5 * j, 0.9] for j in range(17)]
    frames = [
        {"people": [{"id": "1", "keypoints": points}, {"id": name, "keypoints": points}]}
        for _ in range(12)
    ]
    path.write_text(json.dumps({"frames": frames}))
    assert load_keypoints(path, skeleton=COCO_17, fps=30, image_size=(640, 480))


@pytest.mark.parametrize("first", [1, 10])
def test_null_among_entries_that_state_their_frame_is_nobody(tmp_path, first):
    frames: list[Any] = [{"frame": first + t, "people": [{"keypoints": ONE[t]}]} for t in range(6)]
    frames[2] = None
    (found,) = load_keypoints(written(tmp_path / "k.json", frames), skeleton=COCO_17, **STATED)
    assert (found.first_frame, len(found)) == (first - (first == 1), FRAMES)
    assert np.flatnonzero(~found.seen).tolist() == [2]


@pytest.mark.parametrize("keypoints", [5, "x", True, []])
def test_what_is_no_list_of_keypoints_is_refused_in_one_line(tmp_path, keypoints):
    frames = [{"frame": t, "people": [{"keypoints": ONE[t]}]} for t in range(FRAMES)]
    frames[0]["people"] = [{"keypoints": keypoints, "keypoint_scores": []}]
    path = written(tmp_path / "k.json", frames)
    if keypoints == []:
        assert not load_keypoints(path, skeleton=COCO_17, **STATED)[0].seen[0]
        return
    with pytest.raises(AnatomyError, match=r"k\.json: frame 0: keypoints: expected a list of n"):
        load_keypoints(path, skeleton=COCO_17, **STATED)
