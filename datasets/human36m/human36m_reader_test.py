"""Human3.6M's official files: numbers, and files that are not as they should be."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("cdflib")

from anatomy_tf.cameras import project
from anatomy_tf.data import View
from anatomy_tf.data.datasets.projection_check import projection_distance
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion.human36m_metadata import (
    canonical_clip,
    clip_action,
    load_human36m_metadata,
)
from anatomy_tf_datasets.human36m import make_dummy_data
from anatomy_tf_datasets.human36m.human36m_reader import (
    VARIANTS,
    Human36mRecordings,
    read_positions,
)

DUMMY = Path(__file__).parent / "dummy_data"


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the dummy data to break."""
    shutil.copytree(DUMMY, tmp_path / "h36m")
    return tmp_path / "h36m"


def first_clip(folder, variant="cpn"):
    return Human36mRecordings(folder, variant).clips()[0]


def test_the_script_writes_the_dummy_data_that_is_here(tmp_path):
    make_dummy_data.main(tmp_path)
    names = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    assert names == sorted(path.relative_to(DUMMY) for path in DUMMY.rglob("*"))
    for name in ("metadata.xml", "score.pkl"):
        assert (tmp_path / name).read_bytes() == (DUMMY / name).read_bytes()


def test_everyone_is_in_the_papers_split_and_the_damaged_clip_in_none():
    clips = Human36mRecordings(DUMMY, "ground_truth").clips()
    splits = {clip.subject: clip.split for clip in clips}
    assert splits == dict.fromkeys(("S1", "S5", "S6", "S7", "S8"), "train") | {
        "S9": "test",
        "S11": "test",
    }
    assert "S11/Directions" not in [clip.key for clip in clips]
    assert (DUMMY / "S11/MyPoseFeatures/D3_Positions/Directions.cdf").is_file()


def test_euler_angles_hand_worked():
    # Rx(90) Ry(0) Rz(0) takes the world's z (up) to the camera's -y (y is down).
    camera = load_human36m_metadata(DUMMY / "metadata.xml").cameras["S1"][0]
    text = (DUMMY / "metadata.xml").read_text(encoding="utf-8")
    up = camera.rotation @ [0, 0, 1]
    assert up[1] < -0.9
    angles = [float(word) for word in text.split("<w0>[")[1].split()[:3]]
    x, y, z = angles
    # The third row of Rx Ry Rz, written out: where the camera looks.
    forward = [
        np.sin(x) * np.sin(z) - np.cos(x) * np.sin(y) * np.cos(z),
        np.sin(x) * np.cos(z) + np.cos(x) * np.sin(y) * np.sin(z),
        np.cos(x) * np.cos(y),
    ]
    np.testing.assert_allclose(camera.rotation[2], forward, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "clip", "action"),
    [
        ("WalkingDog 1", "WalkDog 1", "WalkDog"),
        ("TakingPhoto", "Photo", "Photo"),
        ("Walking 2", "Walking 2", "Walking"),
        ("SittingDown 1", "SittingDown 1", "SittingDown"),
    ],
)
def test_clips_are_named_as_in_papers(name, clip, action):
    assert (canonical_clip(name), clip_action(name)) == (clip, action)


def test_ground_truth_projects_to_its_keypoints_and_is_all_visible():
    for key, example in first_clip(DUMMY, "ground_truth").examples():
        projected = project(example["positions"], example["intrinsics"])
        np.testing.assert_allclose(projected, example["keypoints"], atol=1e-5)
        assert (example["visibility"] == 1).all()
        assert key.startswith("S1/Directions 1/")


def test_millimetres_become_metres_and_32_joints_17():
    import cdflib

    path = DUMMY / "S1/MyPoseFeatures/D3_Positions/Directions 1.cdf"
    pose = cdflib.CDF(path).varget("Pose")
    positions = read_positions(path)
    assert positions.shape == (pose.shape[1], 17, 3)
    # Joint 14 of the file's 32 is the neck, 9 of 17.
    np.testing.assert_allclose(positions[2, 9], pose[0, 2, 42:45] / 1000, rtol=1e-6)


def test_detections_are_cut_and_the_missing_last_score_repeated():
    clip = first_clip(DUMMY)
    examples = dict(clip.examples())
    frames = {len(example["positions"]) for example in examples.values()}
    assert len(frames) == 1
    with (DUMMY / "score.pkl").open("rb") as file:
        scores = pickle.load(file)
    assert len(scores["S1_Directions 1.2"]) == frames.pop() - 1
    visibility = examples["S1/Directions 1/58860488"]["visibility"]
    np.testing.assert_array_equal(visibility[:-1], scores["S1_Directions 1.2"])
    np.testing.assert_array_equal(visibility[-1], visibility[-2])
    for example in examples.values():
        keypoints, exact = (
            example["keypoints"],
            project(example["positions"], example["intrinsics"]),
        )
        assert 0 < np.abs(keypoints - exact).mean() < 0.02


def test_without_scores_every_joint_counts_as_visible(folder):
    (folder / "score.pkl").unlink()
    assert all((e["visibility"] == 1).all() for _, e in first_clip(folder).examples())


def test_missing_and_empty_files_are_all_named(folder):
    positions = folder / "S5/MyPoseFeatures/D3_Positions"
    (positions / "WalkingDog.cdf").unlink()
    (positions / "Directions 1.cdf").write_bytes(b"")
    (folder / VARIANTS["cpn"]).unlink()
    assert Human36mRecordings(folder, "cpn").missing() == [
        f"{folder / VARIANTS['cpn']}: missing",
        f"{positions / 'Directions 1.cdf'}: empty",
        f"{positions / 'WalkingDog.cdf'}: missing",
    ]
    (folder / "metadata.xml").unlink()
    assert f"{folder / 'metadata.xml'}: missing" in Human36mRecordings(folder, "cpn").missing()


def rewrite_positions(folder, change):
    path = first_clip(folder).positions_file
    positions = change(read_positions(path))
    make_dummy_data._write_cdf(path, positions)


def with_nan(positions):
    positions[1, 3, 2] = np.nan
    return positions


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_nan, "a position of frame 1 is NaN"),
        (lambda p: p[..., [1, 2, 0]], "the 3D positions are projected .* from the 2D keypoints"),
        (lambda p: p * 1000, "camera .* does not have the person in its picture"),
        (lambda p: np.concatenate([p, p]), "expected the 8 frames of the 3D positions, got 4"),
        (
            lambda p: p + np.array([2, 0, 0]),
            "the 3D positions are projected .* from the 2D keypoints",
        ),
    ],
)
def test_wrong_positions_are_refused(folder, change, message):
    rewrite_positions(folder, change)
    with pytest.raises(AnatomyError, match=message) as caught:
        first_clip(folder).examples()
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_a_cdf_that_is_cut_off_anywhere_is_refused(folder):
    path = first_clip(folder).positions_file
    whole = path.read_bytes()
    for length in range(1, len(whole), 41):
        path.write_bytes(whole[:length])
        with pytest.raises(AnatomyError, match=r"Directions 1\.cdf: "):
            read_positions(path)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_cdf_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cdf") / "a.cdf"
    whole = bytearray((DUMMY / "S1/MyPoseFeatures/D3_Positions/Directions 1.cdf").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    try:
        assert np.isfinite(read_positions(path)).all()
    except AnatomyError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<w0>[", "<w1>[", "not a readable XML"),
        ("</metadata>", "", "not a readable XML"),
        ("<?xml", "<!DOCTYPE a [<!ENTITY a 'b'>]><?xml", "declares a document type"),
        ("54138969", "54138960", "expected the cameras 54138969"),
        ("<td>S9</td>", "<td>S19</td>", "the people S1 to S11"),
        ("WalkingDog", "_ALL", None),
        ("1145", "nan", "expected 300 finite numbers in w0"),
        ("1145 ", "", "expected 300 finite numbers in w0"),
        ("1145 ", "-1145 ", "focal lengths must be positive"),
        ("1145 ", "x ", "w0 is no list of numbers"),
    ],
)
def test_broken_metadata_is_refused(folder, old, new, message):
    path = folder / "metadata.xml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    if message is None:
        assert load_human36m_metadata(path).clips["S1"] == ("Directions 1",)
        return
    with pytest.raises(AnatomyError, match=message) as caught:
        load_human36m_metadata(path)
    assert "\n" not in str(caught.value)


def test_a_clip_whose_name_leaves_the_folder_is_no_clip(folder):
    path = folder / "metadata.xml"
    text = path.read_text(encoding="utf-8").replace("WalkingDog", "WalkDog ../../../etc")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnatomyError, match="is no name of a clip"):
        load_human36m_metadata(path)


class Hostile:
    def __reduce__(self):
        return (print, ("run",))


def test_hostile_pickles_are_refused_with_the_name_they_use(folder, capsys):
    (folder / "score.pkl").write_bytes(pickle.dumps({"S1": Hostile()}))
    with pytest.raises(AnatomyError, match="print"):
        first_clip(folder).examples()
    (folder / "score.pkl").unlink()
    np.savez(folder / VARIANTS["cpn"], positions_2d=np.array({"S1": Hostile()}, object))
    with pytest.raises(AnatomyError, match="print"):
        first_clip(folder).examples()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "expected positions_2d, a dict"),
        ({"S1": {}}, "S1/Directions 1, camera 54138969: expected keypoints, got none"),
        ({"S1": {"Directions 1": [np.zeros((4, 16, 2))]}}, r"\(T, 17, 2\), got \(4, 16, 2\)"),
        ({"S1": {"Directions 1": [np.full((4, 17, 2), np.nan)]}}, "NaN or infinite"),
        ({"S1": {"Directions 1": [[[1, 2], [3]]]}}, "camera 54138969: expected an array of numb"),
        (
            {"S1": {"Directions 1": [np.zeros((4, 17, 2), int)] * 4}},
            "the 3D positions are projected",
        ),
        ({"S1": {"Directions 1": [np.zeros((3, 17, 2))]}}, "expected the 4 frames .* got 3"),
    ],
)
def test_wrong_detections_are_refused(folder, content, message):
    np.savez(folder / VARIANTS["cpn"], positions_2d=np.array(content, object))
    with pytest.raises(AnatomyError, match=message):
        first_clip(folder).examples()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected a dict of scores, got list"),
        ({}, "S1_Directions 1.0: expected scores, got none"),
        ({"S1_Directions 1.0": np.ones((2, 17))}, "expected scores of 4 frames"),
        ({"S1_Directions 1.0": np.ones((4, 16))}, "expected scores of 4 frames"),
        ({"S1_Directions 1.0": [[1, 2], [3]]}, "Directions 1.0: expected an array of numbers"),
        ({"S1_Directions 1.0": 3}, r"expected scores of 4 frames and 17 joints, got \(\)"),
        ({"S1_Directions 1.0": np.full((4, 17), np.inf)}, "NaN or infinite"),
    ],
)
def test_wrong_scores_are_refused(folder, content, message):
    (folder / "score.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(AnatomyError, match=message):
        first_clip(folder).examples()


def test_examples_are_views(folder):
    _, example = first_clip(folder).examples()[0]
    view = View(skeleton=Human36mRecordings.skeleton, **example)
    assert (view.subject, view.action, view.clip, view.camera) == (
        "S1",
        "Directions",
        "Directions 1",
        "54138969",
    )
    assert view.fps == 50 and projection_distance(view) < 0.02


def test_a_file_that_is_compressed_as_a_whole_reads_alike(tmp_path):
    import cdflib.cdfwrite

    source = DUMMY / "S1/MyPoseFeatures/D3_Positions/Directions 1.cdf"
    pose = cdflib.CDF(source).varget("Pose")
    path = tmp_path / "whole.cdf"
    file = cdflib.cdfwrite.CDF(path, cdf_spec={"Compressed": 6})
    specification = {
        "Variable": "Pose",
        "Data_Type": make_dummy_data.CDF_FLOAT,
        "Num_Elements": 1,
        "Rec_Vary": True,
        "Dim_Sizes": list(pose.shape[1:]),
    }
    file.write_var(specification, var_data=pose)
    file.close()
    np.testing.assert_array_equal(read_positions(path), read_positions(source))
