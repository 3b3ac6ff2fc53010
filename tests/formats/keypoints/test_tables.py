"""Tables of keypoints as scripts and spreadsheets write them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import FRAMES, STATED, detections, expected, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import KEYPOINT_FORMATS, load_keypoints
from anatomy_tf.formats.keypoints.reading.times import (
    across_midnight,
    numbers_of_times,
    seconds_of_clock,
)
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, Skeleton

NAMES = BLAZEPOSE_33.joint_names
FOUR = ("x", "y", "z", "visibility")


def landmarks() -> np.ndarray:
    """(6, 33, 4) pixels, a depth, and the score."""
    return np.insert(scene(BLAZEPOSE_33, 0), 2, -0.4, axis=2)


def written(path: Path, head: list[str], rows: Any) -> Path:
    lines = [head, *([str(cell) for cell in row] for row in rows)]
    path.write_text("\n".join(map(",".join, lines)) + "\n")
    return path


def check(path: Path, layout: Skeleton = BLAZEPOSE_33, **more: Any) -> Any:
    """The file is read as the scene's first person."""
    (found,) = load_keypoints(path, **STATED, **more)
    keypoints, visibility = expected(layout, 0)
    assert found.skeleton == layout
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.visibility, visibility, atol=1e-6)
    return found


def short(name: str) -> str:
    """LHip for left_hip."""
    words = [word.title() for word in name.split("_")]
    return "".join(word[0] if word in ("Left", "Right") else word for word in words)


WIDE = {
    "x0": [f"{c}{j}" for j in range(33) for c in "xyzv"],
    "x1": [f"{c}{j}" for j in range(1, 34) for c in "xyzv"],
    "x_0": [f"{c}_{j}" for j in range(33) for c in FOUR],
    "0_x": [f"{j}_{c}" for j in range(33) for c in FOUR],
    "landmark_00_x": [f"landmark_{j:02}_{c}" for j in range(33) for c in FOUR],
    "kp0.X": [f"kp{j}.{c.upper()}" for j in range(33) for c in FOUR],
    "LHip_x": [f"{short(n)}_{c}" for n in NAMES for c in FOUR],
    "nose (x)": [f"{n} ({c})" for n in NAMES for c in FOUR],
    "nose_x_px": [f"{n}_{c}" for n in NAMES for c in ("x_px", "y_px", "z", "visibility")],
    "NOSE_X": [f"{n.upper()}_{c.upper()}" for n in NAMES for c in "xyzv"],
    "x_nose": [f"{c}_{n}" for n in NAMES for c in FOUR],
    "PoseLandmark": [f"PoseLandmark.{n.upper()}_{c}" for n in NAMES for c in FOUR],
}


@pytest.mark.parametrize("titles", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("first", ["frame", "", "class", None])
def test_columns_of_landmarks(tmp_path, titles, first):
    cells = {"frame": range(FRAMES), "": range(FRAMES), "class": ["wave"] * FRAMES, None: None}
    rows = [[*row.ravel()] for row in landmarks()]
    if first is not None:
        rows = [[cell, *row] for cell, row in zip(cells[first], rows, strict=True)]
        titles = [first, *titles]
    check(written(tmp_path / "k.csv", titles, rows))


def test_a_boxs_corners_are_no_joints(tmp_path):
    head = ["frame", "x1", "y1", "x2", "y2", *(f"kp{j}_{c}" for j in range(33) for c in FOUR)]
    rows = [[t, 1, 2, 3, 4, *row.ravel()] for t, row in enumerate(landmarks())]
    check(written(tmp_path / "k.csv", head, rows))


def test_columns_by_axis(tmp_path):
    head = ["frame", *(f"{c}{j}" for c in "xyzv" for j in range(33))]
    rows = [[t, *values.T.ravel()] for t, values in enumerate(landmarks())]
    check(written(tmp_path / "k.csv", head, rows))


def test_the_face_after_the_body_is_left_out(tmp_path):
    head = ["class", *(f"{c}{j}" for j in range(1, 502) for c in "xyzv")]
    rows = [["wave", *row.ravel(), *[0.5] * 468 * 4] for row in landmarks()]
    check(written(tmp_path / "k.csv", head, rows))
    hands = [f"hand_{j}_{c}" for j in range(21) for c in FOUR]
    head = [*hands, *(f"pose_{j}_{c}" for j in range(33) for c in FOUR)]
    rows = [[*[0.5] * 21 * 4, *row.ravel()] for row in landmarks()]
    check(written(tmp_path / "k.csv", head, rows))


def test_numbered_joints_of_several_layouts_need_a_name(tmp_path):
    head = [f"{c}{j}" for j in range(17) for c in "xyc"]
    path = written(tmp_path / "k.csv", head, [row.ravel() for row in scene(COCO_17, 0)])
    check(path, COCO_17, skeleton=COCO_17)
    with pytest.raises(AnatomyError, match="17 keypoints are several layouts; say which"):
        load_keypoints(path, **STATED)
    head = [title.replace("9", "99") for title in head]
    path = written(tmp_path / "k.csv", head, [row.ravel() for row in scene(COCO_17, 0)])
    with pytest.raises(AnatomyError, match="no joint of a known layout"):
        load_keypoints(path, **STATED)


def test_landmarks_beyond_the_edge_of_the_picture_are_gaps(tmp_path):
    values = landmarks() / (640, 480, 1, 1)
    values[:, 25:, 1] = 1.3
    head = ["frame", *(f"{n}_{c}" for n in NAMES for c in FOUR)]
    path = written(tmp_path / "k.csv", head, [[t, *v.ravel()] for t, v in enumerate(values)])
    (found,) = load_keypoints(path, **STATED)
    assert np.isnan(found.keypoints[:, 25:]).all()
    np.testing.assert_allclose(found.keypoints[:, :25], expected(BLAZEPOSE_33, 0)[0][:, :25], 1e-4)


def test_tables_of_points_in_space_are_refused(tmp_path):
    parts = ("x", "y", "z", "error", "ncams", "score")
    head = [f"{name}_{part}" for name in NAMES for part in parts]
    rows = [np.column_stack([v[:, :3], np.ones((33, 2)), v[:, 3]]).ravel() for v in landmarks()]
    path = written(tmp_path / "anipose.csv", head, rows)
    with pytest.raises(AnatomyError, match=r"from several cameras \(column nose_ncams\); expected"):
        load_keypoints(path, **STATED)
    head = ["frame", "keypoint", "x", "y", "z", "model", "reprojection_error"]
    rows = [
        [t, name, *point[:3], "mediapipe.body", 0.5]
        for t, v in enumerate(landmarks())
        for name, point in zip(NAMES, v, strict=True)
    ]
    path = written(tmp_path / "freemocap.csv", head, rows)
    with pytest.raises(AnatomyError, match=r"\(column reprojection_error\); expected keypoints"):
        load_keypoints(path, **STATED)


def test_several_people_need_frames(tmp_path):
    head = ["person", *(f"{c}{j}" for j in range(33) for c in "xyzv")]
    path = written(tmp_path / "k.csv", head, [[1, *row.ravel()] for row in landmarks()])
    with pytest.raises(AnatomyError, match="expected a column frame beside person"):
        load_keypoints(path, **STATED)


def test_an_index_that_begins_anew_numbers_no_frames(tmp_path):
    head = ["", *(f"{c}{j}" for j in range(33) for c in "xyzv")]
    rows = [[t % 4, *row.ravel()] for t, row in enumerate(landmarks())]
    check(written(tmp_path / "k.csv", head, rows))


def test_rows_may_end_early_or_with_empty_cells(tmp_path):
    head = ["frame", *(f"{n}_{c}" for n in NAMES for c in FOUR)]
    rows = [[t, *row.ravel(), "", ""] for t, row in enumerate(landmarks())]
    path = written(tmp_path / "k.csv", head, rows)
    check(path)
    (found,) = load_keypoints(written(path, head, [*rows[:2], [2], *rows[3:]]), **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [2]
    with pytest.raises(AnatomyError, match="line 4: expected 133 cells, got 100"):
        load_keypoints(written(path, head, [*rows[:2], rows[2][:100]]), **STATED)


def test_places_in_two_units_are_not_mixed(tmp_path):
    head = ["frame", *(f"{n}_{end}" for n in NAMES for end in ("x_px", "x", "y", "y_px"))]
    pixels, shares = scene(BLAZEPOSE_33, 0)[..., :2], scene(BLAZEPOSE_33, 0)[..., :2] / (640, 480)
    cells = np.stack([pixels[..., 0], shares[..., 0], shares[..., 1], pixels[..., 1]], axis=-1)
    rows = [[t, *values.ravel()] for t, values in enumerate(cells)]
    (found,) = load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)
    np.testing.assert_allclose(found.keypoints, expected(BLAZEPOSE_33, 0)[0], atol=1e-3)


@pytest.mark.parametrize("index", ["numbers", "named", "none"])
def test_two_lines_of_titles(tmp_path, index):
    pandas = pytest.importorskip("pandas")
    columns = pandas.MultiIndex.from_product([NAMES, FOUR])
    if index == "named":
        columns.names = ["joint", "axis"]
    table = pandas.DataFrame(landmarks().reshape(FRAMES, -1), columns=columns)
    table.index.name = "frame" if index == "named" else None
    kept = table if index == "none" else table.drop(3)
    kept.to_csv(tmp_path / "k.csv", index=index != "none")
    (found,) = load_keypoints(tmp_path / "k.csv", **STATED)
    lost = np.zeros(FRAMES, bool)
    lost[3] = index != "none"
    np.testing.assert_array_equal(found.seen, ~lost)
    keypoints = expected(BLAZEPOSE_33, 0)[0]
    np.testing.assert_allclose(found.keypoints[~lost], keypoints[~lost], atol=1e-3)
    assert format_of(tmp_path / "k.csv") == "csv"


def test_columns_may_stand_apart_by_blanks(tmp_path):
    head = ["frame", *(f"{n}_{c}" for n in NAMES for c in FOUR)]
    path = written(tmp_path / "k.txt", head, [[t, *v.ravel()] for t, v in enumerate(landmarks())])
    path.write_text(path.read_text().replace(",", "  "))
    check(path)


# --- a line a landmark -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "landmark"),
    [
        ("landmark", lambda j: NAMES[j].upper()),
        ("landmark_name", lambda j: NAMES[j]),
        ("Keypoint", lambda j: NAMES[j].replace("_", " ").title()),
        ("landmark_id", str),
        ("id", lambda j: f"{j + 1}"),
        ("joint_index", lambda j: f"{j:02}"),
    ],
)
@pytest.mark.parametrize("frame", ["frame", "timestamp_ms"])
def test_a_line_a_landmark(tmp_path, title, landmark, frame):
    scale = 1 if frame == "frame" else 40
    rows = [[t * scale, landmark(j), *landmarks()[t, j]] for t in range(FRAMES) for j in range(33)]
    check(written(tmp_path / "k.csv", [frame, title, *FOUR], rows))


def test_a_frame_or_landmark_without_a_line_is_a_gap(tmp_path):
    rows = [
        [t, j, *landmarks()[t, j]]
        for t in range(FRAMES)
        for j in range(33)
        if t != 3 and (t, j) != (1, 2) and (t, j) != (4, 20)
    ]
    (found,) = load_keypoints(written(tmp_path / "k.csv", ["frame", "id", *FOUR], rows), **STATED)
    lost = {(t, j) for t, j in np.argwhere(np.isnan(found.keypoints[..., 0])).tolist()}
    assert lost == {(3, j) for j in range(33)} | {(1, 2), (4, 20)}


def test_a_landmark_that_comes_again_is_another_person(tmp_path):
    rows = [
        [t, name, *scene(COCO_17, person)[t, j]]
        for t in range(FRAMES)
        for person in ((0, 1) if t % 2 else (1, 0))
        for j, name in enumerate(COCO_17.joint_names)
    ]
    path = written(tmp_path / "k.csv", ["frame", "joint", "x_px", "y_px", "score"], rows)
    people = load_keypoints(path, **STATED)
    assert len(people) == 2
    lefts = sorted(p.keypoints[:, 0, 0].tolist() for p in people)
    np.testing.assert_allclose(lefts[0], expected(COCO_17, 0)[0][:, 0, 0], rtol=1e-6)
    named = [[*row[:1], t % 34 // 17, *row[1:]] for t, row in enumerate(rows)]
    named[1][2] = named[0][2]
    head = ["frame", "person", "joint", "x_px", "y_px", "score"]
    with pytest.raises(AnatomyError, match="line 3: landmark nose is there twice"):
        load_keypoints(written(tmp_path / "k.csv", head, named), **STATED)


def test_lines_of_hands_are_left_out(tmp_path):
    rows = [
        [t, kind, j, *landmarks()[t, j]]
        for t in range(FRAMES)
        for kind, count in (("left_hand", 21), ("pose", 33))
        for j in range(count)
    ]
    check(written(tmp_path / "k.csv", ["frame", "type", "landmark_index", *FOUR], rows))


def test_landmarks_whose_numbers_have_gaps_are_refused(tmp_path):
    rows = [[0, j, 1, 2] for j in (0, 1, 5)]
    with pytest.raises(AnatomyError, match="successive numbers from 0 or 1, got 3 from 0 to 5"):
        load_keypoints(written(tmp_path / "k.csv", ["frame", "id", "x", "y"], rows), **STATED)
    with pytest.raises(AnatomyError, match="expected the columns frame, landmark, x and y"):
        load_keypoints(written(tmp_path / "k.csv", ["id", "x", "y"], [[0, 1, 2]]), **STATED)


# --- times -----------------------------------------------------------------------------------


def test_missing_frames_are_found_by_their_times(tmp_path):
    head = ["time", *(f"{n}_{c}" for n in NAMES for c in "xyzv")]
    rows = [[f"{t / 29.97:.3f}", *row.ravel()] for t, row in enumerate(landmarks()) if t != 2]
    (found,) = load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)
    assert len(found) == FRAMES
    assert np.flatnonzero(~found.seen).tolist() == [2]


def test_times_that_are_coarser_than_frames(tmp_path):
    head = ["time", *(f"{n}_{c}" for n in NAMES for c in "xyzv")]
    rows = [[t // 4, *row.ravel()] for t, row in enumerate(landmarks())]
    check(written(tmp_path / "k.csv", head, rows))
    rows = [[0, name, *landmarks()[0, j]] for _ in range(FRAMES) for j, name in enumerate(NAMES)]
    with pytest.raises(AnatomyError, match="6 people in one frame who lie over each other"):
        load_keypoints(written(tmp_path / "k.csv", ["time", "landmark", *FOUR], rows), **STATED)


@pytest.mark.parametrize(
    ("title", "written_time"),
    [
        ("time", "00:59:{:06.3f}"),
        ("timestamp", "2026-11-30T23:59:{:06.3f}Z"),
        ("datetime", "2026-11-30 23:59:{:09.6f}"),
    ],
)
def test_times_of_a_clock(tmp_path, title, written_time):
    head = [title, *(f"{n}_{c}" for n in NAMES for c in "xyzv")]
    rows = [
        [written_time.format(30 + t / 29.97), *row.ravel()]
        for t, row in enumerate(landmarks())
        if t != 2
    ]
    (found,) = load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [2]
    rows[3][0] = "noon"
    with pytest.raises(AnatomyError, match=r"a time such as 1\.25 or .*, got 'noon'"):
        load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)


def test_seconds_of_a_clock():
    assert seconds_of_clock("1:02:03.5") == 3723.5
    assert seconds_of_clock("2:03,25") == 123.25
    midnight, later = (
        seconds_of_clock(f"2026-{text}") for text in ("11-30T23:59:59.5", "12-01T00:00:00.25")
    )
    assert later - midnight == 0.75
    assert across_midnight([86_399.5, 0.25, 1.0]) == [86_399.5, 86_400.25, 86_401.0]
    assert across_midnight([1e9, 1e9 + 50_000]) == [1e9, 1e9 + 50_000]
    assert seconds_of_clock("12") is None
    assert seconds_of_clock("1:2:3:4") is None


def test_numbers_of_times():
    # Milliseconds that are rounded drift from whole steps, but not from one to the next.
    rounded = [round(1000 * t / 29.97) for t in range(300) if t not in (7, 8, 200)]
    assert numbers_of_times(rounded, "k") == [t for t in range(300) if t not in (7, 8, 200)]
    assert numbers_of_times([5.0], "k") == [0]
    assert numbers_of_times([3.0, 1.0, 2.0, 2.0], "k") == [2, 0, 1, 1]
    # A frame that comes early has a number of its own.
    early = [*range(20), 20.3, *range(21, 40)]
    assert numbers_of_times(early, "k") == list(range(40))
    # A browser's frames come as it likes.
    uneven = np.cumsum(np.random.default_rng(0).uniform(10, 60, 50)).tolist()
    assert numbers_of_times(uneven, "k") == list(range(50))
    with pytest.raises(AnatomyError, match="expected a number as time"):
        numbers_of_times([0.0, np.nan], "k")


# --- DeepLabCut's relatives ------------------------------------------------------------------


def deeplabcut(parts: tuple[str, ...]) -> list[list[str]]:
    rows = [["scorer", *["net"] * 17 * len(parts)]]
    rows.append(["bodyparts", *(n for n in COCO_17.joint_names for _ in parts)])
    rows.append(["coords", *parts * 17])
    for frame, values in enumerate(scene(COCO_17, 0)):
        known = dict(zip(("x", "y", "likelihood"), values.T, strict=True))
        cells = [known.get(part, np.full(17, 0.25)) for part in parts]
        rows.append([str(frame), *(f"{v:g}" for v in np.stack(cells, 1).ravel())])
    return rows


def test_tables_like_deeplabcuts(tmp_path):
    path = tmp_path / "k.csv"
    rows = deeplabcut(("x", "y", "likelihood", "x_ens_var", "x_posterior_var"))
    check(written(path, rows[0], rows[1:]), COCO_17)
    plain = deeplabcut(("x", "y", "likelihood"))
    check(written(path, plain[1], plain[2:]), COCO_17)
    check(written(path, plain[0], [*plain[1:3], ["frame", *[""] * 51], *plain[3:]]), COCO_17)
    sets = [[*row, end] for row, end in zip(plain, ["set", "", "", *["train"] * 6], strict=True)]
    check(written(path, sets[0], sets[1:]), COCO_17)
    rows = deeplabcut(("x", "y", "z"))
    with pytest.raises(AnatomyError, match="holds 3D places"):
        load_keypoints(written(path, rows[0], rows[1:]), **STATED)


# --- what is no place in the picture ---------------------------------------------------------


def test_columns_of_no_joint_may_come_twice(tmp_path):
    head = ["frame", *(f"{n}_{c}" for n in NAMES for c in FOUR), "note", "note"]
    rows = [[t, *v.ravel(), "a", "b"] for t, v in enumerate(landmarks())]
    check(written(tmp_path / "k.csv", head, rows))


def test_minus_one_is_no_place(tmp_path):
    values = scene(COCO_17, 0)[..., :2].copy()
    values[:, 9] = -1
    head = ["frame", *(f"{n}_{c}" for n in COCO_17.joint_names for c in "xy")]
    path = written(tmp_path / "k.csv", head, [[t, *v.ravel()] for t, v in enumerate(values)])
    (found,) = load_keypoints(path, **STATED)
    assert np.isnan(found.keypoints[:, 9]).all() and not found.visibility[:, 9].any()


def test_places_round_the_hips_are_refused(tmp_path):
    values = landmarks() / (640, 480, 1, 1)
    values[..., :2] -= values[:, 23:25, :2].mean(axis=1, keepdims=True)
    head = ["frame", *(f"{n}_{c}" for n in NAMES for c in FOUR)]
    off = values.copy()
    off[0, :, :2] += 0.4  # Most frames tell.
    for clip in (values, off):
        path = written(tmp_path / "k.csv", head, [[t, *v.ravel()] for t, v in enumerate(clip)])
        with pytest.raises(AnatomyError, match="measured from the middle of the hips"):
            load_keypoints(path, **STATED)


def test_seen_may_be_true_or_false(tmp_path):
    head = ["frame", *(f"{n}_{c}" for n in COCO_17.joint_names for c in ("x", "y", "visible"))]
    rows = [
        [t, *(cell for x, y, score in values for cell in (x, y, score > 0))]
        for t, values in enumerate(scene(COCO_17, 0))
    ]
    (found,) = load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)
    np.testing.assert_array_equal(found.visibility, expected(COCO_17, 0)[1] > 0)


ORIENTATIONS = ("columns", "records", "split", "index", "table")


def frame_of(rows: dict[str, Any]) -> Any:
    return pytest.importorskip("pandas").DataFrame(rows)


def format_of(path: Path) -> str:
    return next(name for name, entry in KEYPOINT_FORMATS.items() if entry.recognizes(path))


@pytest.mark.parametrize("orient", ORIENTATIONS)
def test_json_of_pandas(tmp_path, orient):
    path = tmp_path / "k.json"
    values = landmarks().reshape(FRAMES, -1)
    titles = [f"{n}_{c}" for n in NAMES for c in FOUR]
    wide = {"frame": range(FRAMES), **dict(zip(titles, values.T, strict=True))}
    frame_of(wide).to_json(path, orient=orient, double_precision=15)
    check(path)
    assert format_of(path) == "csv"
    rows = [(t, n, *landmarks()[t, j]) for t in range(FRAMES) for j, n in enumerate(NAMES)]
    long = dict(zip(("frame", "landmark", *FOUR), zip(*rows, strict=True), strict=True))
    frame_of(long).to_json(path, orient=orient, double_precision=15)
    check(path)
    assert format_of(path) == "landmark_table"


@pytest.mark.parametrize("form", ["rows", "flat", "apart", "people"])
def test_columns_of_lists(tmp_path, form):
    values = landmarks()[..., [0, 1, 3]]
    lists: Any = {
        "rows": values.tolist(),
        "flat": values.reshape(FRAMES, -1).tolist(),
        "apart": values[..., :2].tolist(),
        "people": values[:, None].tolist(),
    }[form]
    columns = {"frame": range(FRAMES), "keypoints": lists}
    if form == "apart":
        columns["scores"] = values[..., 2].tolist()
    # pandas writes Python's nan for a joint that was not found.
    frame_of(columns).to_csv(tmp_path / "k.csv")
    check(tmp_path / "k.csv", skeleton=BLAZEPOSE_33)
    assert format_of(tmp_path / "k.csv") == "listed_points"


@pytest.mark.parametrize(
    "titles",
    [
        ("x", "y", "conf"),
        ("keypoints.x", "keypoints.y", "keypoints.visible"),
        ("kpts_x", "kpts_y", "kpts_score"),
        ("x", "y", "scores"),
    ],
    ids=lambda titles: titles[-1],
)
def test_columns_of_lists_of_x_and_y(tmp_path, titles):
    of_axes = np.moveaxis(landmarks()[..., [0, 1, 3]], -1, 0)
    columns = dict(zip(titles, of_axes.tolist(), strict=True))
    frame_of({"frame": range(FRAMES), "box.x1": 3.5, **columns}).to_csv(tmp_path / "k.csv")
    check(tmp_path / "k.csv", skeleton=BLAZEPOSE_33)
    assert format_of(tmp_path / "k.csv") == "listed_points"


@pytest.mark.parametrize("cell", [tuple, list, lambda place: place[:2]])
def test_columns_of_joints_places(tmp_path, cell):
    values = landmarks()[..., [0, 1, 3]].tolist()
    rows = [[cell(place) if place[2] else None for place in frame] for frame in values]
    rows[2] = [None] * len(NAMES)
    frame_of(dict(zip(NAMES, zip(*rows, strict=True), strict=True))).to_csv(tmp_path / "k.csv")
    (found,) = load_keypoints(tmp_path / "k.csv", **STATED)
    keypoints, _ = expected(BLAZEPOSE_33, 0)
    keypoints[2] = np.nan
    assert found.skeleton == BLAZEPOSE_33
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    assert format_of(tmp_path / "k.csv") == "listed_points"


def test_lists_of_several_people_need_frames(tmp_path):
    path = written(tmp_path / "k.csv", ["", "track_id", "keypoints"], [[0, "a", '"[[1, 2, 0.5]]"']])
    with pytest.raises(AnatomyError, match="expected a column frame beside track_id"):
        load_keypoints(path, **STATED)


NUMPY = {
    "str": str,
    "repr": repr,
    "float32": lambda a: repr(a.astype(np.float32)),
    "flat": lambda a: str(a.ravel()),
    "people": lambda a: str(a[None]),
    "scalars": lambda a: "[" + ", ".join(f"np.float64({v!r})" for v in a.ravel().tolist()) + "]",
    "tensor": lambda a: f"tensor({a.tolist()}, device='cuda:0')",
    "columns": lambda a: str(dict(zip(("x", "y", "visible"), a.T.tolist(), strict=True))),
}


@pytest.mark.parametrize("form", NUMPY)
def test_lists_that_numpy_and_others_print(tmp_path, form):
    values = landmarks()[..., [0, 1, 3]]
    lists = [NUMPY[form](row) for row in values]
    frame_of({"frame": range(FRAMES), "keypoints": lists}).to_csv(tmp_path / "k.csv")
    check(tmp_path / "k.csv", skeleton=BLAZEPOSE_33)
    assert format_of(tmp_path / "k.csv") == "listed_points"


def test_an_array_that_numpy_shortened_is_refused(tmp_path):
    written(tmp_path / "k.csv", ["frame", "keypoints"], [[0, "[[1. 2.]\n ...\n [3. 4.]]"]])
    text = (tmp_path / "k.csv").read_text().replace("[[", '"[[').replace("]]", ']]"')
    (tmp_path / "k.csv").write_text(text)
    with pytest.raises(
        AnatomyError, match=r"the array was shortened to \.\.\. when it was printed"
    ):
        load_keypoints(tmp_path / "k.csv", **STATED)


@pytest.mark.parametrize("orient", ORIENTATIONS)
@pytest.mark.parametrize("form", ["rows", "flat", "apart", "flat apart"])
def test_json_of_pandas_with_columns_of_lists(tmp_path, orient, form):
    path = tmp_path / "k.json"
    # Two people, of whom only the column tells who and when.
    rows = [
        {"frame": t, "track_id": person, "keypoints": values}
        for t, person, values in detections(COCO_17)
    ]
    for row in rows:
        values = row["keypoints"]
        places = values[:, : 2 if "apart" in form else 3]
        row["keypoints"] = (places.ravel() if "flat" in form else places).tolist()
        if "apart" in form:
            row["scores"] = values[:, 2].tolist()
    frame_of({key: [row[key] for row in rows] for key in rows[0]}).to_json(path, orient=orient)
    people = load_keypoints(path, skeleton=COCO_17, **STATED)
    assert [person.person for person in people] == ["0", "1"]
    for index, person in enumerate(people):
        keypoints, visibility = expected(COCO_17, index)
        np.testing.assert_allclose(person.keypoints, keypoints, atol=1e-3)
        np.testing.assert_allclose(person.visibility, visibility, atol=1e-6)
    assert sum(entry.recognizes(path) for entry in KEYPOINT_FORMATS.values()) == 1


@pytest.mark.parametrize("title", ["frame", "frames", "frame_ids", "timestamps"])
@pytest.mark.parametrize("flat", [True, False])
def test_columns_of_lists_beside_facts(tmp_path, title, flat):
    values = scene(COCO_17, 0)
    content = {
        "fps": 25,
        "image_size": [640, 480],
        title: [t / 25 if title == "timestamps" else t for t in range(FRAMES)],
        "keypoints": (values.reshape(FRAMES, -1) if flat else values).tolist(),
    }
    (tmp_path / "k.json").write_text(json.dumps(content))
    (found,) = load_keypoints(tmp_path / "k.json", skeleton=COCO_17)
    np.testing.assert_allclose(found.keypoints, expected(COCO_17, 0)[0], atol=1e-3)


@pytest.mark.parametrize("numbered", [False, True])
def test_lines_of_a_clip_are_counted_from_its_first_frame(tmp_path, numbered):
    clip = scene(COCO_17, 1)
    head = [f"{name}_{end}" for name in COCO_17.joint_names for end in ("x", "y", "score")]
    rows = clip.reshape(FRAMES, -1).tolist()
    if numbered:
        head, rows = ["frame", *head], [[n, *row] for n, row in enumerate(rows, start=100)]
    path = written(tmp_path / "k.csv", head, rows)
    path.write_text(
        '# {"fps": 25, "image_size": [640, 480], "first_frame": 100}\n' + path.read_text()
    )
    (found,) = load_keypoints(path)
    assert (found.first_frame, len(found)) == (100, FRAMES)
    np.testing.assert_allclose(found.keypoints, clip[..., :2], atol=1e-3)


@pytest.mark.parametrize("title", ["", "index", "Unnamed: 0", "Unnamed: 0.1"])
def test_a_line_that_pandas_index_lacks_is_a_gap(tmp_path, title):
    clip = scene(COCO_17, 1)
    head = [title, *(f"{name}_{end}" for name in COCO_17.joint_names for end in ("x", "y"))]
    rows = [[n, *clip[n, :, :2].ravel()] for n in range(FRAMES) if n != 2]
    (found,) = load_keypoints(written(tmp_path / "k.csv", head, rows), **STATED)
    assert len(found) == FRAMES
    assert np.flatnonzero(~found.seen).tolist() == [2]
