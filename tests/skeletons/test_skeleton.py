"""What follows from a skeleton's names and parents."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import (
    HUMAN36M_17,
    MPI_INF_3DHP_14,
    MPI_INF_3DHP_17,
    Skeleton,
    get_skeleton,
    register_skeleton,
    skeleton_names,
)

GOLDEN = Path(__file__).parents[1] / "golden/metrics_and_camera.npz"

# Parents after their children, and the root in the middle of the list.
TREE = Skeleton(
    "tree",
    ("left_hand", "left_elbow", "chest", "right_hand", "right_elbow", "head"),
    (1, 2, -1, 4, 2, 2),
)


@st.composite
def trees(draw):
    """A skeleton of 1 to 12 unsided joints in any order."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations(range(count)))
    parents = [-1] * count
    for rank in range(1, count):
        parents[order[rank]] = order[draw(st.integers(0, rank - 1))]
    return Skeleton("random", tuple(f"joint{i}" for i in range(count)), tuple(parents))


def test_hand_worked_tree():
    assert TREE.root == 2
    assert TREE.bones == ((1, 0), (2, 1), (4, 3), (2, 4), (2, 5))
    assert TREE.bone_names == ("left_hand", "left_elbow", "right_hand", "right_elbow", "head")
    assert TREE.paths == ((1, 0), (1,), (), (3, 2), (3,), (4,))
    assert TREE.subtrees == ((0,), (0, 1), (3,), (3, 4), (5,))
    assert TREE.flip_order == (3, 4, 2, 0, 1, 5)
    assert TREE.bone_flip_order == (2, 3, 0, 1, 4)
    assert TREE.left_right_bones == ((0, 2), (1, 3))
    assert TREE.sides == ("left", "left", "middle", "right", "right", "middle")
    assert TREE.joint_pairs() == (
        *((0, 2), (0, 3), (0, 4), (0, 5), (1, 3), (1, 4), (1, 5)),
        *((2, 3), (3, 5), (4, 5)),
    )
    np.testing.assert_array_equal(
        TREE.bone_matrix,
        [
            [1, -1, 0, 0, 0, 0],
            [0, 1, -1, 0, 0, 0],
            [0, 0, 0, 1, -1, 0],
            [0, 0, -1, 0, 1, 0],
            [0, 0, -1, 0, 0, 1],
        ],
    )


def test_human36m_in_numbers():
    assert (HUMAN36M_17.joint_count, HUMAN36M_17.bone_count) == (17, 16)
    assert len(HUMAN36M_17.joint_pairs()) == 17 * 16 // 2 - 16 == 120
    assert len(HUMAN36M_17.joint_pairs(self_pairs=True)) == 137
    assert len(HUMAN36M_17.left_right_bones) == 6
    wrist = HUMAN36M_17.index("left_wrist")
    names = [HUMAN36M_17.bone_names[bone] for bone in HUMAN36M_17.paths[wrist]]
    assert names == ["spine", "thorax", "left_shoulder", "left_elbow", "left_wrist"]
    spine = HUMAN36M_17.bone_names.index("spine")
    assert HUMAN36M_17.subtrees[spine] == tuple(range(7, 17))


@pytest.mark.golden
def test_pairs_and_bones_are_the_references():
    arrays = np.load(GOLDEN)
    ours = HUMAN36M_17.joint_pairs(self_pairs=True)
    np.testing.assert_array_equal(ours, arrays["meta/js_pairs"])
    assert ours[:3] == ((0, 0), (0, 2), (0, 3))
    theirs = {tuple(sorted(bone)) for bone in arrays["meta/boneindex"].tolist()}
    assert {tuple(sorted(bone)) for bone in HUMAN36M_17.bones} == theirs


@given(trees())
def test_matrices_invert_each_other(skeleton):
    product = skeleton.bone_matrix @ skeleton.kinematics_matrix
    np.testing.assert_array_equal(product, np.eye(skeleton.bone_count))


@given(trees())
def test_subtrees_are_the_paths_transposed(skeleton):
    for bone, subtree in enumerate(skeleton.subtrees):
        assert subtree == tuple(j for j, path in enumerate(skeleton.paths) if bone in path)


@given(trees())
def test_bones_and_pairs_are_all_pairs_of_joints(skeleton):
    count = skeleton.joint_count
    pairs = skeleton.joint_pairs()
    joined = {tuple(sorted(bone)) for bone in skeleton.bones}
    assert len(pairs) + len(joined) == count * (count - 1) // 2
    assert not joined & set(pairs)
    with_selves = skeleton.joint_pairs(self_pairs=True)
    assert set(with_selves) - set(pairs) == {(k, k) for k in range(count)}
    assert list(with_selves) == sorted(with_selves)


@given(trees(), st.booleans())
def test_pair_matrix_takes_differences(skeleton, self_pairs):
    x = np.arange(skeleton.joint_count, dtype=float) ** 2
    expected = [x[j] - x[i] for i, j in skeleton.joint_pairs(self_pairs)]
    np.testing.assert_array_equal(skeleton.pair_matrix(self_pairs) @ x, expected)


@pytest.mark.parametrize("name", skeleton_names())
def test_layouts_are_symmetric_trees(name):
    skeleton = get_skeleton(name)
    flip = skeleton.flip_order
    assert [flip[flip[j]] for j in range(skeleton.joint_count)] == list(range(skeleton.joint_count))
    bone_flip = skeleton.bone_flip_order
    assert [bone_flip[bone_flip[b]] for b in range(skeleton.bone_count)] == list(
        range(skeleton.bone_count)
    )
    # The parent of a mirrored joint is the mirrored parent, or a flip would change bones.
    for parent, child in skeleton.bones:
        assert skeleton.parents[flip[child]] == flip[parent]
    assert str(skeleton.joint_count) == name.rsplit("_", 1)[1].rstrip("b")


def test_every_layout_survives_json():
    for name in skeleton_names():
        skeleton = get_skeleton(name)
        again = Skeleton(**json.loads(json.dumps(skeleton.to_dict())))
        assert again == skeleton
        assert hash(again) == hash(skeleton)


def test_links_are_bones_and_extras():
    skeleton = Skeleton(
        "hips", ("top", "left_hip", "right_hip"), (-1, 0, 0), (("left_hip", "right_hip"),)
    )
    assert skeleton.links == ((0, 1), (0, 2), (1, 2))


def test_a_side_at_the_root_is_no_pair():
    # The mirror image of the left bone would be the bone of the root, which has none.
    skeleton = Skeleton("odd", ("right_foot", "left_foot"), (-1, 0))
    assert skeleton.bone_flip_order == (0,)
    assert skeleton.left_right_bones == ()


def test_subset_joins_to_the_nearest_kept_ancestor():
    arm = HUMAN36M_17.subset(("pelvis", "head", "left_wrist", "right_wrist"), "ends")
    assert arm.parents == (-1, 0, 0, 0)
    with pytest.raises(AnatomyError, match="expected one root"):
        HUMAN36M_17.subset(("left_knee", "right_knee"), "knees")
    with pytest.raises(AnatomyError, match="no joint 'tail'"):
        HUMAN36M_17.subset(("pelvis", "tail"), "cat")


def test_scored_joints_of_mpi_inf_3dhp_keep_their_order():
    kept = [n for n in MPI_INF_3DHP_17.joint_names if n in MPI_INF_3DHP_14.joint_names]
    assert tuple(kept) == MPI_INF_3DHP_14.joint_names
    assert MPI_INF_3DHP_17.joint_names[14] == "pelvis"


@pytest.mark.parametrize(
    ("names", "parents", "links", "message"),
    [
        (("a", "a"), (-1, 0), (), "repeated: a"),
        (("a", "b"), (-1,), (), "expected 2 parents, one a joint, got 1"),
        (("a", "b"), (-1, 2), (), r"-1\.\.1"),
        (("a", "b"), (-1, -1), (), "one root .* got 2"),
        (("a", "b"), (1, 0), (), "one root .* got 0"),
        ((), (), (), "one root .* got 0"),
        (("a", "b", "c"), (-1, 2, 1), (), "'b' is its own ancestor"),
        (("a", "left_b"), (-1, 0), (), "no mirror image of left_b"),
        (("a", "b"), (-1, 0), (("a", "z"),), "no joint: z"),
        (("a", "b"), (-1, 0), (("a", "b", "a"),), "pairs of joint names as extra links"),
        (("a", "b"), (-1, 0), 5, "pairs of joint names as extra links"),
        (("a", "b"), None, (), "expected joint names, parents"),
        (("a", "b"), (-1, 0), ((["a"], "b"),), "expected texts as joint names and extra links"),
    ],
)
def test_broken_skeletons_are_refused_in_one_line(names, parents, links, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        Skeleton("broken", names, parents, links)
    assert "'broken'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_chain_of_as_many_joints_as_a_layout_may_have():
    chain = Skeleton("chain", tuple(f"j{n}" for n in range(1000)), tuple(range(-1, 999)))
    assert chain.paths[-1] == tuple(range(999))


def test_registry():
    assert get_skeleton("human36m_17") is HUMAN36M_17
    assert get_skeleton(TREE) is TREE
    with pytest.raises(AnatomyError, match=r"unknown skeleton 'h36m'; known are .*human36m_17"):
        get_skeleton("h36m")
    assert register_skeleton(HUMAN36M_17) is HUMAN36M_17
    with pytest.raises(AnatomyError, match="another skeleton is registered"):
        register_skeleton(Skeleton("human36m_17", ("a",), (-1,)))
    assert get_skeleton("human36m_17") is HUMAN36M_17
    with pytest.raises(AnatomyError, match="expected a Skeleton to register, got 'coco_17'"):
        register_skeleton("coco_17")


@pytest.mark.parametrize(
    ("names", "parents", "told"),
    [
        ((1, "b"), (-1, 0), "expected texts as joint names"),
        (("a", None), (-1, 0), "expected texts as joint names"),
        (("a", "b"), (-1, None), "expected whole numbers as parents"),
        (("a", "b"), (-1, "=1+1"), "expected whole numbers as parents"),
        (("a", "b"), (-1, float("nan")), "expected whole numbers as parents"),
        (("a",) * 1001, (-1,) * 1001, "expected a layout of 1 to 1,000 joints, got 1,001"),
    ],
)
def test_joints_of_other_types_are_refused(names, parents, told):
    with pytest.raises(AnatomyError, match=told):
        Skeleton("odd", names, parents)
