"""The CMU database's files as views, and folders that are not as they should be."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.cameras import project
from anatomy_tf.errors import AnatomyError
from anatomy_tf_datasets.cmu_mocap.cmu_mocap_reader import CmuRecordings

DUMMY = Path(__file__).parent / "dummy_data"


def test_people_are_in_their_splits():
    clips = CmuRecordings(DUMMY, "simulated").clips()
    assert {clip.key: clip.split for clip in clips} == {
        "cmu_01/01_01": "train",
        "cmu_08/08_03": "validation",
        "cmu_02/02_02": "test",
        "cmu_02/02_05": "test",
    }
    assert CmuRecordings(DUMMY, "simulated").missing() == []


def test_four_cameras_see_a_clip_at_50_frames_a_second():
    exact = CmuRecordings(DUMMY, "ground_truth").clips()[0].examples()
    simulated = CmuRecordings(DUMMY, "simulated").clips()[0].examples()
    assert [key for key, _ in exact] == [f"cmu_01/01_01/{camera}" for camera in range(4)]
    for (_, example), (_, detected) in zip(exact, simulated, strict=True):
        # 13 frames at 120 are a tenth of a second, 6 frames at 50.
        assert example["keypoints"].shape == (6, 17, 2) and example["fps"] == 50
        projected = project(example["positions"], example["intrinsics"])
        np.testing.assert_allclose(projected, example["keypoints"], atol=1e-4)
        assert (example["visibility"] == 1).all() and (detected["visibility"] < 1).any()
        np.testing.assert_array_equal(example["positions"], detected["positions"])
        assert np.abs(example["keypoints"] - detected["keypoints"]).max() > 0


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DUMMY, tmp_path / "cmu")
    return tmp_path / "cmu"


def test_missing_files_are_named(folder):
    (folder / "subjects/02/02.asf").unlink()
    (folder / "subjects/01/01_01.amc").write_text("")
    missing = CmuRecordings(folder, "simulated").missing()
    assert missing == [
        f"{folder / 'subjects/01/01_01.amc'}: empty",
        f"{folder / 'subjects/02/02.asf'}: missing",
    ]
    assert CmuRecordings(folder / "no", "simulated").missing() == [
        f"{folder / 'no'}: expected a folder"
    ]
    (folder / "none").mkdir()
    assert "got none" in CmuRecordings(folder / "none", "simulated").missing()[0]


def test_strange_names_and_bodies_are_refused(folder):
    shutil.copy(folder / "subjects/01/01_01.amc", folder / "01_01.amc")
    with pytest.raises(AnatomyError, match="the motion cmu_01/01_01 is there twice"):
        CmuRecordings(folder, "simulated").clips()
    (folder / "01_01.amc").rename(folder / "walk.amc")
    with pytest.raises(AnatomyError, match=r"walk\.amc: expected a name such as 07_05\.amc"):
        CmuRecordings(folder, "simulated").clips()
    (folder / "walk.amc").unlink()
    body = folder / "subjects/01/01.asf"
    body.write_text(body.read_text().replace("lthumb", "lpinky"))
    motion = folder / "subjects/01/01_01.amc"
    motion.write_text(motion.read_text().replace("lthumb", "lpinky"))
    with pytest.raises(AnatomyError, match=r"01\.asf: expected the bones of the CMU database"):
        CmuRecordings(folder, "simulated").clips()[0].examples()
