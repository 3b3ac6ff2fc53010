"""Archives of real detections with positions."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17

FRAMES = 6


def world_points(frames=FRAMES, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (frames, 17, 3))


def archive_arrays():
    """Two clips by two cameras, one in front and one at the side; the world's y is down."""
    turns = Rotation.from_euler("y", [[0], [90]], degrees=True).as_matrix()
    arrays = {
        "R": turns,
        "t": np.array([[0, 0, 4], [0, 0, 5.0]]),
        "focal_length": np.array([1000, 1200]),
        "image_size": np.array([1280, 720]),
        "fps": np.array(60.0),
        "joint_names": np.array(COCO_17.joint_names),
    }
    for number in range(2):
        points = world_points(seed=number)
        seen = np.einsum("cij,tkj->ctki", turns, points) + arrays["t"][:, None, None]
        middle = np.array([640, 360])
        pixels = seen[..., :2] / seen[..., 2:] * arrays["focal_length"][:, None, None, None]
        scores = np.full((2, FRAMES, 17, 1), 0.9)
        arrays[f"keypoints_{number}"] = np.concatenate([pixels + middle, scores], axis=-1)
        arrays[f"points_{number}"] = points
    return arrays


@pytest.fixture
def load(tmp_path):
    def loaded(arrays, drop=()):
        kept = {name: values for name, values in arrays.items() if name not in drop}
        np.savez(tmp_path / "real.npz", **kept)
        return load_detection_archive(tmp_path / "real.npz")

    return loaded


def test_each_clip_and_camera_in_turn(load):
    arrays = archive_arrays()
    clips = load(arrays)
    assert [(clip.clip, clip.camera) for clip in clips] == [
        ("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")
    ]  # fmt: skip
    third = clips[2]
    assert third.keypoints.skeleton == COCO_17 and third.keypoints.fps == 60
    assert (third.keypoints.width, third.keypoints.height) == (1280, 720)
    np.testing.assert_allclose(
        third.keypoints.keypoints, arrays["keypoints_1"][0, ..., :2], rtol=1e-6
    )
    np.testing.assert_allclose(third.positions, arrays["points_1"], rtol=1e-6)
    np.testing.assert_array_equal(clips[3].rotation, arrays["R"][1])
    assert not third.metric and third.up is None


def test_what_is_known_besides(load):
    clips = load(
        archive_arrays()
        | {
            "up": np.array([0, -2.0, 0]),
            "unit_is_convention": np.array(False),
            "clip_names": np.array(["sit", "walk"]),
            "subjects": np.array(["ann", "ben"]),
            "actions": np.array(["sitting", "walking"]),
            "camera_names": np.array(["front", "side"]),
        }
    )
    last = clips[-1]
    assert (last.subject, last.action, last.clip, last.camera) == ("ben", "walking", "walk", "side")
    assert last.metric and last.up.tolist() == [0, -1, 0] and last.pitch == pytest.approx(0)


def test_positions_in_the_cameras_axes(load):
    arrays = archive_arrays()
    for number in range(2):
        seen = np.einsum("cij,tkj->ctki", arrays["R"], arrays[f"points_{number}"])
        arrays[f"points_{number}"] = seen + arrays["t"][:, None, None]
    arrays["up"] = np.array([[0, -1, 0], [0, -1, 1.0]])
    clips = load(arrays, drop=("R", "t"))
    np.testing.assert_allclose(clips[1].positions, arrays["points_0"][1], rtol=1e-6)
    np.testing.assert_array_equal(clips[1].rotation, np.eye(3))
    assert [round(clip.pitch) for clip in clips[:2]] == [0, -45]


def test_cameras_that_move(load):
    arrays = archive_arrays()
    for number in range(2):
        arrays[f"R_{number}"] = np.repeat(arrays["R"][:, None], FRAMES, axis=1)
    arrays["up"] = np.array([0, -1.0, 0])
    clips = load(arrays, drop=("R",))
    assert clips[1].rotation.shape == (FRAMES, 3, 3) and clips[1].pitch == pytest.approx(0)
    np.testing.assert_array_equal(clips[1].rotation, arrays["R_0"][1])
    with pytest.raises(AnatomyError, match="expected R_0 of 2 x 6 x 3 x 3"):
        load(arrays | {"R_0": np.ones((2, 3, 3))})


def test_scores_as_detectors_write_them(load):
    arrays = archive_arrays()
    arrays["keypoints_0"][0, 0, 3] = [10, 20, 0]
    arrays["keypoints_0"][0, 1, 3, 2] = 1.04
    arrays["keypoints_0"][0, 2, 3] = np.nan
    seen = load(arrays)[0].keypoints
    assert seen.visibility[:3, 3].tolist() == [0, 1, 0]
    assert np.isnan(seen.keypoints[:3, 3, 0]).tolist() == [True, False, True]


def test_positions_of_other_joints_than_the_keypoints(load):
    arrays = archive_arrays()
    arrays["point_names"] = np.array(["pelvis", "head"])
    for number in range(2):
        arrays[f"points_{number}"] = arrays[f"points_{number}"][:, :2]
    assert load(arrays)[0].joint_names == ("pelvis", "head")


def test_a_layout_of_ones_own_needs_parents(load):
    arrays = archive_arrays()
    arrays["joint_names"] = np.array([f"j{number}" for number in range(17)])
    with pytest.raises(AnatomyError, match=r"no known layout .*give their parents too"):
        load(arrays)
    arrays["parents"] = np.arange(17) - 1
    assert load(arrays)[0].keypoints.skeleton.parents == tuple(range(-1, 16))


def test_up_is_the_floors_where_feet_stand(load):
    arrays = archive_arrays()
    turn = Rotation.from_euler("z", 20, degrees=True).as_matrix()
    rng = np.random.default_rng(0)
    for number in range(2):
        points = np.repeat(rng.uniform(-0.5, 0.5, (20, 17, 3)), 4, axis=0)
        points[:, [5, 6], 1] = -1  # Shoulders above, as y is down.
        points[:, [15, 16], 1] = 1
        arrays[f"points_{number}"] = points @ turn.T
        arrays[f"keypoints_{number}"] = np.ones((2, 80, 17, 3))
    clips = load(arrays, drop=("t", "focal_length"))
    for clip in clips:
        np.testing.assert_allclose(clip.up, turn @ [0, -1, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("change", "drop", "message"),
    [
        ({}, ("fps", "points_1"), "lacks fps, points_1"),
        ({}, ("keypoints_0",), "lacks keypoints_0"),
        ({}, ("keypoints_0", "keypoints_1"), "lacks keypoints_0"),
        ({}, ("R",), "expected R"),
        ({"R": np.ones((3, 3, 3))}, (), "expected R of 2 x 3 x 3 finite numbers"),
        ({"keypoints_1": np.ones((2, FRAMES, 16, 3))}, (), r"expected keypoints_1 .*17, 3\)"),
        (
            {"points_0": np.ones((FRAMES + 1, 17, 3))},
            (),
            r"expected points_0 of shape \(6, 17, 3\)",
        ),
        ({"points_0": np.full((FRAMES, 17, 3), np.nan)}, (), "all are NaN"),
        ({"image_size": np.array([1280, 0])}, (), "expected image_size of 2 x 2 positive"),
        ({"focal_length": np.ones(3)}, (), "expected focal_length of 2 x 2 positive"),
        ({"subjects": np.array(["ann"])}, (), "expected 2 subjects, got 1"),
        ({"up": np.zeros(3)}, (), "expected up as a direction"),
        ({"fps": np.array("fast")}, (), "expected numbers in fps"),
        ({"fps": np.array([60, 60])}, (), r"expected fps of one finite number, got shape \(2,\)"),
        ({"fps": np.array(0)}, (), "a frame rate of 1 to 1,000 frames a second, got 0"),
        ({"unit_is_convention": np.array("no")}, (), "expected unit_is_convention of true or fal"),
        (
            {"joint_names": np.array(list("abcdefghijklmnopq")), "parents": np.zeros((17, 2))},
            (),
            "expected parents of 17 finite numbers",
        ),
        (
            {"keypoints_0": np.zeros((2, 0, 17, 3)), "points_0": np.zeros((0, 17, 3))},
            (),
            "at least",
        ),
        ({"joint_names": np.array("nose")}, (), r"a list of joint_names, got shape \(\)"),
        ({"point_names": np.array([["nose"]])}, (), r"a list of point_names, got shape \(1, 1\)"),
        ({"keypoints_0": np.array([["a"]])}, (), "expected numbers in keypoints_0"),
        ({"t": np.array([[0, 0, 4], [3, 0, 5.0]])}, (), "camera 1: the points are projected"),
        ({"centre": np.array([[640, 360], [0, 0]])}, (), "camera 1: the points are projected"),
        ({"points_0": world_points()[..., [0, 2, 1]]}, (), "clip 0, camera 0: the points are proj"),
        ({"keypoints_0": np.full((2, FRAMES, 17, 3), 70)}, (), r"expected scores in \[0, 1\]"),
    ],
)
def test_says_what_is_wrong(load, change, drop, message):
    with pytest.raises(AnatomyError, match=message) as error:
        load(archive_arrays() | change, drop)
    assert "real.npz" in str(error.value) and "\n" not in str(error.value)


def test_the_break_dancers_cameras_stand_level_on_the_floor(shared):
    clips = load_detection_archive(shared / "evaluation/aist_breakdance_real_detections.npz")
    assert len(clips) == 32 and {len(clip) for clip in clips} == {720}
    assert not any(clip.metric for clip in clips)
    pitches = [round(clip.pitch) for clip in clips[:8]]
    assert max(map(abs, pitches[:7])) <= 2 and pitches[7] == -9
