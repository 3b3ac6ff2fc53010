import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import save_poses
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

NOSE, WRIST = COCO_17.index("nose"), COCO_17.index("left_wrist")


@pytest.fixture
def keypoints() -> KeypointSequence:
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 500, (6, 17, 2)).astype(np.float32)
    places[2] = np.nan
    places[3, WRIST] = np.nan
    scores = rng.uniform(0.1, 1, (6, 17))
    return KeypointSequence(places, scores, COCO_17, 20, 640, 480, person="7", first_frame=40)


@pytest.fixture
def poses() -> PoseSequence:
    positions = np.random.default_rng(1).normal(size=(6, 17, 3)).astype(np.float32)
    positions -= positions[:, :1]
    seen = np.array([True, True, False, True, True, True])
    return PoseSequence(positions, HUMAN36M_17, 20, person="7", seen=seen, first_frame=40)


def test_keypoints_as_a_data_frame(keypoints: KeypointSequence) -> None:
    pandas = pytest.importorskip("pandas", reason="needs the extra dataframes")
    table = keypoints.to_dataframe()
    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns[:6]) == ["person", "frame", "time", "seen", "nose_x", "nose_y"]
    assert table.shape == (6, 4 + 3 * 17)
    assert table["person"].tolist() == ["7"] * 6
    assert table["frame"].tolist() == list(range(40, 46))
    np.testing.assert_allclose(table["time"], np.arange(40, 46) / 20)
    assert table["seen"].tolist() == [True, True, False, True, True, True]
    np.testing.assert_array_equal(table["nose_x"], keypoints.keypoints[:, NOSE, 0])
    np.testing.assert_array_equal(table["left_wrist_y"], keypoints.keypoints[:, WRIST, 1])
    np.testing.assert_array_equal(table["nose_visibility"], keypoints.visibility[:, NOSE])
    assert table["left_wrist_x"].isna().tolist() == [False, False, True, True, False, False]


def test_poses_as_a_data_frame_have_the_columns_of_our_csv(
    poses: PoseSequence, tmp_path: Any
) -> None:
    pandas = pytest.importorskip("pandas", reason="needs the extra dataframes")
    for clip in (poses, replace(poses, spread=np.full((6, 17), 0.05, np.float32))):
        save_poses(tmp_path / "p.csv", [clip])
        written = pandas.read_csv(tmp_path / "p.csv", comment="#")
        table = clip.to_dataframe()
        assert set(table.columns) == set(written.columns)
        for name in table.columns[3:]:
            np.testing.assert_allclose(table[name], written[name], atol=1e-6)


@pytest.mark.parametrize("kind", ["keypoints", "poses"])
def test_as_a_data_set_of_movement(kind: str, request: pytest.FixtureRequest) -> None:
    """Its "poses": dimensions, variables and attributes as movement 0.15.0 makes them."""
    xarray = pytest.importorskip("xarray", reason="needs the extra dataframes")
    sequence = request.getfixturevalue(kind)
    data = sequence.to_xarray()
    assert isinstance(data, xarray.Dataset)
    assert data["position"].dims == ("time", "space", "keypoints", "individuals")
    assert data["confidence"].dims == ("time", "keypoints", "individuals")
    facts = {"ds_type": "poses", "fps": 20.0, "time_unit": "seconds"}
    assert facts.items() <= data.attrs.items()
    np.testing.assert_allclose(data["time"], np.arange(40, 46) / 20)
    assert data["individuals"].values.tolist() == ["7"]
    np.testing.assert_array_equal(data["seen"].squeeze(), sequence.seen)
    right = data["position"].sel(keypoints="right_knee", space="y", individuals="7")
    places = sequence.keypoints if kind == "keypoints" else sequence.positions
    np.testing.assert_array_equal(right, places[:, sequence.skeleton.index("right_knee"), 1])
    if kind == "keypoints":
        np.testing.assert_array_equal(data["confidence"].squeeze(), sequence.visibility)
    else:
        assert data["confidence"].isnull().all()


def test_several_people_in_one_data_set(poses: PoseSequence, tmp_path: Any) -> None:
    xarray = pytest.importorskip("xarray", reason="needs the extra dataframes")
    people = [poses, replace(poses, person="8", positions=poses.positions + 1)]
    both = xarray.concat([one.to_xarray() for one in people], "individuals")
    apart = both["position"].sel(individuals="8") - both["position"].sel(individuals="7")
    np.testing.assert_allclose(apart, 1, atol=1e-5)


@pytest.mark.parametrize("package", ["pandas", "xarray"])
def test_what_to_install(
    package: str, poses: PoseSequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    method = poses.to_dataframe if package == "pandas" else poses.to_xarray
    with pytest.raises(
        AnatomyError, match=rf'{package}, .* pip install "anatomy_tf\[dataframes\]"'
    ):
        method()


def test_they_are_described_in_a_line(keypoints: KeypointSequence, poses: PoseSequence) -> None:
    assert repr(keypoints) == (
        "KeypointSequence(person '7', 6 frames from 40 at 20 fps, 17 joints of coco_17, 640x480, "
        "seen in 5)"
    )
    assert repr(poses) == (
        "PoseSequence(person '7', 6 frames from 40 at 20 fps, 17 joints of human36m_17, "
        "root-relative, camera axes, seen in 5)"
    )
    one = replace(poses, positions=poses.positions[:1], seen=True, first_frame=0, fps=29.97)
    doubtful = replace(one, axes="world", root_relative=False, warnings=("a", "b"))
    assert repr(doubtful) == (
        "PoseSequence(person '7', 1 frame at 29.97 fps, 17 joints of human36m_17, world axes, "
        "seen in 1, 2 warnings)"
    )
