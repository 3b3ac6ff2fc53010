"""3DPW's sequence files, written here as its readme describes them."""

import pickle

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.data.datasets.detected_clips import load_detected_clips
from anatomy_tf.data.datasets.three_dpw import SMPL_JOINTS, load_3dpw
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_18

FRAMES = 90


def content():
    """Two people; the camera turns; the second person is never detected."""
    rng = np.random.default_rng(0)
    joints = np.repeat(rng.uniform(-1, 1, (FRAMES // 3, 24, 3)), 3, axis=0)
    joints[:, [7, 8], 1] = -1  # The feet stand on a floor below; y is up.
    joints[:, 15, 1] = 1
    cameras = np.tile(np.eye(4), (FRAMES, 1, 1))
    angles = np.linspace(0, 0.5, FRAMES)[:, None] * [0, 1, 0]
    cameras[:, :3, :3] = Rotation.from_rotvec(angles).as_matrix() @ np.diag([1, -1, -1])
    detections = np.ones((FRAMES, 3, 18))
    detections[:, 0] = np.arange(FRAMES)[:, None]
    detections[:, 2] = 0.5
    detections[3] = 0
    valid = np.ones(FRAMES, bool)
    valid[5] = False
    return {
        "sequence": "downtown_walk_00",
        "poses2d": [detections, np.zeros((FRAMES, 3, 18))],
        "jointPositions": [joints.reshape(FRAMES, 72)] * 2,
        "cam_poses": cameras,
        "cam_intrinsics": np.array([[1900, 0, 540], [0, 1900, 960], [0, 0, 1.0]]),
        "campose_valid": [valid, valid],
        "genders": ["m", "f"],
    }


@pytest.fixture
def write(tmp_path):
    def written(content, name="downtown_walk_00.pkl"):
        path = tmp_path / name
        # Its files come from Python 2.
        path.write_bytes(pickle.dumps(content, protocol=2))
        return path

    return written


def test_a_persons_detections_and_joints(write):
    given = content()
    (clip,) = load_3dpw(write(given))
    assert clip.keypoints.skeleton == COCO_18 and clip.keypoints.fps == 30
    assert (clip.keypoints.width, clip.keypoints.height) == (1080, 1920)
    assert clip.keypoints.keypoints[8, 4].tolist() == [8, 1]
    assert clip.keypoints.visibility[8, 4] == 0.5 and np.isnan(clip.keypoints.keypoints[3]).all()
    assert np.isnan(clip.positions[5]).all() and not np.isnan(clip.positions[6]).any()
    knee = given["jointPositions"][0].reshape(FRAMES, 24, 3)[7, 4]
    np.testing.assert_allclose(clip.positions[7, SMPL_JOINTS.index("left_knee")], knee)
    np.testing.assert_array_equal(clip.rotation, given["cam_poses"][:, :3, :3])
    assert (clip.clip, clip.subject, clip.metric) == (
        "downtown_walk_00",
        "downtown_walk_00 0",
        True,
    )
    np.testing.assert_allclose(clip.up, [0, 1, 0], atol=1e-6)
    assert clip.pitch == pytest.approx(0, abs=1e-6)


def test_a_folder_of_sequences(write, tmp_path):
    write(content(), "b.pkl")
    write(content(), "a.pkl")
    (tmp_path / "._a.pkl").write_bytes(b"\0\5\x16\7")
    assert [clip.clip for clip in load_detected_clips(str(tmp_path))] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"jointPositions": [np.zeros((FRAMES, 69))] * 2},
            r"jointPositions: expected shape \(90, 72",
        ),
        ({"jointPositions": []}, "actor 0: jointPositions: expected shape"),
        ({"poses2d": [np.zeros((FRAMES, 18, 3))]}, r"poses2d: expected shape \(90, 3, 18\)"),
        ({"cam_intrinsics": [[10**400] * 3] * 3}, r"cam_intrinsics: expected shape \(3, 3\)"),
        ({"campose_valid": [np.ones(3, bool)]}, r"expected campose_valid of 90, got \(3,\)"),
        ({"campose_valid": [[1, [2, 3], 4]]}, "campose_valid: expected an array of numbers"),
        ({"cam_poses": np.zeros((4, 4))}, r"cam_poses: expected shape \(frames, 4, 4\)"),
        ({"poses2d": 5}, "expected a list of actors in poses2d, got int"),
        ({"poses2d": {0: 1}}, "expected a list of actors in poses2d, got dict"),
        ({"jointPositions": {}}, "actor 0: jointPositions: expected shape"),
    ],
)
def test_says_what_is_wrong(write, change, message):
    with pytest.raises(AnatomyError, match=message):
        load_3dpw(write(content() | change))


def test_other_files_are_refused(write, tmp_path):
    with pytest.raises(AnatomyError, match="no sequence file of 3DPW, lacks poses2d, joint"):
        load_3dpw(write([1, 2]))
    with pytest.raises(AnatomyError, match=r"refused, the pickle names posix\.system"):
        (tmp_path / "bad.pkl").write_bytes(b"cposix\nsystem\n(S'true'\ntR.")
        load_3dpw(tmp_path / "bad.pkl")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnatomyError, match="expected 3DPW's sequence files"):
        load_detected_clips(tmp_path / "empty")
    with pytest.raises(AnatomyError, match=r"expected detections with true positions, \.npz or"):
        load_detected_clips(tmp_path / "video.mp4")
    nobody = content() | {"poses2d": [np.zeros((FRAMES, 3, 18))] * 2}
    with pytest.raises(AnatomyError, match="no clip has both"):
        load_detected_clips(write(nobody))
