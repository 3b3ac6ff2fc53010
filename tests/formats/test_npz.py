import dataclasses
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, load_poses, save_keypoints, save_poses
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.skeletons.layouts import BODY_25B, HUMAN36M_17

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1), (("shoulder", "wrist"),))
SHARED_TMP = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def clip(
    frames: int = 4, seed: int = 0, skeleton: Skeleton = ARM, **given: Any
) -> KeypointSequence:
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(0, 480, (frames, skeleton.joint_count, 2)).astype(np.float32)
    keypoints[rng.random(keypoints.shape[:2]) < 0.2] = np.nan
    keypoints[0, 0] = (1, 2)
    visibility = rng.random(keypoints.shape[:2]).astype(np.float32)
    stated = {"fps": 29.97, "width": 640, "height": 480, "person": f"p{seed}", **given}
    return KeypointSequence(keypoints, visibility, skeleton, **stated)


def poses(frames: int = 4, seed: int = 0, **given: Any) -> PoseSequence:
    rng = np.random.default_rng(seed)
    stated = {"skeleton": ARM, "fps": 50.0, "person": f"p{seed}", **given}
    positions = rng.normal(size=(frames, 3, 3)).astype(np.float32)
    if stated.get("root_relative", True):
        positions -= positions[:, :1]
    return PoseSequence(positions, **stated)


def assert_same(one: Any, other: Any) -> None:
    """Every field but the source, which is the file."""
    for field in dataclasses.fields(one):
        expected, got = getattr(one, field.name), getattr(other, field.name)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(got, expected)
            assert got.dtype == expected.dtype
        elif field.name != "source":
            assert got == expected, field.name


@SHARED_TMP
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_keypoints_round_trip(tmp_path: Path, lengths: list[int], seed: int) -> None:
    written = [clip(frames, seed + i) for i, frames in enumerate(lengths)]
    save_keypoints(tmp_path / "k.npz", written)
    read = load_keypoints(tmp_path / "k.npz")
    assert len(read) == len(written)
    for one, other in zip(written, read, strict=True):
        assert_same(one, other)


@SHARED_TMP
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
    axes=st.sampled_from(["camera", "world"]),
    root_relative=st.booleans(),
    estimated=st.booleans(),
)
def test_poses_round_trip(
    tmp_path: Path, lengths: list[int], seed: int, axes: str, root_relative: bool, estimated: bool
) -> None:
    written = [
        poses(
            frames,
            seed + i,
            axes=axes,
            root_relative=root_relative,
            bone_lengths=np.array([0.3, 0.25], np.float32) if estimated and i == 0 else None,
        )
        for i, frames in enumerate(lengths)
    ]
    save_poses(tmp_path / "p.npz", written)
    read = load_poses(tmp_path / "p.npz")
    assert len(read) == len(written)
    for one, other in zip(written, read, strict=True):
        assert_same(one, other)


def test_pose_file_holds_the_documented_arrays(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    first = PoseSequence(
        rng.normal(size=(3, 17, 3)).astype(np.float32),
        HUMAN36M_17,
        50.0,
        bone_lengths=np.full(16, 0.25, np.float32),
    )
    second = dataclasses.replace(first, positions=first.positions[:2], person="1")
    save_poses(tmp_path / "p.npz", [first, second])
    with np.load(tmp_path / "p.npz", allow_pickle=False) as file:
        assert file["positions"].shape == (2, 3, 17, 3)
        assert np.isnan(file["positions"][1, 2]).all()
        assert file["frames"].tolist() == [3, 2]
        assert file["seen"].tolist() == [[True] * 3, [True, True, False]]
        assert file["joint_names"].tolist() == list(HUMAN36M_17.joint_names)
        assert file["parents"].tolist() == list(HUMAN36M_17.parents)
        assert file["bone_names"].tolist() == list(HUMAN36M_17.bone_names)
        assert file["bone_lengths"].shape == (2, 16)
        assert file["people"].tolist() == ["0", "1"]
        assert (str(file["unit"]), str(file["axes"]), float(file["fps"])) == (
            "metre",
            "camera",
            50.0,
        )


def test_a_file_made_by_hand_takes_the_rest_from_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "hand.npz"
    keypoints = np.arange(12, dtype=np.float64).reshape(1, 2, 3, 2)
    np.savez(path, keypoints=keypoints, visibility=np.ones((1, 2, 3)))
    with pytest.raises(AnatomyError, match="--layout"):
        load_keypoints(path)
    with pytest.raises(AnatomyError, match="--fps"):
        load_keypoints(path, skeleton=ARM)
    with pytest.raises(AnatomyError, match="--image-size WxH"):
        load_keypoints(path, skeleton=ARM, fps=25)
    (read,) = load_keypoints(path, skeleton=ARM, fps=25, image_size=(64, 48))
    assert (read.fps, read.width, read.height, read.person) == (25, 64, 48, "0")
    np.testing.assert_array_equal(read.keypoints, keypoints[0].astype(np.float32))


def test_known_skeleton_by_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "named.npz"
    arrays = {"keypoints": np.ones((1, 1, 25, 2)), "visibility": np.ones((1, 1, 25))}
    stated = {"fps": np.array(25), "image_size": np.array([64, 48])}
    np.savez(path, **arrays, **stated, skeleton=np.array("body_25b"))
    assert load_keypoints(path)[0].skeleton == BODY_25B
    np.savez(path, **arrays, **stated, skeleton=np.array("body_26b"))
    with pytest.raises(AnatomyError, match=r"named\.npz: unknown skeleton 'body_26b'"):
        load_keypoints(path)


def test_given_rate_and_size_go_before_the_files(tmp_path: Path) -> None:
    save_keypoints(tmp_path / "k.npz", [clip()])
    (read,) = load_keypoints(tmp_path / "k.npz", fps=60, image_size=(1920, 1080))
    assert (read.fps, read.width, read.height) == (60, 1920, 1080)


def test_given_layout_must_not_contradict_the_file(tmp_path: Path) -> None:
    save_keypoints(tmp_path / "k.npz", [clip()])
    assert load_keypoints(tmp_path / "k.npz", skeleton=ARM)[0].skeleton == ARM
    with pytest.raises(AnatomyError, match="layout arm, not of body_25b"):
        load_keypoints(tmp_path / "k.npz", skeleton="body_25b")


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ([], "at least one person"),
        ([clip(fps=25), clip(fps=50)], "one fps in a file, got 25 and 50"),
        ([clip(), clip(width=100)], "one width"),
        ([clip(), clip(skeleton=BODY_25B)], "one skeleton in a file, got arm and body_25b"),
    ],
)
def test_people_who_do_not_belong_together(
    tmp_path: Path, people: list[KeypointSequence], message: str
) -> None:
    with pytest.raises(AnatomyError, match=message):
        save_keypoints(tmp_path / "k.npz", people)
    assert list(tmp_path.iterdir()) == []


def test_poses_in_different_axes_do_not_belong_together(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="one axes in a file, got camera and world"):
        save_poses(tmp_path / "p.npz", [poses(), poses(axes="world")])


GOOD: dict[str, Any] = {
    "keypoints": np.ones((1, 2, 3, 2), np.float32),
    "visibility": np.ones((1, 2, 3), np.float32),
    "joint_names": np.array(ARM.joint_names),
    "parents": np.array(ARM.parents),
    "skeleton": np.array("arm"),
    "fps": np.array(25.0),
    "image_size": np.array([64, 48]),
    "people": np.array(["0"]),
    "frames": np.array([2]),
}
WRONG = {
    "text keypoints": {"keypoints": np.array([[[["NaN", "1"]] * 3] * 2])},
    "complex keypoints": {"keypoints": np.ones((1, 2, 3, 2), complex)},
    "objects": {"keypoints": np.array([None], object)},
    "flat keypoints": {"keypoints": np.ones((2, 3, 2))},
    "3D keypoints": {"keypoints": np.ones((1, 2, 3, 3))},
    "other joint count": {"keypoints": np.ones((1, 2, 4, 2)), "visibility": np.ones((1, 2, 4))},
    "nobody": {"keypoints": np.ones((0, 2, 3, 2)), "visibility": np.ones((0, 2, 3))},
    "no frame": {"keypoints": np.ones((1, 0, 3, 2)), "visibility": np.ones((1, 0, 3))},
    "all NaN": {"keypoints": np.full((1, 2, 3, 2), np.nan)},
    "infinite": {"keypoints": np.full((1, 2, 3, 2), np.inf)},
    "beyond float32": {"keypoints": np.full((1, 2, 3, 2), 1e300)},
    "fewer scores": {"visibility": np.ones((1, 1, 3))},
    "scores above 1": {"visibility": np.full((1, 2, 3), 2.0)},
    "NaN scores": {"visibility": np.full((1, 2, 3), np.nan)},
    "joint names as numbers": {"joint_names": np.arange(3)},
    "repeated joint names": {"joint_names": np.array(["a", "a", "b"])},
    "parents as text": {"parents": np.array(["-1", "0", "1"])},
    "two roots": {"parents": np.array([-1, -1, 1])},
    "circle": {"parents": np.array([-1, 2, 1])},
    "parent out of range": {"parents": np.array([-1, 0, 9])},
    "fewer parents": {"parents": np.array([-1, 0])},
    "unknown extra links": {"extra_links": np.array([["shoulder", "toe"]])},
    "extra links of three": {"extra_links": np.array([["shoulder", "elbow", "wrist"]])},
    "fps as text": {"fps": np.array("fast")},
    "fps as list": {"fps": np.array([25.0, 30.0])},
    "fps NaN": {"fps": np.array(np.nan)},
    "fps zero": {"fps": np.array(0)},
    "image size of three": {"image_size": np.array([64, 48, 3])},
    "image size zero": {"image_size": np.array([0, 48])},
    "image size in floats": {"image_size": np.array([64.0, 48.0])},
    "too many people": {"people": np.array(["0", "1"])},
    "too many frame counts": {"frames": np.array([2, 2])},
    "frames beyond the array": {"frames": np.array([3])},
    "zero frames": {"frames": np.array([0])},
    "negative frames": {"frames": np.array([-1])},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_wrong_array_is_one_clear_line(tmp_path: Path, wrong: dict[str, Any]) -> None:
    path = tmp_path / "k.npz"
    np.savez(path, **GOOD)
    assert len(load_keypoints(path)) == 1
    np.savez(path, **{**GOOD, **wrong})
    with pytest.raises(AnatomyError, match=r"k\.npz") as caught:
        load_keypoints(path)
    assert "\n" not in str(caught.value)


def test_missing_arrays(tmp_path: Path) -> None:
    path = tmp_path / "k.npz"
    np.savez(path, **{k: v for k, v in GOOD.items() if k != "keypoints"})
    with pytest.raises(AnatomyError, match=r"nearest format is npz .* needs an array keypoints"):
        load_keypoints(path)
    np.savez(path, **{k: v for k, v in GOOD.items() if k != "visibility"})
    assert (load_keypoints(path)[0].visibility == 1).all()


GOOD_POSES: dict[str, Any] = {
    "positions": np.ones((1, 2, 3, 3), np.float32),
    "joint_names": np.array(ARM.joint_names),
    "parents": np.array(ARM.parents),
    "fps": np.array(25.0),
    "unit": np.array("metre"),
    "axes": np.array("camera"),
}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"unit": np.array("millimetre")}, "expected positions in 'metre', got 'millimetre'"),
        ({"axes": np.array("sideways")}, "axes 'camera' or 'world', got 'sideways'"),
        ({"axes": np.array(1)}, "expected axes to hold text"),
        ({"positions": np.full((1, 2, 3, 3), np.nan)}, "NaN or infinite"),
        ({"positions": np.ones((1, 2, 3, 2))}, "positions of shape"),
        ({"fps": np.array(-1)}, "a frame rate of 1 to 1,000"),
        ({"bone_lengths": np.ones((1, 3))}, r"bone_lengths of shape \(1, 2\)"),
        ({"root_relative": np.array(2.0)}, "truth values"),
        ({"seen": np.ones((1, 3), bool)}, r"seen of shape \(1, 2\), got \(1, 3\)"),
        ({"seen": np.ones((1, 2))}, "seen to hold truth values"),
    ],
)
def test_wrong_pose_array(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = tmp_path / "p.npz"
    np.savez(path, **GOOD_POSES)
    assert load_poses(path)[0].bone_lengths is None
    np.savez(path, **{**GOOD_POSES, **wrong})
    with pytest.raises(AnatomyError, match=message):
        load_poses(path)


def test_unreadable_pose_files(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="no such file"):
        load_poses(tmp_path / "missing.npz")
    with pytest.raises(AnatomyError, match=r"ends in \.npz, .*, got no suffix"):
        load_poses(tmp_path)
    np.save(tmp_path / "single.npy", np.ones(3))
    (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    with pytest.raises(AnatomyError, match="not a readable npz file"):
        load_poses(tmp_path / "single.npz")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_pickle_is_never_loaded(tmp_path: Path) -> None:
    path = tmp_path / "k.npz"
    np.savez(path, **{**GOOD, "keypoints": np.array([Bomb()], object)})
    with pytest.raises(AnatomyError, match="array 'keypoints' is pickled, which is not read here"):
        load_keypoints(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("keypoints", pickle.dumps(Bomb()))
        archive.writestr("visibility", b"")
    with pytest.raises(AnatomyError, match=r"no array that is named NAME\.npy"):
        load_keypoints(path)


def good_bytes() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **GOOD)
    return buffer.getvalue()


GOOD_BYTES = good_bytes()


@SHARED_TMP
@given(cut=st.integers(0, len(GOOD_BYTES) - 1))
def test_truncated_file_is_refused(tmp_path: Path, cut: int) -> None:
    (tmp_path / "k.npz").write_bytes(GOOD_BYTES[:cut])
    with pytest.raises(AnatomyError, match=r"k\.npz"):
        load_keypoints(tmp_path / "k.npz")


@settings(parent=SHARED_TMP, max_examples=150)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(GOOD_BYTES) - 1), st.integers(0, 255)), min_size=1, max_size=5
    )
)
def test_damaged_file_loads_or_is_refused(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(GOOD_BYTES)
    for place, value in changes:
        damaged[place] = value
    (tmp_path / "k.npz").write_bytes(damaged)
    try:
        people = load_keypoints(tmp_path / "k.npz", skeleton=ARM, fps=25, image_size=(64, 48))
    except AnatomyError as error:
        assert "k.npz" in str(error)
    else:
        assert all(p.keypoints.shape[1:] == (3, 2) for p in people)
