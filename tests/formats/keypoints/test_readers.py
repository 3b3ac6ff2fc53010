import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import reader_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import SAMPLES, STATED

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import KEYPOINT_FORMATS, load_keypoints, save_keypoints
from anatomy_tf.skeletons import COCO_17, HALPE_26, HUMAN36M_17, Skeleton

TRACKS = {
    "alphapose": ["3", "4"],
    "ultralytics": ["3", "4"],
    "ultralytics text": ["3", "4"],
    "deeplabcut": ["first", "second"],
    "sleap": ["track_0", "track_1"],
    "csv": ["p0", "p1"],
    "landmark table": ["p0", "p1"],
    "column of lists": ["p0", "p1"],
    "json table": ["p0", "p1"],
    "json": ["x", "x"],
    "video_pose3d": ["S1/Walk 1/0", "S1/Walk 1/1"],
    "coco annotations": ["3", "4"],
    "tracked people": ["3", "4"],
    "poseflow": ["3", "4"],
    "mediapipe flat": ["0"],
    "sports2d": ["0"],
    "ultralytics texts": ["3", "4"],
    "semicolons": ["p0", "p1"],
}
STATES_RATE = ("sports2d",)
NO_SCORES = ("video_pose3d", "coco annotations", "sports2d")
WITH_KEYPOINTS = ("rtmlib objects", "detectron2")
FUZZ = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("sample", SAMPLES)
def test_scene_is_read(tmp_path: Path, sample: str) -> None:
    name, write, layout = SAMPLES[sample]
    # No suffix: formats are recognised by content.
    path = write(tmp_path / "clip")
    people = load_keypoints(path, **STATED)
    assert [p.person for p in people] == TRACKS.get(sample, ["0", "1"])
    for index, person in enumerate(people):
        keypoints, visibility = samples.expected(layout, index)
        if sample in NO_SCORES:
            visibility = (visibility > 0).astype(float)
        assert (person.skeleton, person.fps) == (layout, 25)
        assert (person.width, person.height) == (samples.WIDTH, samples.HEIGHT)
        np.testing.assert_allclose(person.keypoints, keypoints, atol=1e-3)
        np.testing.assert_allclose(person.visibility, visibility, atol=1e-6)
    named = load_keypoints(path, format=name, **STATED)
    np.testing.assert_array_equal(named[0].keypoints, people[0].keypoints)


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_sample_is_of_one_format(tmp_path: Path, sample: str) -> None:
    name, write, _ = SAMPLES[sample]
    path = write(tmp_path / "clip")
    recognising = [n for n, entry in KEYPOINT_FORMATS.items() if entry.recognizes(path)]
    # Any archive with keypoints may be ours; the one that is known by more is tried before.
    assert recognising == [name, "npz"] if sample in WITH_KEYPOINTS else [name]


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(("missing", "flag"), [("fps", "--fps"), ("image_size", "--image-size")])
def test_what_a_file_does_not_say_is_asked_for(
    tmp_path: Path, sample: str, missing: str, flag: str
) -> None:
    path = SAMPLES[sample][1](tmp_path / "clip")
    stated = {key: value for key, value in STATED.items() if key != missing}
    if missing == "fps" and sample in STATES_RATE:
        assert load_keypoints(path, **stated)[0].fps == STATED["fps"]
        return
    with pytest.raises(AnatomyError, match=flag):
        load_keypoints(path, **stated)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_format_that_is_said_of_another_file_reads_or_refuses(
    tmp_path: Path, sample: str
) -> None:
    path = SAMPLES[sample][1](tmp_path / "clip")
    for name in KEYPOINT_FORMATS:
        try:
            people = load_keypoints(path, format=name, **STATED)
        except AnatomyError as error:
            assert str(tmp_path) in str(error)
        else:
            assert people


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.slow
@FUZZ
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, sample: str, data: Any) -> None:
    name, write, _ = SAMPLES[sample]
    path = tmp_path / "clip"
    if not path.exists():
        write(path)
        (tmp_path / "whole").write_bytes(_only_file(path).read_bytes())
    content = (tmp_path / "whole").read_bytes()
    start = data.draw(st.integers(0, len(content) - 1))
    stop = data.draw(st.integers(start, min(len(content), start + 60)))
    pieces = [b"", b"null", b"[]", b"{}", b"1e999", b"-1", b'"', b",", b"\n", b"\0", b"\xff", b"x"]
    piece = data.draw(st.sampled_from(pieces) | st.binary(max_size=6))
    _only_file(path).write_bytes(content[:start] + piece + content[stop:])
    for chosen in (name, None):
        try:
            people = load_keypoints(path, format=chosen, **STATED)
        except AnatomyError as error:
            assert str(tmp_path) in str(error)
        else:
            assert all(np.isfinite(p.filled().keypoints).all() for p in people)


def _only_file(path: Path) -> Path:
    return sorted(path.iterdir())[0] if path.is_dir() else path


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


JSON_SAMPLES = (
    *("alphapose", "coco", "mmpose", "mmpose demo", "mediapipe", "ultralytics", "json"),
    *("rtmlib json", "rtmlib pairs", "vitpose", "canvas", "coco annotations", "tracked people"),
    *("poseflow", "mediapipe flat", "ultralytics texts", "named points", "nested lists"),
)


@pytest.mark.parametrize("sample", JSON_SAMPLES)
@pytest.mark.slow
@FUZZ
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused(tmp_path: Path, sample: str, data: Any) -> None:
    name, write, _ = SAMPLES[sample]
    changed = _replaced(json.loads(write(tmp_path / "clip").read_text()), data)
    (tmp_path / "clip").write_text(json.dumps(changed))
    try:
        load_keypoints(tmp_path / "clip", format=name, **STATED)
    except AnatomyError as error:
        assert str(tmp_path) in str(error)


def _replaced(content: Any, data: Any) -> Any:
    """The same with some value, however deep, replaced."""
    if not isinstance(content, dict | list) or not content or data.draw(st.integers(0, 4)) == 0:
        return data.draw(VALUES)
    keys = sorted(content) if isinstance(content, dict) else range(len(content))
    key = data.draw(st.sampled_from(keys))
    copy = content.copy()
    copy[key] = _replaced(content[key], data)
    return copy


def edited(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def test_whole_bodies_begin_with_the_body(tmp_path: Path) -> None:
    entries = [
        {"image_id": f"{t}.jpg", "keypoints": [10 + t, 20, 0.5] * 136, "score": 1} for t in (0, 1)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(entries))
    assert load_keypoints(path, **STATED)[0].skeleton == HALPE_26
    for entry in entries:
        entry["keypoints"] = [10, 20, 0.5] * 133
    path.write_text(json.dumps(entries))
    (person,) = load_keypoints(path, **STATED)
    assert (person.skeleton, person.person) == (COCO_17, "0")


def test_flags_of_coco_are_seen_or_not(tmp_path: Path) -> None:
    values = np.column_stack([np.full((17, 2), 9.0), [0, 1, 2] + [2] * 14])
    path = tmp_path / "r.json"
    path.write_text(
        json.dumps([{"image_id": 1, "keypoints": values.ravel().tolist(), "score": 0.5}])
    )
    (person,) = load_keypoints(path, **STATED)
    assert person.visibility[0].tolist() == [0] + [1] * 16


def test_other_scales_of_scores(tmp_path: Path) -> None:
    alphapose = edited(samples.alphapose(tmp_path / "a"), "0.75", "75")
    with pytest.raises(
        AnatomyError,
        match=r"detection 0: expected scores in \[0, 1\] or peaks of at most 50, got 75",
    ):
        load_keypoints(alphapose, **STATED)
    # SimCC's peaks may be anything.
    mmpose = edited(samples.mmpose(tmp_path / "m"), "0.75", "7.5")
    people = load_keypoints(mmpose, **STATED)
    assert max(p.visibility.max() for p in people) == 1
    sleap = edited(samples.sleap(tmp_path / "s"), "0.75", "-7.5")
    assert load_keypoints(sleap, **STATED)[1].visibility[0, 0] == 0


def test_data_set_of_mmpose_names_the_layout(tmp_path: Path) -> None:
    path = edited(samples.mmpose_demo(tmp_path / "m"), '"coco"', '"h36m"')
    assert load_keypoints(path, **STATED)[0].skeleton == HUMAN36M_17
    edited(path, '"h36m"', '"ap10k"')
    with pytest.raises(AnatomyError, match="data set 'ap10k'; give their layout with --layout"):
        load_keypoints(path, **STATED)
    assert load_keypoints(path, skeleton="coco_17", **STATED)[0].skeleton == COCO_17


def test_a_track_twice_in_a_frame(tmp_path: Path) -> None:
    path = edited(samples.alphapose(tmp_path / "a"), "[4.0]", "[3.0]")
    people = load_keypoints(path, **STATED)
    assert [p.person for p in people] == ["0", "1"]
    note = "two people of one frame are named 3 (detection 1): people are followed by their places"
    assert [p.warnings for p in people] == [(note,)] * 2
    np.testing.assert_allclose(people[1].keypoints, samples.expected(HALPE_26, 1)[0])


@pytest.mark.parametrize(
    ("tail", "people"),
    [
        (lambda person: [], ["0", "1"]),
        (lambda person: [0.5 + 0.1 * person], ["0", "1"]),
        (lambda person: [person + 3], ["3", "4"]),
    ],
)
def test_last_numbers_of_ultralytics_text(tmp_path: Path, tail: Any, people: list[str]) -> None:
    path = samples.ultralytics_text(tmp_path / "labels", tail)
    assert [p.person for p in load_keypoints(path, **STATED)] == people


def test_older_landmarks_of_mediapipe(tmp_path: Path) -> None:
    mark = {"x": 0.5, "y": 0.25, "z": 0.0, "visibility": 0.75}
    path = tmp_path / "l.json"
    path.write_text(json.dumps([None, {"landmark": [mark] * 33}, {}]))
    (person,) = load_keypoints(path, **STATED)
    assert (person.visibility[:, 0]).tolist() == [0, 0.75, 0]
    assert person.keypoints[1, 5].tolist() == [320, 120]


def test_landmarks_of_mediapipe_of_which_one_has_no_score(tmp_path: Path) -> None:
    marks = [{"x": 0.5, "y": 0.25, "visibility": 0.75} for _ in range(33)]
    del marks[4]["visibility"]
    path = tmp_path / "l.json"
    path.write_text(json.dumps([{"landmarks": [marks]}] * 2))
    (person,) = load_keypoints(path, **STATED)
    assert person.visibility[0].tolist() == [0.75] * 4 + [0] + [0.75] * 28


@pytest.mark.parametrize("name", ["k.json", "k.csv"])
def test_flat_pairs_of_a_layout_of_ones_own(tmp_path: Path, name: str) -> None:
    chain = Skeleton("chain", tuple(f"joint_{n}" for n in range(10)), tuple(range(-1, 9)))
    pairs = (np.arange(20) * 10 + 100).tolist()
    path = tmp_path / name
    frames = [{"image_id": f"{frame}.jpg", "keypoints": pairs, "score": 1} for frame in range(3)]
    table = "".join(f'{frame},"{pairs}"\n' for frame in range(3))
    path.write_text(json.dumps(frames) if name == "k.json" else f"frame,keypoints\n{table}")
    (person,) = load_keypoints(path, skeleton=chain, **STATED)
    np.testing.assert_array_equal(person.keypoints, np.reshape([pairs] * 3, (3, 10, 2)))


def test_a_text_without_json_is_a_frame_without_people(tmp_path: Path) -> None:
    path = samples.ultralytics_texts(tmp_path / "u.json")
    texts = json.loads(path.read_text())
    path.write_text(json.dumps([texts[0], " \n", *texts[2:]]))
    for person in load_keypoints(path, **STATED):
        assert not person.visibility[1].any() and person.visibility[0].any()


def test_an_empty_folder_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    with pytest.raises(AnatomyError, match="an empty folder"):
        load_keypoints(tmp_path / "frames", **STATED)


def test_mmpose_without_a_data_set_is_a_body(tmp_path: Path) -> None:
    path = samples.mmpose_demo(tmp_path / "m.json")
    content = json.loads(path.read_text())
    for meta in ({}, {"dataset_name": None}, None):
        path.write_text(json.dumps(content | {"meta_info": meta}))
        assert load_keypoints(path, **STATED)[0].skeleton == COCO_17


def test_detectron2_lists_by_class_may_be_lists_and_have_another_layout(tmp_path: Path) -> None:
    places = np.arange(18.0)
    points = np.stack([places + 5, places + 150, np.full(18, 9), np.full(18, 0.5)])
    frames = np.empty(3, object)
    frames[:] = [[[], points[None]], [[], []], [[], points[None] + [[1], [0], [0], [0]]]]
    np.savez(tmp_path / "d.npz", boxes=np.zeros(3), keypoints=frames, metadata={})
    (person,) = load_keypoints(tmp_path / "d.npz", skeleton="coco_18", **STATED)
    assert person.skeleton.name == "coco_18"
    np.testing.assert_array_equal(person.keypoints[:, 2], [[7, 152], [np.nan, np.nan], [8, 152]])
    assert person.visibility[:, 2].tolist() == [0.5, 0, 0.5]


def test_one_animal_of_deeplabcut_with_names_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        "scorer,DLC,DLC,DLC,DLC,DLC,DLC\n"
        "bodyparts,Left-Hip,Left-Hip,Left-Hip,tail,tail,tail\n"
        "coords,x,y,likelihood,x,y,likelihood\n"
        "0,10,20,0.5,1,2,0.9\n1.0,12,20,,1,2,0.9\n2,14,20,1,1,2,0.9\n"
    )
    with pytest.raises(AnatomyError, match="say which with --layout"):
        load_keypoints(path, **STATED)
    (person,) = load_keypoints(path, skeleton="coco_17", **STATED)
    hip = COCO_17.index("left_hip")
    np.testing.assert_array_equal(person.keypoints[:, hip, 0], [10, np.nan, 14])
    assert np.isnan(np.delete(person.keypoints, hip, axis=1)).all()
    with pytest.raises(AnatomyError, match="names none of the joints of arm"):
        load_keypoints(path, skeleton=Skeleton("arm", ("wrist",), (-1,)), **STATED)


def test_hand_written_csv_needs_little(tmp_path: Path) -> None:
    columns = ",".join(f"{name}_x,{name}_y" for name in COCO_17.joint_names)
    path = tmp_path / "k.csv"
    cells = ",".join(["5,6"] * 17)
    path.write_text(f'# {{"fps": 10, "image_size": [64, 48]}}\nframe,{columns}\n3,{cells}\n')
    (person,) = load_keypoints(path)
    assert (person.fps, person.width, person.height) == (10, 64, 48)
    assert (person.visibility == 1).all()
    assert load_keypoints(path, fps=20)[0].fps == 20


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
@pytest.mark.parametrize("first", [0, 1, 30])
def test_keypoints_are_written_and_read(tmp_path: Path, suffix: str, first: int) -> None:
    written = [dataclasses.replace(one, first_frame=first) for one in samples.sequences()]
    # Who is like nobody in a file of a detector: named like a camera, in the place of another,
    # jumping, of fewer frames.
    base = written[0].filled().keypoints
    jump = np.where((np.arange(len(base)) < 2)[:, None, None], base, base + 250)
    jump[2:4] = np.nan
    more = {"keypoints": jump, "person": "cam1"}, {"keypoints": base, "person": "cam2"}
    written += [dataclasses.replace(written[0], **changes) for changes in more]
    part = {"keypoints": base[:3], "visibility": written[0].visibility[:3]}
    written.append(dataclasses.replace(written[0], person="short", **part))
    save_keypoints(tmp_path / f"k{suffix}", written)
    read = load_keypoints(tmp_path / f"k{suffix}")
    for one, other in zip(written, read, strict=True):
        np.testing.assert_allclose(other.keypoints, one.keypoints, atol=1e-4)
        np.testing.assert_allclose(other.visibility, one.visibility, atol=1e-4)
        facts = ("skeleton", "fps", "width", "height", "person", "first_frame")
        assert [getattr(other, f) for f in facts] == [getattr(one, f) for f in facts]


def test_frame_numbers_that_are_none(tmp_path: Path) -> None:
    path = edited(samples.coco(tmp_path / "r"), '"image_id": 75', '"image_id": 750000000')
    with pytest.raises(AnatomyError, match="7 frames are numbered over"):
        load_keypoints(path, **STATED)


@pytest.mark.parametrize("one_person", [False, True])
@pytest.mark.parametrize("kind", [np.float32, object])
def test_arrays_of_rtmlib_with_the_same_people_throughout(tmp_path, one_person, kind) -> None:
    values = samples.scene(HALPE_26, 1)[:, None]
    values[..., 2] *= 2
    values[2] = np.nan
    if one_person:
        values = values[:, 0]
    whole = np.concatenate([values, np.ones((*values.shape[:-2], 110, 3))], axis=-2)
    np.savez(
        tmp_path / "r.npz",
        keypoints=whole[..., :2].astype(kind),
        scores=whole[..., 2].astype(kind),
    )
    (person,) = load_keypoints(tmp_path / "r.npz", **STATED)
    assert person.skeleton == HALPE_26
    assert person.visibility[0].tolist() == [1] * 26
    np.testing.assert_allclose(person.keypoints[5], values.reshape(6, 26, 3)[5, :, :2])
    assert not person.visibility[2].any() and np.isnan(person.keypoints[2]).all()


def test_frames_of_rtmlib_without_people(tmp_path) -> None:
    person = [[5.0, 6.0]] * 17
    frames: list[Any] = [[[], []], [[], []], [[person], [[0.5] * 17]]]
    path = tmp_path / "r.json"
    path.write_text(json.dumps(frames))
    (found,) = load_keypoints(path, **STATED)
    assert found.visibility.any(axis=1).tolist() == [False, False, True]
    path.write_text(json.dumps([{"keypoints": k, "scores": s} for k, s in frames]))
    assert len(load_keypoints(path, **STATED)[0]) == 3
    path.write_text(json.dumps([[[person], [[0.5] * 16]]]))
    with pytest.raises(AnatomyError, match="frame 0: scores: expected a list of 1 x 17 numbers"):
        load_keypoints(path, **STATED)


def test_labels_of_vitpose_number_the_joints(tmp_path) -> None:
    path = edited(samples.vitpose(tmp_path / "v"), '"labels": [0, 1,', '"labels": [0, 40,')
    with pytest.raises(AnatomyError, match="expected labels from 0 to 16 for coco_17, each once"):
        load_keypoints(path, **STATED)
    empty = {"keypoints": [], "scores": [], "labels": [], "bbox": [1, 2, 3, 4]}
    seen = {"keypoints": [[5, 6]], "scores": [1.7], "labels": [3], "bbox": [1, 2, 3, 4]}
    path.write_text(json.dumps([[empty], [seen]]))
    (person,) = load_keypoints(path, **STATED)
    assert person.visibility.sum() == person.visibility[1, 3] == 1
    assert person.keypoints[1, 3].tolist() == [5, 6]


@pytest.mark.parametrize("name", ["", " "])
def test_several_people_of_a_table_need_names(name, tmp_path):
    one, other = samples.sequences()
    nameless = dataclasses.replace(one, person=name)
    with pytest.raises(AnatomyError, match=r"k\.csv: expected a name for each person, got \['"):
        save_keypoints(tmp_path / "k.csv", [nameless, other])
    save_keypoints(tmp_path / "k.csv", nameless)
    (read,) = load_keypoints(tmp_path / "k.csv")
    np.testing.assert_array_equal(read.points, nameless.points)


def test_facts_that_a_table_states_twice_are_refused(tmp_path):
    path = tmp_path / "k.csv"
    save_keypoints(path, samples.sequences())
    path.write_text(path.read_text().replace("# {", '# {"fps": 999, ', 1))
    with pytest.raises(AnatomyError, match=r"after # .*the key 'fps' is twice in one object"):
        load_keypoints(path)
