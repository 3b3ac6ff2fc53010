"""Files as detectors and people really produce them: a real person in every shape that is read."""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.formats.keypoints.reading.units import in_pixels
from anatomy_tf.formats.keypoints.registry import inspect_keypoints
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, COCO_18, HALPE_26

FRAMES = 12
SIZE = (1088, 1920)
STATED: dict[str, Any] = {"fps": 60, "image_size": SIZE}


@pytest.fixture(scope="module")
def person() -> np.ndarray:
    """(12, 17, 3) x, y and score of COCO's keypoints, all found, of the package's sample."""
    clip = load_keypoints(sample_keypoints())[0].mapped(COCO_17)
    points = np.dstack([clip.filled().keypoints, np.maximum(clip.visibility, 0.3)])
    return points[:FRAMES].astype(np.float64).round(3)


def flat(points: np.ndarray) -> list[float]:
    return points.ravel().tolist()


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def alphapose(person: np.ndarray, name: str = "{}.jpg", **more: Any) -> list[dict[str, Any]]:
    return [
        {"image_id": name.format(frame), "keypoints": flat(points), "score": 2.9, **more}
        for frame, points in enumerate(person)
    ]


def check(path: Path, person: np.ndarray, scores: Any = None, **stated: Any) -> Any:
    """The file is read as this person; gives the sequence."""
    (found,) = load_keypoints(path, **{**STATED, **stated})
    assert (found.width, found.height) == SIZE
    np.testing.assert_allclose(found.keypoints, person[..., :2], atol=2e-3)
    expected = person[..., 2] if scores is None else scores
    np.testing.assert_allclose(found.visibility, expected, atol=1e-6)
    return found


# --- units -----------------------------------------------------------------------------------


def shares(person: np.ndarray) -> np.ndarray:
    return person / (*SIZE, 1)


def test_shares_of_the_image_become_pixels_in_any_format(person, tmp_path):
    small = shares(person)
    check(written(tmp_path / "a.json", alphapose(small)), person)
    rows = [{"keypoints": p[:, :2].tolist(), "scores": p[:, 2].tolist()} for p in small]
    check(written(tmp_path / "r.json", rows), person)
    np.savez(tmp_path / "r.npz", keypoints=small[..., :2], scores=small[..., 2])
    check(tmp_path / "r.npz", person)
    np.savez(tmp_path / "ours.npz", keypoints=small[None, ..., :2], visibility=small[None, ..., 2])
    check(tmp_path / "ours.npz", person, skeleton="coco_17")


def test_openpose_writes_shares_from_0_and_from_minus_1(person, tmp_path):
    for name, points in (("0", shares(person)), ("1", shares(person) * (2, 2, 1) - (1, 1, 0))):
        (tmp_path / name).mkdir()
        for frame, values in enumerate(points):
            people = {"people": [{"pose_keypoints_2d": flat(values)}]}
            written(tmp_path / name / f"clip_{frame}_keypoints.json", people)
        check(tmp_path / name, person, skeleton="coco_17")


def test_places_that_are_neither_are_refused(person, tmp_path):
    centred = shares(person) * (2, 2, 1) - (1, 1, 0)
    with pytest.raises(AnatomyError, match=r"from -0\.\d+ to 0\.\d+ are not in pixels; expected"):
        check(written(tmp_path / "a.json", alphapose(centred)), person)


def test_landmarks_beyond_the_edge_are_gaps_and_may_be_in_pixels(person, tmp_path):
    def landmarks(points: np.ndarray) -> list[dict[str, Any]]:
        return [{"x": x, "y": y, "visibility": v} for x, y, v in points]

    whole = person[:, :1] + np.arange(33)[:, None] * (3, 2, 0)
    whole[:, 5] = (500, 2500, 0.1)
    path = tmp_path / "m.json"
    for points in (whole / (*SIZE, 1), whole):
        written(path, [{"frame": t, "landmarks": landmarks(p)} for t, p in enumerate(points)])
        (found,) = load_keypoints(path, **STATED)
        assert found.skeleton == BLAZEPOSE_33
        assert np.isnan(found.keypoints[:, 5]).all() and not found.visibility[:, 5].any()
        np.testing.assert_allclose(found.keypoints[:, 4], whole[:, 4, :2], atol=2e-3)


def test_landmarks_in_pixels_of_a_larger_picture_are_refused(tmp_path):
    # As everyone lies beyond the edge, it is not that nobody was found.
    points = [{"x": 500 + 3 * i, "y": 2500 + 8 * i, "visibility": 0.9} for i in range(33)]
    path = written(tmp_path / "m.json", [{"frame": t, "landmarks": points} for t in range(12)])
    with pytest.raises(
        AnatomyError, match=r"reach from \(500, 2500\) to \(596, 2756\), outside an image of"
    ):
        load_keypoints(path, **STATED)


def test_units_of_another_kind_are_refused(person, tmp_path):
    metres = person.copy()
    metres[..., :2] = metres[..., :2] / 400 + 0.5
    with pytest.raises(
        AnatomyError, match=r"people are \d(\.\d)? pixels high; expected keypoints in"
    ):
        check(written(tmp_path / "a.json", alphapose(metres)), metres)
    places = person[..., :2]
    least, most = places.min(axis=1, keepdims=True), places.max(axis=1, keepdims=True)
    of_box = np.dstack([(places - least) / (most - least), person[..., 2]])
    with pytest.raises(AnatomyError, match="every person fills the image exactly, as shares of"):
        check(written(tmp_path / "a.json", alphapose(of_box)), of_box)


def test_people_who_reach_beyond_the_picture_are_not_in_shares_of_a_box():
    shares = np.random.default_rng(0).uniform(-0.2, 1.2, (FRAMES, 33, 2)).astype(np.float32)
    shares[:, 0], shares[:, 1] = -0.2, 1.2
    found = in_pixels(shares, SIZE, "k", beyond_edge=True)
    np.testing.assert_allclose(found, shares * SIZE, rtol=1e-6)


def test_width_exchanged_with_height_is_noticed(person, tmp_path):
    content = {"width": 1088, "height": 1920, "frames": [{"people": []} for _ in person]}
    for frame, points in zip(content["frames"], person, strict=True):
        frame["people"].append({"pose_keypoints_2d": flat(points)})
    path = written(tmp_path / "c.json", content)
    check(path, person, image_size=None, skeleton="coco_17")
    with pytest.raises(AnatomyError, match="says 1088x1920; are width and height exchanged"):
        check(path, person, image_size=(1920, 1088), skeleton="coco_17")
    low = person + np.array((0, 700, 0))
    with pytest.raises(AnatomyError, match=r"give the size .* \(image_size=\): perhaps 1088x1920$"):
        check(written(tmp_path / "a.json", alphapose(low)), low, image_size=(1920, 1088))


# --- scores ----------------------------------------------------------------------------------


def test_scores_are_missing_or_peaks_or_none(person, tmp_path):
    places = person[..., :2]
    seen = np.ones(person.shape[:2])
    path = tmp_path / "k.json"
    check(written(path, alphapose(places)), person, seen)
    listed = [
        {"frame_id": t, "instances": [{"keypoints": p.tolist()}]} for t, p in enumerate(places)
    ]
    check(written(path, listed), person, seen)
    check(written(path, [{"keypoints": [p.tolist()]} for p in places]), person, seen)
    columns = [{"x": p[:, 0].tolist(), "y": p[:, 1].tolist()} for p in places]
    people = [[{"name": "person", "class": 0, "keypoints": c}] for c in columns]
    check(written(path, people), person, seen)
    # Nobody gives places to what has no chance.
    check(written(path, alphapose(person * (1, 1, 0))), person, seen)
    high = person * (1, 1, 9)
    check(written(path, alphapose(high)), person, np.minimum(high[..., 2], 1))
    low = person.copy()
    low[3, 4, 2] = -0.01
    (found,) = load_keypoints(written(path, alphapose(low)), **STATED)
    assert np.isnan(found.keypoints[3, 4]).all() and found.visibility[3, 4] == 0
    with pytest.raises(
        AnatomyError, match=r"detection 0: expected scores in .* peaks of at most 50"
    ):
        load_keypoints(written(path, alphapose(person * (1, 1, 100))), **STATED)


def test_a_least_score_makes_gaps(person, tmp_path):
    path = written(tmp_path / "a.json", alphapose(person))
    (found,) = load_keypoints(path, min_score=0.65, **STATED)
    low = person[..., 2] < 0.65
    assert 0 < low.mean() < 1
    np.testing.assert_array_equal(np.isnan(found.keypoints[..., 0]), low)
    with pytest.raises(AnatomyError, match="a least score of 0 to 1"):
        load_keypoints(path, min_score=60, **STATED)


# --- what was not found ----------------------------------------------------------------------


def test_null_and_nan_are_gaps(person, tmp_path):
    holes = person.copy()
    holes[2, 9], holes[5] = np.nan, np.nan
    expected = holes.copy()
    scores = np.nan_to_num(holes[..., 2])
    path = tmp_path / "k.json"
    check(written(path, alphapose(holes)), expected, scores)
    path.write_text(path.read_text().replace("NaN", "null"))
    check(path, expected, scores)
    rows = [
        {"frame_id": t, "instances": [{"keypoints": p[:, :2].tolist(), "keypoint_scores": s}]}
        for t, (p, s) in enumerate(zip(holes, holes[..., 2].tolist(), strict=True))
    ]
    text = json.dumps(rows).replace("[NaN, NaN]", "null").replace("NaN", "null")
    path.write_text(text)
    check(path, expected, scores)
    rows[5]["instances"] = None
    check(written(path, rows), expected, scores)
    rows[5]["instances"] = [None]
    check(written(path, rows), expected, scores)


# --- who and when ----------------------------------------------------------------------------


def beside(person: np.ndarray) -> np.ndarray:
    return person + np.array((300, 0, 0))


@pytest.mark.parametrize("ids", [(0, 0), (-1, -1), (None, None), ("a", None)])
def test_ids_that_say_nothing_or_contradict_themselves(person, tmp_path, ids):
    entries = alphapose(person, idx=ids[0]) + alphapose(beside(person), idx=ids[1])
    path = written(tmp_path / "a.json", entries)
    people = load_keypoints(path, fps=60, image_size=(2176, 1920))
    assert [p.person for p in people] == ["0", "1"]
    places = sorted(p.keypoints[:, 0, 0].tolist() for p in people)
    np.testing.assert_allclose(places[0], person[:, 0, 0], atol=1e-3)
    noted = [p.warnings for p in people]
    said = "two people of one frame are named 0 (detection 12): people are followed by their places"
    assert noted == ([(said,)] * 2 if ids == (0, 0) else [()] * 2)


def test_ids_that_number_detections(person, tmp_path):
    entries = [{**entry, "idx": n} for n, entry in enumerate(alphapose(person))]
    found = check(written(tmp_path / "a.json", entries), person)
    assert found.warnings == (
        "nobody has the same name in two frames: people are followed by their places",
    )


@pytest.mark.parametrize(
    ("ids", "names"),
    [(("1", "2"), ["1", "2"]), (("anna", ["ben"]), ["anna", "ben"]), ((1.0, [[2]]), ["1", "2"])],
)
def test_ids_may_be_texts_numbers_or_in_lists(person, tmp_path, ids, names):
    entries = alphapose(person, idx=ids[0]) + alphapose(beside(person), idx=ids[1])
    path = written(tmp_path / "a.json", entries)
    people = load_keypoints(path, fps=60, image_size=(2176, 1920))
    assert [p.person for p in people] == names


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("{}.jpg", 0),
        ("333{:02d}_0.png", 33300),
        ("cam2/clip_{:06d}.PNG", 0),
        ("clip.mp4_{}", 0),
        ("{:012d}", 0),
        ("frame_{:04d}_jpg.rf.0a1b2c3d4e5f6789abcdef0123456789.jpg", 0),
        ("a_{0:03d}_t{0}.jpg", 0),
    ],
)
def test_the_frame_is_the_number_that_varies(person, tmp_path, name, first):
    path = written(tmp_path / "a.json", alphapose(person, name))
    assert check(path, person).first_frame == first


def test_an_ambiguous_number_is_refused(person, tmp_path):
    entries = alphapose(person[:2], "cam1_{}.jpg") + alphapose(person[:2], "cam2_{}.jpg")
    with pytest.raises(AnatomyError, match="which number is the frame's"):
        load_keypoints(written(tmp_path / "a.json", entries), **STATED)
    entries = alphapose(person[:1], "left_7.jpg") + alphapose(person[:1], "right_7.jpg")
    with pytest.raises(AnatomyError, match="are both frame 7; expected the images of one video"):
        load_keypoints(written(tmp_path / "a.json", entries), **STATED)


def test_the_first_frame_is_kept_or_asked_for(person, tmp_path):
    entries = [e | {"image_id": f"{t + 30}.jpg"} for t, e in enumerate(alphapose(person))]
    path = written(tmp_path / "a.json", entries)
    assert check(path, person).first_frame == 30
    (whole,) = load_keypoints(path, first_frame=0, **STATED)
    assert (len(whole), whole.first_frame) == (30 + FRAMES, 0)
    assert not whole.visibility[:30].any()
    np.testing.assert_allclose(whole.keypoints[30:], person[..., :2], atol=2e-3)
    (rest,) = load_keypoints(path, first_frame=35, **STATED)
    assert (len(rest), rest.first_frame) == (FRAMES - 5, 35)
    np.testing.assert_allclose(rest.keypoints, person[5:, :, :2], atol=2e-3)
    for wrong in (-1, 30 + FRAMES):
        with pytest.raises(AnatomyError, match="expected a first frame from 0 to 41"):
            load_keypoints(path, first_frame=wrong, **STATED)


def test_numbers_that_begin_at_one_count_from_one(person, tmp_path):
    entries = [e | {"image_id": t + 1} for t, e in enumerate(alphapose(person))]
    assert check(written(tmp_path / "a.json", entries), person).first_frame == 0


# --- shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "layout", "stated"),
    [(133, COCO_17, None), (133, COCO_17, "coco_17"), (136, HALPE_26, None), (134, COCO_18, None)],
)
def test_the_body_comes_first_in_whole_bodies(person, tmp_path, count, layout, stated):
    extra = person[:, :1].repeat(count, axis=1)
    extra[:, :17] = person
    path = tmp_path / "k.json"
    frames = [{"people": [{"pose_keypoints_2d": flat(points)}]} for points in extra]
    for content in (frames, alphapose(extra)):
        (found,) = load_keypoints(written(path, content), skeleton=stated, **STATED)
        assert found.skeleton == layout
        np.testing.assert_allclose(found.keypoints[:, :17], person[..., :2], atol=2e-3)


def test_one_file_an_image_of_any_detector(person, tmp_path):
    def listed(name: str, frames: list[Any]) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for number, content in enumerate(frames):
            written(folder / f"img{number:04d}.json", content)
        return folder

    rows = [{"keypoints": p[:, :2].tolist(), "keypoint_scores": p[:, 2].tolist()} for p in person]
    check(listed("mmpose", [[row] for row in rows]), person)
    pairs = [{"keypoints": p[:, :2].tolist(), "scores": p[:, 2].tolist()} for p in person]
    check(listed("rtmlib", pairs), person)
    check(listed("vitpose", [[pair] for pair in pairs]), person)
    columns = [dict(zip(("x", "y", "visible"), p.T.tolist(), strict=True)) for p in person]
    check(listed("yolo", [json.dumps([{"keypoints": c}]) for c in columns]), person)
    results = [{"keypoints": flat(p), "score": 1.0} for p in person]
    check(listed("alphapose", [[result] for result in results]), person)
    check(listed("sapiens", [{"instance_info": [row]} for row in rows]), person)
    annotated = [{"filename": "1.jpg", "annots": [{"personID": 3, **r}]} for r in results]
    assert check(listed("easymocap", annotated), person).person == "3"
    for path in (tmp_path / "yolo").iterdir():
        path.rename(path.with_suffix(".JSON"))
    check(tmp_path / "yolo", person)


def test_a_list_of_people_a_frame_with_scores_in_rows(person, tmp_path):
    frames = [[{"bbox": [1, 2, 3, 4, 0.9], "keypoints": p.tolist(), "track_id": 7}] for p in person]
    assert check(written(tmp_path / "a.json", frames), person).person == "7"


def test_facts_beside_the_frames_are_used(person, tmp_path):
    frames = [{"frame": t, "instances": [{"keypoints": p.tolist()}]} for t, p in enumerate(person)]
    content = {"fps": 60, "image_size": list(SIZE), "frames": frames}
    (found,) = load_keypoints(written(tmp_path / "k.json", content))
    assert (found.fps, found.width, found.height) == (60, *SIZE)
    np.savez(
        tmp_path / "r.npz",
        keypoints=person[..., :2],
        scores=person[..., 2],
        fps=60,
        image_size=SIZE,
    )
    assert check(tmp_path / "r.npz", person, fps=None, image_size=None).fps == 60


def test_annotations_by_name_with_their_sizes(person, tmp_path):
    order = [*reversed(range(17))]
    names = [COCO_17.joint_names[joint].replace("_", " ").title() for joint in order]
    images = [
        {"id": str(t), "file_name": f"f{t}.png", "width": SIZE[0], "height": SIZE[1]}
        for t in range(FRAMES + 1)
    ]
    annotations = [
        {
            "image_id": str(t),
            "category_id": 3,
            "keypoints": flat(points[order] * (1, 1, 0) + (0, 0, 2)),
        }
        for t, points in enumerate(person)
    ]
    annotations.append({"image_id": "0", "category_id": 9, "bbox": [1, 2, 3, 4]})
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 3, "keypoints": names}, {"id": 9, "name": "dog"}],
    }
    path = written(tmp_path / "c.json", content)
    (found,) = load_keypoints(path, fps=60)
    # The last image has nobody.
    assert (len(found), found.skeleton, found.width) == (FRAMES + 1, COCO_17, SIZE[0])
    np.testing.assert_allclose(found.keypoints[:FRAMES], person[..., :2], atol=2e-3)
    images[3]["width"] = 640
    with pytest.raises(AnatomyError, match="expected images of one size, got"):
        load_keypoints(written(path, content), fps=60)


def table(person: np.ndarray, names: list[str], separator: str = ",", comma: str = ".") -> str:
    parts = ("x", "y", "likelihood")
    rows = [
        ["scorer"] + ["DLC"] * 3 * len(names),
        ["bodyparts"] + [name for name in names for _ in parts],
        ["coords"] + [*parts] * len(names),
    ]
    for frame, points in enumerate(person):
        rows.append([str(frame), *(f"{v:.3f}".replace(".", comma) for v in points.ravel())])
    return "\r\n".join(separator.join(row) for row in rows) + "\r\n"


@pytest.mark.parametrize(
    "spelled",
    [
        lambda side, joint: f"{side}{joint.title()}" if side else joint,
        lambda side, joint: f"{side[:1].upper()}{joint.title()}",
        lambda side, joint: f"{joint} {side[:1].upper()}".strip(),
        lambda side, joint: f"{side}-{joint}".strip("-").upper(),
        lambda side, joint: f"{joint}.{side}".strip("."),
    ],
)
def test_joints_may_be_spelled_in_many_ways(person, tmp_path, spelled):
    names = []
    for name in COCO_17.joint_names:
        side, _, joint = name.rpartition("_")
        names.append(spelled(side, joint))
    (tmp_path / "d.csv").write_text(table(person, names))
    check(tmp_path / "d.csv", person)


def test_what_names_lack_is_said(person, tmp_path):
    names = [name for name in COCO_17.joint_names if "ear" not in name]
    (tmp_path / "d.csv").write_text(table(person[:, : len(names)], names))
    with pytest.raises(
        AnatomyError, match="of coco_17 it lacks left_ear, right_ear; say which wit"
    ):
        load_keypoints(tmp_path / "d.csv", **STATED)
    (found,) = load_keypoints(tmp_path / "d.csv", skeleton="coco_17", **STATED)
    assert np.isnan(found.keypoints[:, COCO_17.index("left_ear")]).all()


@pytest.mark.parametrize(
    ("separator", "comma", "encoding"),
    [(";", ",", "utf-8-sig"), (";", ".", "utf-8"), ("\t", ",", "utf-16"), (",", ".", "cp1252")],
)
def test_tables_of_any_spreadsheet(person, tmp_path, separator, comma, encoding):
    names = [*COCO_17.joint_names, "Gürtel"]
    more = np.concatenate([person, person[:, :1]], axis=1)
    (tmp_path / "d.csv").write_bytes(table(more, names, separator, comma).encode(encoding))
    check(tmp_path / "d.csv", person)


def test_our_csv_that_a_spreadsheet_saved(person, tmp_path):
    columns = [f"{n}_{p}" for n in COCO_17.joint_names for p in ("X", "y", "Confidence")]
    rows = [["Frame", *columns]]
    for frame, points in enumerate(person):
        rows.append(
            [f"img_{frame:03d}.png", *(f"{v:.3f}".replace(".", ",") for v in points.ravel())]
        )
    first = '"# {""fps"": 60";" ""image_size"": [1088";" 1920]}";;;;'
    (tmp_path / "k.csv").write_text(first + "\n" + "\n".join(";".join(row) for row in rows))
    assert check(tmp_path / "k.csv", person, fps=None, image_size=None).fps == 60
    (tmp_path / "k.csv").write_text("sep=;\n" + "\n".join(";".join(row) for row in rows))
    check(tmp_path / "k.csv", person)


def test_deeplabcut_labels_name_images_in_three_cells(person, tmp_path):
    lines = table(person, list(COCO_17.joint_names)).splitlines()
    head = [line.replace(",", ",,,", 1) for line in lines[:3]]
    body = [
        f"labeled-data,clip2,img{n:04d}.png,{line.partition(',')[2]}"
        for n, line in enumerate(lines[3:])
    ]
    (tmp_path / "CollectedData.csv").write_text("\n".join(head + body))
    check(tmp_path / "CollectedData.csv", person)


def test_yolo_text_beside_a_list_of_classes(person, tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "classes.txt").write_text("person\n")
    for frame, points in enumerate(shares(person)):
        row = " ".join(f"{v:.7f}" for v in points[:, :2].ravel())
        (folder / f"clip_{frame + 1}.txt").write_text(f"0 0.5 0.5 0.3 0.8 {row}\n")
    assert check(folder, person, np.ones(person.shape[:2])).first_frame == 0
    (folder / "clip_1.txt").unlink()
    (rest,) = load_keypoints(folder, **STATED)
    assert (len(rest), rest.first_frame) == (FRAMES - 1, 1)


# --- what is not read ------------------------------------------------------------------------

UNKNOWN = {
    "other keys": (b'[{"frame": 1, "pose": [1, 2]}]', "JSON list of objects with frame, pose"),
    "an object": (b'{"a": 1, "b": 2, "c": 3}', "JSON object with a, b, c; the nearest format is"),
    "UTF-16": ('[{"pose": 1}]'.encode("utf-16"), "JSON list of objects with pose"),
    "gz": (b"\x1f\x8b\x08\x00", "gzip packed; unpack it"),
    "DeepLabCut's": (b"\x89HDF\r\n\x1a\n  df_with_missing", "DeepLabCut's HDF5; export it as CSV"),
    "empty": (b"", "an empty file"),
    "picture": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "video": (b"\x00\x00\x00\x18ftypmp42", "a video"),
    "XML": (b"<?xml version='1.0'?>\n<annotations/>", "XML; export it as COCO's JSON"),
    "YAML": (b"%YAML:1.0\n---\n", "YAML, such as OpenPose's old one"),
    "TRC": (b"PathFileType\t4\t(X/Y/Z)\tclip.trc\n", "TRC, which holds markers in space"),
    "BVH": (b"HIERARCHY\nROOT hip\n", "BVH, which holds poses in space"),
    "glTF": (b"glTF\x02\0\0\0", "glTF, which holds poses in space"),
    "Parquet": (b"PAR1\0\0", "a Parquet file; save it as CSV"),
    "Feather": (b"ARROW1\0\0\xff\xff", "a Feather or Arrow file; save it as CSV"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel .* save it as CSV"),
    "pickle": (b"\x80\x04}.", "a pickle, .* save by np.savez"),
    "old pickle": (b"(dp0\nS'a'\np1\nI1\ns.", "a pickle, .* save by np.savez"),
    "Zstandard": (b"\x28\xb5\x2f\xfd\x04", "Zstandard packed; unpack it"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip; unpack it"),
    "tar": (b"0.json".ljust(257, b"\0") + b"ustar\0", "a tar archive; unpack it"),
    "web page": (b"<!DOCTYPE html><html>", "a web page, perhaps of a failed download"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "by git lfs pull"),
    "LabelMe": (
        b'{"version": "5", "shapes": [], "imagePath": "1.jpg"}',
        "LabelMe's JSON; export it as COCO's",
    ),
    "Label Studio": (
        b'[{"id": 1, "data": {}, "annotations": [{"result": []}]}]',
        "Label Studio's JSON; export it as COCO's",
    ),
    "VIA": (
        b'{"a.jpg9": {"filename": "a.jpg", "regions": [], "file_attributes": {}}}',
        "VIA's JSON; export it as COCO's",
    ),
    "VIA's project": (b'{"_via_settings": {}, "_via_img_metadata": {}}', "a project of VIA"),
    "Supervisely": (b'{"description": "", "tags": [], "objects": []}', "Supervisely's JSON"),
    "Datumaro": (b'{"info": {}, "categories": {}, "items": []}', "Datumaro's JSON"),
    "no titles": (b"0.1,0.2,0.9\n0.1,0.2,0.9\n", "a table without titles; write them above"),
    "MATLAB": (b"MATLAB 5.0 MAT-file\0", "a file of MATLAB; save it as CSV"),
    "binary": (b"\x01\x00\x02", "a file that is no text"),
    "a table": (
        b"frame,nose_y\n1,2\n",
        "frame, nose_y; the nearest format is csv .* needs columns",
    ),
    "text": (b"hello\n", "text; the nearest format is csv"),
    "no image": (b'[{"keypoints": [1, 2, 3]}]', 'nearest format is alphapose .* needs "image_id"'),
}


@pytest.mark.parametrize(("content", "line"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_file_that_is_not_recognised_gets_a_short_line(tmp_path, content, line):
    path = tmp_path / "k.dat"
    path.write_bytes(content)
    with pytest.raises(AnatomyError, match=line) as caught:
        load_keypoints(path, **STATED)
    assert len(str(caught.value).removeprefix(str(path))) < 200


# --- the shared cases ------------------------------------------------------------------------

ONE, TWO = {"fps": 60, "image_size": (1088, 1920)}, {"fps": 60, "image_size": (2176, 1920)}
SIZED = {"fps": 60}
CASES: dict[str, tuple[str, dict[str, Any], int]] = {
    "openpose_scale_0_1": ("json", ONE, 1),
    "openpose_scale_minus1_1": ("json", ONE, 1),
    "alphapose_two_numbers_in_names": ("clip.json", ONE, 1),
    "alphapose_same_idx": ("clip.json", TWO, 2),
    "alphapose_text_idx": ("clip.json", TWO, 2),
    "alphapose_tracked_person": ("clip_alphapose_tracked_person.json", TWO, 2),
    "alphapose_first_frames_empty": ("clip.json", ONE, 1),
    "mediapipe_null_people": ("clip.json", ONE, 1),
    "mediapipe_flat": ("frames.json", ONE, 1),
    "mediapipe_no_visibility": ("clip.json", ONE, 1),
    "openpose_nan": ("json", ONE, 1),
    "mmpose_null_point": ("clip.json", ONE, 1),
    "openpose_scores_above_one": ("json", ONE, 1),
    "openpose_wholebody_133": ("json", ONE, 1),
    "mmpose_image_folder": ("predictions", ONE, 1),
    "coco_annotations": ("person_keypoints_default.json", SIZED, 1),
    "coco_text_ids": ("clip.json", ONE, 1),
    "detectron2_boxes_keypoints": ("clip.mp4.npz", SIZED, 1),
    "videopose3d_states_size": ("data_2d_custom_my.npz", SIZED, 1),
    "csv_semicolon": ("clip.csv", ONE, 1),
    "deeplabcut_camel_case": ("clip.csv", ONE, 1),
    "deeplabcut_image_names": ("clip.csv", ONE, 1),
    "ultralytics_text_without_scores": ("labels", ONE, 1),
    "ultralytics_json_texts": ("clip.json", ONE, 1),
    "canvas_json": ("clip.json", SIZED, 1),
}


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({"fps": "29.97"}, "a frame rate of 1 to 1,000 frames a second, got '29.97'"),
        ({"fps": True}, "a frame rate of 1 to 1,000 frames a second, got True"),
        ({"image_size": 1088}, "expected an image size (width, height), got 1088"),
        ({"image_size": "1088x1920"}, "expected an image size (width, height)"),
        ({"image_size": ("1088", 1920)}, "an image size of 16 to 65,536 pixels a side, got '1088'"),
        ({"image_size": (1088.5, 1920)}, "an image size of whole pixels, got 1088.5"),
        ({"min_score": "x"}, "a least score of 0 to 1, got 'x'"),
        (
            {"first_frame": 1.5},
            "from 0 to 11, the last one that is recorded, got 1.5",
        ),
        ({"first_frame": 10**400}, "got 1000000000"),
    ],
)
def test_facts_of_another_type_are_refused(person, tmp_path, stated, told):
    path = written(tmp_path / "clip.json", alphapose(person))
    with pytest.raises(AnatomyError) as refusal:
        load_keypoints(path, **{**STATED, **stated})
    assert told in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_facts_may_be_numbers_of_numpy(person, tmp_path):
    path = written(tmp_path / "clip.json", alphapose(person))
    found = check(path, person, fps=np.float32(STATED["fps"]), image_size=np.array(SIZE))
    assert (found.width, found.height) == SIZE


def test_rates_and_sizes_may_be_texts(person, tmp_path):
    facts = {"frame_rate": "30000/1001", "width": "1088", "height": "1920"}
    path = written(tmp_path / "clip.json", {**facts, "frames": alphapose(person)})
    found = check(path, person, fps=None, image_size=None)
    assert found.fps == pytest.approx(29.97, abs=1e-3)


@pytest.mark.parametrize("end", [1000, 100, 1, 640])
def test_places_may_run_to_any_number_that_is_stated(person, tmp_path, end):
    places = person.copy()
    places[..., :2] = (places[..., :2] * end / np.array(SIZE)).round(6)
    path = written(tmp_path / "clip.json", alphapose(places))
    (found,) = load_keypoints(path, **STATED, normalized=end)
    np.testing.assert_allclose(found.keypoints, person[..., :2], atol=0.01)


def test_what_is_stated_of_normalised_places_is_checked(person, tmp_path):
    path = written(tmp_path / "clip.json", alphapose(person))
    with pytest.raises(
        AnatomyError, match=r"keypoints from [0-9.]+ to 1\d{3}.* do not run from 0 to"
    ):
        load_keypoints(path, **STATED, normalized=1000)
    with pytest.raises(AnatomyError, match="an end of normalised places of 1 to 1,000,000, got 0"):
        load_keypoints(path, **STATED, normalized=0)
    with pytest.raises(AnatomyError, match="states pixels; it takes no --normalized"):
        load_keypoints(sample_keypoints(), normalized=1000)


def test_percent_is_no_pixels(person, tmp_path):
    percent = person.copy()
    percent[..., :2] *= 100 / np.array(SIZE)
    path = written(tmp_path / "clip.json", alphapose(percent))
    with pytest.raises(AnatomyError, match="are not in pixels of 1088x1920 but perhaps in percent"):
        load_keypoints(path, **STATED)


def test_keypoints_in_a_corner_of_an_unknown_image_are_described(person, tmp_path):
    small = person.copy()
    small[..., :2] *= 90 / small[..., :2].max()
    path = written(tmp_path / "clip.json", alphapose(small))
    _, (found,), missing = inspect_keypoints(path)
    assert "image_size" in missing
    np.testing.assert_allclose(found.keypoints, small[..., :2], rtol=1e-5)


@pytest.mark.parametrize("title", ["{}_x", "{} X", "{}.x", "{}X", "{}-x"])
def test_columns_may_be_spelled_in_many_ways(person, tmp_path, title):
    end = title.format("")
    ends = [end, *(end.replace("x", p).replace("X", p.title()) for p in ("y", "score"))]
    names = [f"{name}{e}" for name in COCO_17.joint_names for e in ends]
    rows = ["frame," + ",".join(names)]
    rows += [f"{t}," + ",".join(map(str, row.ravel())) for t, row in enumerate(person)]
    (tmp_path / "clip.csv").write_text("\n".join(rows))
    check(tmp_path / "clip.csv", person)


@pytest.mark.parametrize("score", ["conf", "c", "p"])
def test_scores_of_a_table_may_have_short_names(person, tmp_path, score):
    names = [f"{name}_{part}" for name in COCO_17.joint_names for part in ("x", "y", score)]
    rows = ["frame," + ",".join(names)]
    rows += [f"{t}," + ",".join(map(str, row.ravel())) for t, row in enumerate(person)]
    (tmp_path / "clip.csv").write_text("\n".join(rows))
    check(tmp_path / "clip.csv", person)


def test_openpose_1_0_names_points_otherwise(person, tmp_path):
    for frame, points in enumerate(person):
        people = [{"pose_keypoints": flat(points)}]
        written(tmp_path / f"{frame:012}.json", {"version": 1.0, "people": people})
    check(tmp_path, person, skeleton=COCO_17)


def test_a_spreadsheet_and_an_archive_are_described(tmp_path):
    for inside, line in (
        ("xl/workbook.xml", "a spreadsheet; save"),
        ("opendocument.spreadsheet", "a spreadsheet; save"),
        ("archive/data.pkl", "a file of PyTorch; load it"),
        ("0.json", "unpack it"),
    ):
        with zipfile.ZipFile(tmp_path / "k.xlsx", "w") as archive:
            archive.writestr(inside, "x")
        with pytest.raises(AnatomyError, match=line):
            load_keypoints(tmp_path / "k.xlsx", **STATED)


def test_a_folder_that_holds_the_folder_is_described(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/clip_1.txt").write_text("")
    with pytest.raises(AnatomyError, match="are they in its folder labels"):
        load_keypoints(tmp_path, **STATED)


def test_a_folder_of_folders_is_described(tmp_path):
    (tmp_path / "json").mkdir()
    with pytest.raises(AnatomyError, match="a folder of 1 folder; expected"):
        load_keypoints(tmp_path, **STATED)


def test_a_video_that_is_named_must_be_there(person, tmp_path):
    path = written(tmp_path / "clip.json", alphapose(person))
    with pytest.raises(AnatomyError, match=r"none\.mp4: no such file"):
        load_keypoints(path, video=tmp_path / "none.mp4", **STATED)


def test_a_table_of_many_columns_is_refused_at_once(tmp_path):
    columns = ",".join(f"j{number}_x,j{number}_y" for number in range(30_000))
    (tmp_path / "clip.csv").write_text(f"frame,{columns}\n")
    begun = time.process_time()
    with pytest.raises(AnatomyError, match="a layout of 1 to 1,000 joints, got 30,000"):
        load_keypoints(tmp_path / "clip.csv", **STATED)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("case", CASES)
def test_the_shared_cases(shared, case):
    recordings = shared / "cases/recordings"
    (plain,) = load_keypoints(recordings / "plain/clip.json", **ONE)
    name, stated, count = CASES[case]
    people = load_keypoints(recordings / case / name, **stated)
    assert [len(p) for p in people] == [30] * count
    first = people[0]
    seen = ~np.isnan(first.keypoints[..., 0]).all(axis=1)
    gaps = {"mediapipe_null_people": 6, "detectron2_boxes_keypoints": 3}
    assert (~seen).sum() == gaps.get(case, 0)
    # What all layouts have and no case leaves out.
    for joint in ("nose", "left_shoulder", "right_hip", "left_knee", "right_ankle"):
        np.testing.assert_allclose(
            first.keypoints[seen, first.skeleton.index(joint)],
            plain.keypoints[seen, COCO_17.index(joint)],
            atol=0.1,
        )
