"""Layouts mapped by joint names."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import (
    BODY_25B,
    COCO_17,
    HUMAN36M_17,
    MPI_INF_3DHP_17,
    Skeleton,
    get_skeleton,
    map_skeleton,
    skeleton_names,
)

# What each layout lacks of Human3.6M's joints.
APPROXIMATE = {
    "human36m_17": (),
    "mpi_inf_3dhp_17": ("thorax", "neck"),
    "mpi_inf_3dhp_14": ("pelvis", "spine", "thorax", "neck", "head"),
    "coco_17": ("pelvis", "spine", "thorax", "neck", "head"),
    "coco_18": ("pelvis", "spine", "thorax", "neck", "head"),
    "body_25": ("pelvis", "spine", "thorax", "neck", "head"),
    "body_25b": ("pelvis", "spine", "thorax", "head"),
    "halpe_26": ("spine", "thorax", "neck", "head"),
    "blazepose_33": ("pelvis", "spine", "thorax", "neck", "head"),
    "cmu_31": ("pelvis", "neck"),
}


@pytest.mark.parametrize("name", skeleton_names())
def test_every_layout_maps_to_human36m(name):
    mapping = map_skeleton(get_skeleton(name), HUMAN36M_17)
    assert mapping.approximate == APPROXIMATE[name]


@pytest.mark.parametrize("source", skeleton_names())
@pytest.mark.parametrize("target", ["human36m_17", "mpi_inf_3dhp_17", "mpi_inf_3dhp_14"])
def test_weights_sum_to_one_so_that_a_shift_stays_a_shift(source, target):
    mapping = map_skeleton(get_skeleton(source), get_skeleton(target))
    np.testing.assert_allclose(mapping.choices.sum(axis=2), 1, atol=1e-6)
    points = np.random.default_rng(0).normal(size=(mapping.source.joint_count, 2))
    np.testing.assert_allclose(
        mapping.points(points + np.array([3, -2])),
        mapping.points(points) + np.float32([3, -2]),
        atol=1e-5,
    )


@pytest.mark.parametrize("source", skeleton_names())
def test_left_and_right_map_alike(source):
    mapping = map_skeleton(get_skeleton(source), HUMAN36M_17)
    mirrored = mapping.weights[list(HUMAN36M_17.flip_order)][:, list(mapping.source.flip_order)]
    np.testing.assert_array_equal(mirrored, mapping.weights)


def test_shared_joints_are_copied():
    mapping = map_skeleton(COCO_17, HUMAN36M_17)
    points = np.random.default_rng(0).normal(size=(4, 17, 2)).astype(np.float32)
    mapped = mapping.points(points)
    for joint in ("left_wrist", "right_knee", "left_shoulder"):
        np.testing.assert_array_equal(
            mapped[:, HUMAN36M_17.index(joint)], points[:, COCO_17.index(joint)]
        )


def test_made_up_joints_of_coco_hand_worked():
    points = np.zeros((17, 2), np.float32)
    for joint, place in {
        "left_hip": (1, 10),
        "right_hip": (3, 10),
        "left_shoulder": (1, 0),
        "right_shoulder": (3, 0),
        "left_ear": (1.5, -4),
        "right_ear": (2.5, -6),
    }.items():
        points[COCO_17.index(joint)] = place
    mapped = map_skeleton(COCO_17, HUMAN36M_17).points(points)
    expected = {
        "pelvis": (2, 10),
        "spine": (2, 5.7),
        "thorax": (2, 1.3),
        "neck": (2, -1.5),
        "head": (2, -5),
    }
    for joint, place in expected.items():
        np.testing.assert_allclose(mapped[HUMAN36M_17.index(joint)], place, atol=1e-5)


# Metres above the hips, of CMU's people.
HEIGHTS = {
    **dict.fromkeys(("pelvis", "mid_hip", "left_hip", "right_hip"), 0),
    **dict.fromkeys(("mid_shoulders", "left_shoulder", "right_shoulder"), 0.52),
    **{"lower_neck": 0.56, "neck": 0.6, "upper_neck": 0.64, "nose": 0.66},
    **{"left_ear": 0.72, "right_ear": 0.72, "head": 0.74, "head_top": 0.83},
}


@pytest.mark.parametrize("source", skeleton_names())
def test_made_up_necks_and_heads_are_as_high_as_peoples(source):
    given = np.array([[HEIGHTS.get(name, 0)] for name in get_skeleton(source).joint_names])
    for target in (HUMAN36M_17, MPI_INF_3DHP_17):
        heights = map_skeleton(get_skeleton(source), target).points(given)[:, 0]
        for name in {"neck", "head", "head_top"} & set(target.joint_names):
            assert heights[target.index(name)] == pytest.approx(HEIGHTS[name], abs=0.02), name


def test_head_of_body_25b_lies_between_nose_and_top():
    points = np.zeros((25, 2), np.float32)
    points[BODY_25B.index("nose")] = 4, 2
    points[BODY_25B.index("head_top")] = 2, -2
    mapped = map_skeleton(BODY_25B, HUMAN36M_17).points(points)
    np.testing.assert_allclose(mapped[HUMAN36M_17.index("head")], (3, 0))


def test_nan_goes_where_it_feeds_and_nowhere_else():
    points = np.ones((2, 17, 2), np.float32)
    points[1, COCO_17.index("left_hip")] = np.nan
    mapped = map_skeleton(COCO_17, HUMAN36M_17).points(points)
    assert np.isfinite(mapped[0]).all()
    missing = {HUMAN36M_17.joint_names[j] for j in np.flatnonzero(np.isnan(mapped[1, :, 0]))}
    assert missing == {"pelvis", "left_hip", "spine", "thorax", "neck"}


def test_visibility_is_the_least_of_the_sources():
    visibility = np.ones((1, 17), np.float32)
    visibility[0, COCO_17.index("left_hip")] = 0.25
    visibility[0, COCO_17.index("right_shoulder")] = 0.5
    mapped = map_skeleton(COCO_17, HUMAN36M_17).visibility(visibility)[0]
    scores = dict(zip(HUMAN36M_17.joint_names, mapped.tolist(), strict=True))
    assert scores["left_hip"] == scores["pelvis"] == scores["spine"] == 0.25
    assert scores["right_shoulder"] == 0.5
    assert scores["right_hip"] == scores["head"] == 1


def test_missing_joints_are_named():
    arm = Skeleton("arm", ("shoulder", "elbow"), (-1, 0))
    with pytest.raises(AnatomyError, match="'arm' has nothing to stand for pelvis, right_hip, "):
        map_skeleton(arm, HUMAN36M_17)
    with pytest.raises(AnatomyError, match="nothing to stand for left_heel, right_heel of 'feet'"):
        feet = Skeleton("feet", ("pelvis", "left_heel", "right_heel"), (-1, 0, 0))
        map_skeleton(MPI_INF_3DHP_17, feet)
