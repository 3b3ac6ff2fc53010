"""MPI-INF-3DHP's archives, written here in their exact layouts, as views."""

import os

import mpi_inf_3dhp_files as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf import data
from anatomy_tf.cameras import denormalize_screen, project
from anatomy_tf.data.datasets.mpi_inf_3dhp_archives import load_test_archive, load_train_archive
from anatomy_tf.data.datasets.projection_check import fitted_intrinsics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import evaluate_mpi_inf_3dhp
from anatomy_tf.skeletons import MPI_INF_3DHP_17


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("3dhp")
    files.write_train(directory)
    files.write_test(directory)
    return directory


def test_training_views_are_metres_at_25_frames_a_second(folder):
    views = load_train_archive(folder / "data_train_3dhp.npz", ("S1", "S3"))
    assert [(v.subject, v.clip, v.camera) for v in views] == [
        (s, q, c) for s in ("S1", "S3") for q in ("Seq1", "Seq2") for c in files.TRAIN_CAMERAS
    ]
    assert all(v.skeleton == MPI_INF_3DHP_17 and v.fps == 25 and v.valid is None for v in views)
    by_name = {(v.subject, v.clip, v.camera): v for v in views}
    slow, fast = by_name["S1", "Seq1", "4"], by_name["S3", "Seq2", "4"]
    np.testing.assert_allclose(slow.positions, files.motion("S1 Seq1 4", 5) / 1000, rtol=1e-6)
    # 50 frames a second: every second one.
    np.testing.assert_allclose(fast.positions, files.motion("S3 Seq2 4", 5)[::2] / 1000, rtol=1e-6)
    pixels = files.view("S3 Seq2 4", 5)["data_2d"][::2]
    np.testing.assert_allclose(denormalize_screen(fast.keypoints, 2048, 2048), pixels, atol=1e-3)


def test_the_cameras_are_found_again(folder):
    for view in load_train_archive(folder / "data_train_3dhp.npz", ("S2",)):
        lens = files.lens(f"S2 {view.clip} {view.camera}")
        expected = [*(lens[:2] / 1024), *(lens[2:4] / 1024 - 1), *np.zeros(5)]
        np.testing.assert_allclose(view.intrinsics, expected, atol=1e-4)
        np.testing.assert_allclose(
            project(view.positions, view.intrinsics), view.keypoints, atol=1e-4
        )


def test_test_views_know_their_valid_frames_and_image_size(folder):
    views = load_test_archive(folder / "data_test_3dhp.npz")
    assert [v.subject for v in views] == list(files.TEST_FRAMES)
    for view in views:
        assert view.clip == view.subject and len(view.positions) == files.TEST_FRAMES[view.clip]
        np.testing.assert_array_equal(view.valid, files.valid(view.clip) == 1)
        np.testing.assert_allclose(
            denormalize_screen(view.keypoints, *files.TEST_SIZES[view.clip]),
            files.view(view.clip, len(view.positions))["data_2d"],
            atol=1e-3,
        )


def test_frames_that_are_not_valid_may_lack_their_pose(tmp_path):
    content = files.test_set()
    content["TS2"]["data_3d"][1] = np.nan
    view = load_test_archive(files.write_test(tmp_path, content), ("TS2",))[0]
    assert not view.valid[1] and (view.positions[1] == 0).all()
    content["TS2"]["data_3d"][2] = np.nan
    with pytest.raises(AnatomyError, match="TS2: frame 2 of data_3d"):
        load_test_archive(files.write_test(tmp_path, content), ("TS2",))


def test_by_name_with_the_official_split(folder):
    test = data.load("mpi_inf_3dhp", folder, split="test")
    assert test.subjects == tuple(files.TEST_FRAMES) and test.valid is not None
    train = data.load("mpi_inf_3dhp/universal", folder, split="train")
    assert sorted(set(train.subjects)) == [f"S{n}" for n in range(1, 9)]
    assert len(train) == 16 * 8 and train.valid is None
    with pytest.raises(AnatomyError, match="mpi_inf_3dhp/annot3: the archives have the universal"):
        data.load("mpi_inf_3dhp/annot3", folder)


class Hostile:
    def __reduce__(self):
        return (os.system, ("touch /tmp/anatomy-tf-was-here",))


def _swapped(view):
    return view | {"data_3d": view["data_3d"][..., [0, 2, 1]]}


def _nan(array):
    array = array.copy()
    array[0, 0, 0] = np.nan
    return array


def _in_camera(change):
    """A training set whose first camera is changed."""

    def changed(content):
        cameras = content["S1 Seq1"][0]
        cameras["0"] = change(cameras["0"])
        return content

    return changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {k: v for k, v in c.items() if k[:2] != "S1"}, "expected sequences of S1, got"),
        (lambda c: c | {"S1 Seq1": c["S1 Seq1"][0]}, r"S1 Seq1: expected \[cameras, frames"),
        (lambda c: c | {"S1 Seq1": np.array(3)}, r"S1 Seq1: expected \[cameras, frames"),
        (lambda c: c | {"S1 Seq1": [c["S1 Seq1"][0], 30]}, "expected 25 or 50 .* got 30"),
        (lambda c: c | {"S1 Seq1": [c["S1 Seq1"][0], "x"]}, "expected 25 or 50 .* got x"),
        (_in_camera(lambda v: {"data_2d": v["data_2d"]}), "camera 0: expected an array 'data_3d'"),
        (_in_camera(lambda v: v | {"data_2d": _nan(v["data_2d"])}), "frame 0 of data_2d has a NaN"),
        (_in_camera(lambda v: v | {"data_2d": v["data_2d"][:3]}), "as many frames .* 3 and 5"),
        (
            _in_camera(lambda v: v | {"data_3d": v["data_3d"].transpose(1, 0, 2)}),
            r"data_3d \(frames, 17, 3\), got \(17, 5, 3\)",
        ),
        (_in_camera(lambda v: v | {"data_3d": -v["data_3d"]}), "in front of the camera"),
        (
            _in_camera(lambda v: v | {"data_3d": v["data_3d"] * [-1, 1, 1]}),
            "no camera projects the 3D positions to the 2D",
        ),
        (_in_camera(_swapped), "camera 0: "),
        (
            _in_camera(lambda v: v | {"data_3d": v["data_3d"] / 1000}),
            "expected a body of 0.05 to 5 metres, got 0.00",
        ),
        (lambda _: Hostile(), rf"data_train_3dhp\.npz: .*refused.*{os.name}\.system"),
        (lambda _: np.zeros(3), "expected the dict 'data', got ndarray"),
    ],
)
def test_wrong_training_archives_are_one_line(tmp_path, change, message):
    path = files.write_train(tmp_path, change(files.train_data()))
    with pytest.raises(AnatomyError, match=message) as caught:
        load_train_archive(path, ("S1",))
    assert "data_train_3dhp.npz" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v | {"valid": v["valid"][1:]}, "expected 6 numbers 0 or 1 in 'valid'"),
        (lambda v: v | {"valid": v["valid"] + 1}, "numbers 0 or 1"),
        (lambda v: v | {"valid": 0 * v["valid"]}, "at least one valid frame"),
        (lambda v: {k: v[k] for k in ("data_2d", "data_3d")}, "numbers 0 or 1 in 'valid'"),
        (lambda v: v | {"valid": [[1, 0], [1]]}, "valid: expected an array of numbers"),
        (lambda v: v | {"data_3d": v["data_3d"][:5]}, "TS5: expected 6 frames of data_3d, got 5"),
        (lambda _: None, "TS5: expected an array 'data_2d'"),
    ],
)
def test_wrong_test_archives_are_one_line(tmp_path, change, message):
    content = files.test_set()
    content["TS5"] = change(content["TS5"])
    path = files.write_test(tmp_path, content)
    with pytest.raises(AnatomyError, match=message):
        load_test_archive(path, ("TS5",))
    assert len(load_test_archive(path, ("TS1",))) == 1
    with pytest.raises(AnatomyError, match="expected the test sequence TS9"):
        load_test_archive(path, ("TS9",))


def test_a_camera_fitted_by_hand():
    """x/z of 0 and 1/2 seen at 0.1 and 1.1: focal length 2, centre 0.1."""
    points = np.array([[0.0, 0, 2], [1, 1, 2], [2, -4, 4]])
    seen = np.array([[0.1, -0.2], [1.1, 0.3], [1.1, -1.2]])
    np.testing.assert_allclose(
        fitted_intrinsics(points, seen, "here"), [2, 1, 0.1, -0.2, 0, 0, 0, 0, 0], atol=1e-6
    )
    with pytest.raises(AnatomyError, match="here: no camera"):
        fitted_intrinsics(points[:1], seen[:1], "here")


def test_from_the_archive_to_the_protocols_table(folder):
    """Perfect predictions: every joint of every valid frame within all but the first threshold."""
    store = data.load("mpi_inf_3dhp", folder, split="test")
    truth = [store.positions[a:b] for a, b in zip(store.offsets, store.offsets[1:], strict=False)]
    report = evaluate_mpi_inf_3dhp(truth, store)
    valid = {name: int(files.valid(name).sum()) for name in files.TEST_FRAMES}
    assert {name: scores.frames for name, scores in report.sequences.items()} == valid
    assert report.total["pck"] == 100 and report.total["mpjpe"] == 0
    assert report.total["auc"] == pytest.approx(100 * 30 / 31)
    assert "incomplete" not in report.conditions


@pytest.mark.slow
def test_training_batches_of_an_archive(folder):
    store = data.load("mpi_inf_3dhp", folder, split="test")
    batches = data.Batches(store, receptive_field=3, sampled_frames=2, batch_size=4)
    assert batches.window_count == 2 * store.valid.sum()
    inputs, targets = batches.batch(0, 0)
    assert inputs["keypoints"].shape == (4, 3, 17, 2) and targets["positions"].shape == (4, 17, 3)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_archives_load_or_are_refused(folder, tmp_path, data):
    content = bytearray((folder / "data_test_3dhp.npz").read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    (tmp_path / "data_test_3dhp.npz").write_bytes(content)
    try:
        views = load_test_archive(tmp_path / "data_test_3dhp.npz")
    except AnatomyError as error:
        assert "\n" not in str(error)
    else:
        assert len(views) == 6
