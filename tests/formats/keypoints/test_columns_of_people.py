"""Tables with several people in a line, other words for axes, and joints' lists in JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.formats.keypoints.reading.people_in_titles import people_of
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17

MOVED = np.arange(12)[:, None, None] * np.array((2, 1, 0))
CLIPS = [scene(COCO_17, person)[:1] + MOVED for person in (0, 1)]
NAMES = COCO_17.joint_names
PLACES = CLIPS[0][..., :2]


def check(found: Any, people: int = 1) -> None:
    found = sorted(found, key=lambda person: np.nanmin(person.keypoints))
    assert len(found) == people
    for person, clip in zip(found, CLIPS, strict=False):
        assert person.skeleton == COCO_17
        np.testing.assert_allclose(person.keypoints, clip[..., :2], atol=1e-3)


def table(path: Path, titles: list[str], clips: Any = CLIPS) -> Path:
    rows = [[t, *np.concatenate([clip[t].ravel() for clip in clips])] for t in range(len(clips[0]))]
    lines = [["frame", *titles], *([str(cell) for cell in row] for row in rows)]
    path.write_text("\n".join(map(",".join, lines)))
    return path


@pytest.mark.parametrize(
    ("title", "people"),
    [
        (lambda p, n, a: f"person{p + 1}_{n}_{a}", ["person1", "person2"]),
        (lambda p, n, a: f"Person {p} {n} {a.upper()}", ["person_0", "person_1"]),
        (lambda p, n, a: f"{['anna', 'ben'][p]}_{n}_{a}", ["anna", "ben"]),
        (lambda p, n, a: f"{n}_p{p}_{a}", ["p0", "p1"]),
        (lambda p, n, a: f"{n}_{a}_{p}", ["0", "1"]),
        (lambda p, n, a: f"{n}_{a}" + ("", ".1")[p], ["0", "1"]),
        (lambda p, n, a: f"p{p}_kp{NAMES.index(n)}_{a}", ["p0", "p1"]),
    ],
)
def test_people_in_titles(tmp_path, title, people):
    titles = [title(p, name, axis) for p in (0, 1) for name in NAMES for axis in "xyc"]
    found = load_keypoints(table(tmp_path / "k.csv", titles), skeleton=COCO_17, **STATED)
    check(found, 2)
    assert sorted(person.person for person in found) == people


def test_words_of_joints_are_no_people():
    sided = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", *"abcde")]
    for names in (NAMES, BLAZEPOSE_33.joint_names, sided, [f"kp_{n}" for n in range(17)]):
        assert people_of(names) == {}
    # Somebody lacks a joint: then these are names of another kind.
    assert people_of([f"p{p}_{name}" for p in (0, 1) for name in NAMES][1:]) == {}


def test_a_title_that_comes_again_is_refused(tmp_path):
    titles = [f"{name}_{axis}" for _ in CLIPS for name in NAMES for axis in "xyc"]
    with pytest.raises(AnatomyError, match=r"column nose_x is there twice; .* person1_nose_x"):
        load_keypoints(table(tmp_path / "k.csv", titles), **STATED)


@pytest.mark.parametrize("title", ["{n}_{a}", "{a}_{n}", "{n} ({a})"])
@pytest.mark.parametrize("axes", ["uv", "uvc"])
def test_places_called_u_and_v(tmp_path, title, axes):
    titles = [title.format(n=name, a=axis) for name in NAMES for axis in axes]
    clip = CLIPS[0][..., : len(axes)]
    (found,) = load_keypoints(table(tmp_path / "k.csv", titles, [clip]), **STATED)
    check([found])
    expected = CLIPS[0][..., 2] if "c" in axes else 1
    np.testing.assert_allclose(found.visibility, np.broadcast_to(expected, (12, 17)), 1e-6)


def test_lines_of_places_called_u_and_v(tmp_path):
    lines = ["frame,joint,u,v"]
    lines += [
        f"{t},PoseJoint.{n.upper()},{x},{y}"
        for t, row in enumerate(PLACES)
        for n, (x, y) in zip(NAMES, row, strict=True)
    ]
    (tmp_path / "k.csv").write_text("\n".join(lines))
    check(load_keypoints(tmp_path / "k.csv", **STATED))


def test_titles_of_two_levels_in_json(tmp_path):
    pandas = pytest.importorskip("pandas")
    for above in ([], [["net"]]):
        columns = pandas.MultiIndex.from_product([*above, NAMES, ["x", "y", "likelihood"]])
        frame = pandas.DataFrame(CLIPS[0].reshape(12, -1), columns=columns)
        frame.to_json(tmp_path / "k.json")
        check(load_keypoints(tmp_path / "k.json", **STATED))


@pytest.mark.parametrize(
    "places",
    [
        lambda row: row.tolist(),
        lambda row: [{"x": x, "y": y} for x, y in row.tolist()],
        lambda row: {"x": row[:, 0].tolist(), "y": row[:, 1].tolist()},
    ],
)
@pytest.mark.parametrize("key", [None, "keypoints", "joints"])
def test_a_list_of_places_for_each_joint(tmp_path, places, key):
    by_joint = {name: places(PLACES[:, joint]) for joint, name in enumerate(NAMES)}
    content = {"fps": 25, **(by_joint if key is None else {key: by_joint})}
    path = tmp_path / "k.json"
    path.write_text(json.dumps(content))
    check(load_keypoints(path, image_size=STATED["image_size"]))
    path.write_text(json.dumps({"time": [0.04 * (t + t // 6) for t in range(12)], **content}))
    (found,) = load_keypoints(path, image_size=STATED["image_size"])
    assert np.flatnonzero(~found.seen).tolist() == [6]


def test_frames_with_names_of_rows_are_no_joints(tmp_path):
    frames = {f"frame_{t}": row.tolist() for t, row in enumerate(PLACES)}
    (tmp_path / "k.json").write_text(json.dumps(frames))
    check(load_keypoints(tmp_path / "k.json", skeleton=COCO_17, **STATED))


@pytest.mark.parametrize("kind", ["camera", "video"])
def test_lines_of_several_views_are_refused(tmp_path, kind):
    rows = [f"{camera},{frame}" + ",5" * 34 for camera in "ab" for frame in range(3)]
    titles = [f"{name}_{axis}" for name in COCO_17.joint_names for axis in "xy"]
    (tmp_path / "a.csv").write_text("\n".join([",".join([kind, "frame", *titles]), *rows]))
    with pytest.raises(AnatomyError, match=rf"got 2 {kind}s \(a, b\); give a file"):
        load_keypoints(tmp_path / "a.csv", **STATED)


@pytest.mark.parametrize("words", [("raw", "filtered"), ("gt", "pred"), ("original", "smooth")])
def test_two_versions_of_one_person_are_not_two_people(tmp_path, words):
    titles = [f"{word}_{n}_{a}" for word in words for n in NAMES for a in "xyc"]
    path = table(tmp_path / "k.csv", titles, [CLIPS[0], CLIPS[0]])
    with pytest.raises(AnatomyError, match=f"it has {words[0]}_nose, "):
        load_keypoints(path, skeleton=COCO_17, **STATED)
