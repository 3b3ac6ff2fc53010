"""MPI-INF-3DHP's official files: numbers, and files that are not as they should be."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("h5py")

import h5py

from anatomy_tf.cameras import project
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion import matlab
from anatomy_tf_datasets.mpi_inf_3dhp.make_dummy_data import FOCAL, UNIVERSAL
from anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader import (
    TEST,
    TRAINING,
    MpiInf3dhpRecordings,
    read_calibration,
)

pytestmark = pytest.mark.slow

DUMMY = Path(__file__).parent / "dummy_data"


def clips(folder=DUMMY, variant="universal"):
    """Return all clips, which may be shorter than the real ones."""
    found = MpiInf3dhpRecordings(folder, variant).clips()
    return {clip.key: dataclasses.replace(clip, frames=2) for clip in found}


@pytest.fixture
def read_here(monkeypatch):
    """MATLAB files are read in this process, which takes less time than one for each."""

    def here(parser, path, *names, expected):
        return parser(str(path), *names)

    monkeypatch.setattr(matlab, "read_apart", here)


@pytest.fixture
def folder(tmp_path):
    """Return a copy of a training and a test sequence to break."""
    for name in ("S1/Seq1", "TS5"):
        shutil.copytree(DUMMY / name, tmp_path / name)
    return tmp_path


def test_people_and_sequences_are_in_their_splits():
    splits = {clip.key: clip.split for clip in clips().values()}
    assert len(splits) == 22
    assert all((split == "test") == key.startswith("TS") for key, split in splits.items())
    assert MpiInf3dhpRecordings(DUMMY, "universal").missing() == []


def test_a_training_sequence_has_the_eight_cameras_of_the_paper():
    found = dict(clips(variant="measured")["S3/Seq1"].examples())
    assert sorted(found) == [f"S3/Seq1/{camera}" for camera in (0, 1, 2, 4, 5, 6, 7, 8)]
    for example in found.values():
        projected = project(example["positions"], example["intrinsics"])
        np.testing.assert_allclose(projected, example["keypoints"], atol=1e-4)
        np.testing.assert_allclose(example["intrinsics"][0], FOCAL * 2 / 2048, rtol=1e-5)
        assert example["fps"] == TRAINING["S3", 1][1] == 50
        assert not example["activity"].any()


@pytest.mark.usefixtures("read_here")
def test_universal_bodies_are_the_other_annotation():
    universal = clips()["TS5"].examples()[0][1]
    measured = clips(variant="measured")["TS5"].examples()[0][1]
    np.testing.assert_allclose(universal["positions"], measured["positions"] * UNIVERSAL, rtol=1e-5)
    np.testing.assert_array_equal(universal["keypoints"], measured["keypoints"])


def test_a_test_sequence_has_validity_activities_and_a_fitted_camera():
    _, example = clips()["TS5"].examples()[0]
    assert example["valid"].tolist() == [True, False, True, True]
    assert example["activity"].tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(example["intrinsics"][0], FOCAL * 2 / 1920, rtol=1e-3)
    np.testing.assert_allclose(example["intrinsics"][4:], 0)


def test_frames_that_are_not_valid_may_hold_anything(folder):
    with h5py.File(folder / "TS5/annot_data.mat", "r+") as file:
        file["annot3"][1] = np.nan
        file["univ_annot3"][1] = np.inf
    _, example = clips(folder)["TS5"].examples()[0]
    assert np.isfinite(example["positions"]).all()


def test_missing_files_are_all_named(folder):
    missing = MpiInf3dhpRecordings(folder, "universal").missing()
    assert len(missing) == 2 * (len(TRAINING) - 1) + len(TEST) - 1
    assert f"{folder / 'S8/Seq2/camera.calibration'}: missing" in missing


@pytest.mark.usefixtures("read_here")
def test_a_short_sequence_is_named():
    with pytest.raises(AnatomyError, match="expected the 6416 frames of S1/Seq1, got 2"):
        MpiInf3dhpRecordings(DUMMY, "universal").clips()[0].examples()
    with pytest.raises(AnatomyError, match="expected the 492 frames of TS6, got 5"):
        MpiInf3dhpRecordings(DUMMY, "universal").clips()[-1].examples()


def change_mat(folder, change):
    path = folder / "S1/Seq1/annot.mat"
    content = {k: v for k, v in scipy.io.loadmat(path).items() if not k.startswith("__")}
    change(content)
    scipy.io.savemat(path, content)


def more_cells(content):
    content["annot2"] = np.hstack([content["annot2"]] * 2)


def swap_axes(content):
    cells = content["annot3"]
    for row in cells:
        row[0] = row[0].reshape(-1, 28, 3)[..., [0, 2, 1]].reshape(-1, 84)


def put_nan(content):
    content["univ_annot3"][4, 0][1, 9 * 3] = np.nan


def shorten(content):
    content["annot2"][4, 0] = content["annot2"][4, 0][:1]


def narrow(content):
    content["annot2"][4, 0] = content["annot2"][4, 0][:, :50]


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (swap_axes, "camera 0: the 3D positions are projected"),
        (put_nan, "camera 4: univ_annot3: frame 1 has a NaN"),
        (shorten, "camera 4: expected the 2 frames of S1/Seq1, got 1"),
        (narrow, r"camera 4: expected annot2 of shape \(frames, 56\), got \(2, 50\)"),
        (lambda c: c.pop("univ_annot3"), "expected univ_annot3, which are not there"),
        (lambda c: c.update(annot2=np.zeros((14, 1))), "expected annot2 of 14 cells"),
        (more_cells, r"expected annot2 of 14 cells, one a camera, got \(14, 2\)"),
        (lambda c: c.update(cameras=np.full(14, np.nan)), "cameras to be whole numbers, got float"),
        (lambda c: c.update(cameras=np.arange(100, 114)), "expected annot2 of camera 0, got none"),
    ],
)
def test_wrong_training_files_are_refused(folder, change, message):
    change_mat(folder, change)
    with pytest.raises(AnatomyError, match=message) as caught:
        clips(folder)["S1/Seq1"].examples()
    assert str(folder / "S1/Seq1/annot.mat") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_of_the_other_matlab_version_are_refused(folder):
    training, test = folder / "S1/Seq1/annot.mat", folder / "TS5/annot_data.mat"
    whole = training.read_bytes()
    shutil.copy(test, training)
    with pytest.raises(AnatomyError, match=r"expected MATLAB v5 to v7, got v7\.3 \(HDF5\)"):
        clips(folder)["S1/Seq1"].examples()
    test.write_bytes(whole)
    with pytest.raises(AnatomyError, match=r"expected a MATLAB v7\.3 \(HDF5\) file, got none"):
        clips(folder)["TS5"].examples()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("annot3", np.zeros((3, 17, 1, 4)), r"annot3 of shape \(4, 1, 17, 3\).* axes swapped"),
        ("valid_frame", np.zeros((4, 1)), "at least one valid frame, got none"),
        ("activity_annotation", np.full((4, 1), 9.0), "expected activities 0 to 7, got 9"),
        ("activity_annotation", np.full((4, 1), 0.5), r"expected activities 0 to 7, got 0\.5"),
        ("annot2", np.full((4, 1, 17, 2), np.nan), "annot2, valid frames: frame 0 has a NaN"),
        ("annot3", np.full((4, 1, 17, 3), -1.0), "in front of the camera"),
        ("univ_annot3", None, "expected univ_annot3, which are not there"),
        ("valid_frame", 1.0, "expected valid_frame to be an array of numbers"),
    ],
)
def test_wrong_test_files_are_refused(folder, name, value, message):
    path = folder / "TS5/annot_data.mat"
    with h5py.File(path, "r+") as file:
        del file[name]
        if value is not None:
            file[name] = value
    with pytest.raises(AnatomyError, match=message) as caught:
        clips(folder)["TS5"].examples()
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Skeletool", "Blender", "expected a Skeletool Camera Calibration File"),
        ("name 3", "name three", "camera three: expected 16 numbers"),
        ("1497.69 0", "0", "camera 0: expected 16 numbers of intrinsics, got 15"),
        ("1497.69", "nan", "are no camera's"),
        ("name", "title", "camera None"),
        ("intrinsic", "lens", "expected cameras, got none"),
    ],
)
def test_broken_calibrations_are_refused(folder, old, new, message):
    path = folder / "S1/Seq1/camera.calibration"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(AnatomyError, match=message):
        read_calibration(path)


@pytest.mark.parametrize("key", ["S1/Seq1", "TS5"])
# The same files every time: one that crashes SciPy costs the start of another process.
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, key, data):
    folder = tmp_path_factory.mktemp("3dhp")
    shutil.copytree(DUMMY / key, folder / key)
    path = clips(folder)[key].files[0]
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole))) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    try:
        examples = clips(folder)[key].examples()
    except AnatomyError as error:
        assert "\n" not in str(error)
    else:
        assert all(np.isfinite(example["positions"]).all() for _, example in examples)
    shutil.rmtree(folder)
