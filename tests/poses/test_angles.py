"""Joint angles of poses made by hand, and of a figure posed by rotations."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import joint_angles
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import COCO_17, HALPE_26, HUMAN36M_17, Skeleton

AHEAD, UP, RIGHT = np.eye(3)
"""ISB's axes x, y, z."""

NEUTRAL = {
    "pelvis": 0 * UP,
    **{f"{side}_hip": sign * 0.1 * RIGHT for side, sign in (("right", 1), ("left", -1))},
    "spine": 0.2 * UP,
    "thorax": 0.5 * UP,
    "neck": 0.6 * UP,
    "head": 0.8 * UP,
    **{f"{s}_shoulder": 0.5 * UP + k * 0.2 * RIGHT for s, k in (("right", 1), ("left", -1))},
}
FEET = Skeleton(
    "with_feet",
    (*HUMAN36M_17.joint_names, "left_heel", "right_heel", "left_toes", "right_toes"),
    (*HUMAN36M_17.parents, *map(HUMAN36M_17.index, ("left_ankle", "right_ankle") * 2)),
)


def test_guesses_have_no_angles():
    poses = PoseSequence(
        np.random.default_rng(0).normal(size=(3, 17, 3)),
        HUMAN36M_17,
        50,
        seen=np.array([True, False, True]),
    )
    unknown = np.isnan(joint_angles(poses)["right_knee_flexion"])
    assert unknown.tolist() == [False, True, False]


def figure(side="right", trunk=(0, 0, 0), pelvis=None, skeleton=HUMAN36M_17, ankle=0, **limbs):
    """One frame in ISB's axes; degrees.

    Args:
        side: whose limbs are posed.
        trunk: flexion, bending to the right and rotation to the left of the thorax.
        pelvis: turns the whole.
        skeleton: which joints to give.
        ankle: flexion.
        **limbs: ``hip`` and ``shoulder``: flexion, abduction and inward rotation; ``knee`` and
            ``elbow``: flexion.
    """
    at = dict(NEUTRAL)
    flexion, bending, rotation = trunk
    bent = Rotation.from_euler("ZXY", (-flexion, bending, rotation), degrees=True)
    for name in ("thorax", "neck", "head", "left_shoulder", "right_shoulder"):
        at[name] = at["spine"] + bent.apply(at[name] - at["spine"])
    for one in ("right", "left"):
        mirror = 1 if one == "right" else -1
        posed = limbs if one == side else {}
        for ball, hinge, end, base, ahead in (
            ("hip", "knee", "ankle", Rotation.identity(), -1),
            ("shoulder", "elbow", "wrist", bent, 1),
        ):
            a, b, c = posed.get(ball, (0, 0, 0))
            upper = base * Rotation.from_euler("ZXY", (a, -b * mirror, c * mirror), degrees=True)
            lower = upper * Rotation.from_euler("z", ahead * posed.get(hinge, 0), degrees=True)
            at[f"{one}_{hinge}"] = at[f"{one}_{ball}"] + upper.apply(-0.45 * UP)
            at[f"{one}_{end}"] = at[f"{one}_{hinge}"] + lower.apply(-0.42 * UP)
            if ball == "hip":
                foot = lower * Rotation.from_euler("z", ankle if one == side else 0, degrees=True)
                at[f"{one}_heel"] = at[f"{one}_ankle"] + lower.apply(-0.05 * UP)
                at[f"{one}_toes"] = at[f"{one}_heel"] + foot.apply(0.2 * AHEAD)
    points = np.stack([at[name] for name in skeleton.joint_names])
    return points if pelvis is None else pelvis.apply(points)


def angles_of(points, skeleton=HUMAN36M_17, **facts):
    """Of one frame in ISB's axes, seen in a world with z up: x ahead, y to the left."""
    x, y, z = np.moveaxis(np.atleast_3d(points).reshape(-1, *np.shape(points)[-2:]), -1, 0)
    world = np.stack([x, -z, y], axis=-1)
    given = {"axes": "world", "root_relative": False}
    return joint_angles(PoseSequence(world, skeleton, 50.0, **given | facts))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize(
    ("pose", "expected"),
    [
        ({"hip": (30, 0, 0)}, {"hip_flexion": 30}),
        ({"hip": (-20, 15, 0)}, {"hip_flexion": -20, "hip_abduction": 15}),
        ({"hip": (40, -10, 25), "knee": 70}, {"hip_rotation": 25, "knee_flexion": 70}),
        ({"hip": (40, 10, -25), "knee": 70}, {"hip_rotation": -25, "hip_abduction": 10}),
        ({"shoulder": (90, 0, 0)}, {"shoulder_flexion": 90, "shoulder_elevation": 90}),
        ({"shoulder": (0, 60, 0)}, {"shoulder_abduction": 60, "shoulder_plane": 0}),
        ({"shoulder": (150, 0, 0)}, {"shoulder_flexion": 150, "shoulder_plane": 90}),
        ({"shoulder": (190, 0, 0)}, {"shoulder_flexion": 190, "shoulder_elevation": 170}),
        ({"shoulder": (30, 20, 35), "elbow": 80}, {"shoulder_rotation": 35, "elbow_flexion": 80}),
        ({"shoulder": (30, 20, -35), "elbow": 80}, {"shoulder_rotation": -35}),
    ],
)
def test_limbs(side, pose, expected):
    angles = angles_of(figure(side, **pose))
    for name, degrees in expected.items():
        assert angles[f"{side}_{name}"][0] == pytest.approx(degrees, abs=1e-3), name
    other = "left" if side == "right" else "right"
    for name in ("hip_flexion", "hip_abduction", "knee_flexion", "shoulder_elevation"):
        assert angles[f"{other}_{name}"][0] == pytest.approx(0, abs=0.05), name


@pytest.mark.parametrize("trunk", [(30, 0, 0), (0, 20, 0), (0, 0, -25), (25, -15, 30)])
def test_trunk_bends_ahead_and_right_and_turns_left(trunk):
    angles = angles_of(figure(trunk=trunk, shoulder=(50, 30, 0)))
    found = [angles[f"trunk_{name}"][0] for name in ("flexion", "bending", "rotation")]
    np.testing.assert_allclose(found, trunk, atol=1e-3)
    # The arm is measured against the trunk.
    assert angles["right_shoulder_flexion"][0] == pytest.approx(50, abs=1e-3)
    assert angles["right_shoulder_abduction"][0] == pytest.approx(30, abs=1e-3)


def test_by_hand():
    # Stands facing x, then bows from the hips, leans to the right, turns left by a quarter.
    bow = Rotation.from_euler("z", -30, degrees=True)
    lean = Rotation.from_euler("x", 20, degrees=True)
    turn = Rotation.from_euler("y", 90, degrees=True)
    for pelvis, expected in ((bow, (30, 0, 0)), (lean, (0, 20, 0)), (turn, (0, 0, 90))):
        angles = angles_of(figure(pelvis=pelvis))
        found = [angles[f"pelvis_{name}"][0] for name in ("tilt", "obliquity", "rotation")]
        np.testing.assert_allclose(found, expected, atol=1e-3)
    both = angles_of(figure(pelvis=turn * lean * bow, hip=(20, 5, 0)))
    found = [both[f"pelvis_{name}"][0] for name in ("tilt", "obliquity", "rotation")]
    np.testing.assert_allclose(found, (30, 20, 90), atol=1e-3)
    # Wherever the pelvis points, the hip is measured against it.
    assert both["right_hip_flexion"][0] == pytest.approx(20, abs=1e-3)


@pytest.mark.parametrize("side", ["right", "left"])
def test_ankles_where_feet_are(side):
    angles = angles_of(figure(side, hip=(35, 0, 0), knee=50, ankle=12, skeleton=FEET), FEET)
    assert angles[f"{side}_ankle_flexion"][0] == pytest.approx(12, abs=1e-3)
    assert not any("ankle" in name for name in angles_of(figure()).names)


def test_what_does_not_show_is_missing():
    straight = angles_of(figure(hip=(30, 0, 20), knee=19, shoulder=(30, 0, 20), elbow=19))
    assert np.isnan(straight["right_hip_rotation"]).all()
    assert np.isnan(straight["right_shoulder_rotation"]).all()
    bent = angles_of(figure(hip=(30, 0, 20), knee=21, shoulder=(30, 0, 20), elbow=21))
    assert bent["right_hip_rotation"][0] == pytest.approx(20, abs=1e-3)
    assert bent["right_shoulder_rotation"][0] == pytest.approx(20, abs=1e-3)
    aside = angles_of(figure(shoulder=(0, 85, 0), elbow=90))
    assert np.isnan(aside["right_shoulder_flexion"]).all()
    assert aside["right_shoulder_abduction"][0] == pytest.approx(85, abs=1e-3)
    assert aside["right_shoulder_elevation"][0] == pytest.approx(85, abs=1e-3)
    # An arm that hangs has no plane of elevation.
    assert np.isnan(aside["left_shoulder_plane"]).all()


def test_a_turn_goes_on_beyond_half_a_circle():
    turns = np.linspace(0, 400, 41)
    clip = np.stack([figure(pelvis=Rotation.from_euler("y", t, degrees=True)) for t in turns])
    np.testing.assert_allclose(angles_of(clip)["pelvis_rotation"], turns, atol=1e-3)


def test_camera_axes_are_levelled_by_up():
    points = figure(pelvis=Rotation.from_euler("z", -30, degrees=True))
    x, y, z = points.T
    # Seen from the right side by a level camera: ahead is to the right, right comes nearer.
    camera = PoseSequence(np.stack([x, -y, -z], axis=-1)[None], HUMAN36M_17, 50.0)
    assert joint_angles(camera)["pelvis_tilt"][0] == pytest.approx(30, abs=1e-3)
    rolled = Rotation.from_euler("z", 30, degrees=True).apply(camera.positions[0])
    tilted = dataclasses.replace(camera, positions=rolled[None])
    assert joint_angles(tilted)["pelvis_tilt"][0] == pytest.approx(60, abs=1e-3)
    up = Rotation.from_euler("z", 30, degrees=True).apply((0, -1, 0))
    known = joint_angles(dataclasses.replace(tilted, up=up))
    assert known["pelvis_tilt"][0] == pytest.approx(30, abs=1e-3)
    assert known.root is None


def test_skeletons_without_a_spine_have_no_angles_of_the_trunk():
    points = figure(knee=40, hip=(20, 0, 0), skeleton=FEET)
    at = dict(zip(FEET.joint_names, points, strict=True))
    names = {"mid_shoulders": "thorax", "head_top": "head"}
    points = [
        at.get(names.get(n, n.replace("big_toe", "toes").replace("small_toe", "toes")), UP)
        for n in HALPE_26.joint_names
    ]
    angles = angles_of(np.stack(points), HALPE_26)
    assert not any(name.startswith("trunk") for name in angles.names)
    assert angles["right_hip_flexion"][0] == pytest.approx(20, abs=1e-3)
    assert angles["right_ankle_flexion"][0] == pytest.approx(0, abs=1e-3)
    coco = [at.get(n, UP) for n in COCO_17.joint_names]
    assert angles_of(np.stack(coco), COCO_17)["right_knee_flexion"][0] == pytest.approx(
        40, abs=1e-3
    )


def test_what_cannot_be_measured_is_refused():
    dot = Skeleton("dot", ("dot",), (-1,))
    with pytest.raises(AnatomyError, match="a skeleton with arms and legs to measure, got dot"):
        joint_angles(PoseSequence(np.zeros((1, 1, 3)), dot, 50.0))
    with pytest.raises(AnatomyError, match=r"expected an angle of .*, got 'knee'"):
        angles_of(figure())["knee"]


def test_angles_are_known_by_their_names():
    angles = angles_of(figure())
    assert "right_knee_flexion" in angles
    assert "right_knee" not in angles
    assert tuple(angles) == angles.names
    np.testing.assert_array_equal([angles[name] for name in angles], angles.degrees.T)


def test_angles_are_a_line():
    line = repr(angles_of(figure()))
    assert (
        line.startswith("JointAngles(person '0', 1 frame at 50 fps, 26 angles: ")
        and "\n" not in line
    )
    assert line.endswith("pelvis_rotation)") and len(line) < 700
