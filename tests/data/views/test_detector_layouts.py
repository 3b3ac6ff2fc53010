import numpy as np
import pytest

from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.detector_layouts import HEAD_POINTS, layout_points
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HALPE_26, HUMAN36M_17, Skeleton, map_skeleton

CLIP = procedural_motion(people=1, seconds=2)[0]
# A camera's axes: x right, y down, z forward; it looks along the world's +y.
TO_CAMERA = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
SEEN = CLIP.positions @ TO_CAMERA.T + np.array([0, 0, 6], np.float32)


def points(names, positions=SEEN, seed=0):
    return layout_points(positions, HUMAN36M_17, names, np.random.default_rng(seed), 50)


def joint(name):
    return SEEN[:, HUMAN36M_17.index(name)]


def test_joints_are_taken_and_middles_made():
    made, averted = points(["left_knee", "mid_hip", "mid_shoulders"])
    np.testing.assert_array_equal(made[:, 0], joint("left_knee"))
    np.testing.assert_allclose(made[:, 1], (joint("left_hip") + joint("right_hip")) / 2, atol=1e-6)
    np.testing.assert_allclose(
        made[:, 2], (joint("left_shoulder") + joint("right_shoulder")) / 2, atol=1e-6
    )
    assert (averted == 0).all()


def test_the_head_is_shaped_as_heads_are():
    made, _ = points(["nose", "left_ear", "right_ear", "head_top"])
    nose, left, right, top = np.moveaxis(made, 1, 0)
    bone = np.linalg.norm(joint("head") - joint("neck"), axis=1).mean() / 0.14
    np.testing.assert_allclose(np.linalg.norm(left - right, axis=1), 0.16 * bone, rtol=1e-3)
    ahead = np.linalg.norm(nose - (left + right) / 2, axis=1)
    np.testing.assert_allclose(ahead, np.hypot(0.12, 0.02) * bone, rtol=1e-3)
    assert (np.linalg.norm(top - joint("neck"), axis=1) > 0.2 * bone).all()
    # The left ear is on the left shoulder's side.
    across = joint("left_shoulder") - joint("right_shoulder")
    assert (np.sum((left - right) * across, axis=1) > 0).all()


def test_halpes_points_map_near_the_head_they_were_made_from():
    mapping = map_skeleton(HALPE_26, HUMAN36M_17)
    used = [HALPE_26.joint_names[k] for k in np.flatnonzero(mapping.weights.any(axis=0))]
    found = np.full((len(SEEN), HALPE_26.joint_count, 3), np.nan, np.float32)
    found[:, [HALPE_26.index(name) for name in used]] = points(used)[0]
    mapped = mapping.points(found)
    assert np.linalg.norm(mapped - SEEN, axis=-1).mean(axis=0).max() < 0.08


def test_an_ear_behind_the_head_and_a_nose_from_behind_are_averted():
    names = list(HEAD_POINTS)
    facing = []
    upright = SEEN.copy()
    upright[:, HUMAN36M_17.index("head")] = joint("neck") - [0, 0.14, 0]
    for angle in np.linspace(0, 2 * np.pi, 72, endpoint=False):
        turn = np.array(
            [
                [np.cos(angle), 0, np.sin(angle)],
                [0, 1, 0],
                [-np.sin(angle), 0, np.cos(angle)],
            ]
        )
        turned = (upright - [0, 0, 6]) @ turn.T + [0, 0, 6]
        made, averted = points(names, turned.astype(np.float32))
        forward = made[0, names.index("nose")] - made[0, names.index("left_ear")]
        facing.append((forward[2], *averted[0, :3]))
    ahead, nose, left, right = np.array(facing).T
    assert not ((left > 0) & (right > 0)).any()
    assert 0.15 < left.mean() < 0.45 and 0.15 < right.mean() < 0.45
    assert (nose[ahead < 0] == 0).all() and 0.05 < nose.mean() < 0.3


def test_a_body_without_what_is_asked_for():
    arm = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
    with pytest.raises(AnatomyError, match="'arm' has nothing to stand for the keypoints nose"):
        layout_points(np.ones((2, 3, 3)), arm, ["elbow", "nose"], np.random.default_rng(0), 50)
