import dataclasses
import math

import numpy as np
import pytest

from anatomy_tf.poses import up_of_camera
from anatomy_tf.poses.quality import (
    UP_DIFFERENCE,
    bone_length_warnings,
    keypoint_warnings,
    turned_warnings,
    up_warnings,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, MPI_INF_3DHP_14, Skeleton

PLAUSIBLE = {
    "right_hip": 0.13, "right_knee": 0.45, "right_ankle": 0.44, "left_hip": 0.13, "left_knee": 0.45,
    "left_ankle": 0.44, "spine": 0.23, "thorax": 0.25, "neck": 0.12, "head": 0.12,
    "left_shoulder": 0.15, "left_elbow": 0.28, "left_wrist": 0.25, "right_shoulder": 0.15,
    "right_elbow": 0.28, "right_wrist": 0.25,
}  # fmt: skip
ELBOW, WRIST = (HUMAN36M_17.index(f"left_{name}") for name in ("elbow", "wrist"))


def clip(frames: int = 100, fps: float = 50.0) -> tuple[np.ndarray, np.ndarray]:
    return np.full((frames, 17, 2), 50.0), np.full((frames, 17), 0.9)


def warned(
    keypoints: np.ndarray,
    visibility: np.ndarray,
    fps: float = 50.0,
    field: int = 27,
    first_frame: int = 0,
) -> tuple[str, ...]:
    sequence = KeypointSequence(
        keypoints, visibility, HUMAN36M_17, fps, 100, 100, first_frame=first_frame
    )
    return keypoint_warnings(sequence, 50.0, field)


@pytest.mark.parametrize("fps", [20.0, 23.976, 25, 30, 50, 120, 200.0])
def test_a_plain_clip_is_not_warned_of(fps: float) -> None:
    assert warned(*clip(frames=200), fps=fps) == ()


@pytest.mark.parametrize("fps", [5.0, 19.9, 240.0])
def test_a_rate_far_from_trainings(fps: float) -> None:
    (warning,) = warned(*clip(frames=300), fps=fps)
    assert warning == f"{fps:g} frames a second are far from the 50 that the model was trained at"


def test_a_clip_shorter_than_the_receptive_field() -> None:
    assert warned(*clip(frames=27)) == ()
    expected = "the clip lasts 0.52 s, less than the 0.54 s that the model looks at"
    assert warned(*clip(frames=26)) == (expected,)
    # At another rate it is the time that counts.
    assert warned(*clip(frames=17), fps=30.0) == ()
    assert len(warned(*clip(frames=16), fps=30.0)) == 1


def test_a_person_who_is_in_a_long_clip_for_less_than_the_receptive_field() -> None:
    keypoints, visibility = clip(frames=200)
    keypoints[:150] = np.nan
    visibility[:150] = 0
    for end, count in ((177, 1), (176, 2)):
        keypoints[end:] = np.nan
        visibility[end:] = 0
        found = warned(keypoints, visibility)
        assert len(found) == count and "the person is not found in" in found[-1]
    assert found[0] == (
        "the person is in the clip for 0.52 s, less than the 0.54 s that the model looks at"
    )


def test_low_visibility() -> None:
    keypoints, visibility = clip()
    visibility[:, :4] = 0.29  # 4 of 17 joints: 24 %
    assert warned(keypoints, visibility) == ()
    visibility[:50, ELBOW] = 0.1
    assert warned(keypoints, visibility) == (
        "26 % of the joints are hardly seen (score below 0.3), most often pelvis",
    )


def test_long_gaps() -> None:
    keypoints, visibility = clip()
    keypoints[10:35, WRIST] = np.nan  # half a second
    keypoints[50:70, WRIST] = np.nan
    assert warned(keypoints, visibility) == ()
    keypoints[35, WRIST] = np.nan
    text = "left_wrist is not found for 0.5 s (frames 10 to 35)"
    assert warned(keypoints, visibility) == (f"{text}; poses there are guesses",)
    (later,) = warned(keypoints, visibility, first_frame=30)
    assert "(frames 40 to 65)" in later
    keypoints[70:, ELBOW] = np.nan  # at the clip's end
    text = "left_elbow is not found for 0.6 s (frames 70 to 99) and 1 more joint for over 0.5 s"
    assert warned(keypoints, visibility) == (f"{text}; poses there are guesses",)


def test_frames_without_anything_are_no_gaps_of_joints() -> None:
    keypoints, visibility = clip()
    keypoints[60:] = np.nan
    keypoints[10:12] = np.nan
    (line,) = warned(keypoints, visibility)
    assert line == (
        "the person is not found in 42 of 100 frames (longest gap: frames 60 to 99); "
        "poses there are guesses"
    )
    # Half a second is not worth a line.
    keypoints, visibility = clip()
    keypoints[75:] = np.nan
    assert warned(keypoints, visibility) == ()


def test_what_made_the_keypoints_doubtful_comes_first() -> None:
    keypoints, visibility = clip()
    sequence = KeypointSequence(
        keypoints, visibility, HUMAN36M_17, 50.0, 100, 100, warnings=("the track was cut",)
    )
    assert keypoint_warnings(sequence, 50.0, 27) == ("the track was cut",)


def test_several_at_once() -> None:
    keypoints, visibility = clip(frames=10)
    keypoints[:, :6] = np.nan
    assert len(warned(keypoints, visibility, fps=10.0)) == 3  # rate, visibility, gap


def lengths(**changed: float) -> np.ndarray:
    return np.array(list({**PLAUSIBLE, **changed}.values()), np.float32)


def test_plausible_bones() -> None:
    assert tuple(PLAUSIBLE) == HUMAN36M_17.bone_names
    assert bone_length_warnings(lengths(), HUMAN36M_17) == ()
    assert bone_length_warnings(None, HUMAN36M_17) == ()


def test_bones_of_no_adult() -> None:
    # 0.245 x 2.00 m x 1.15 = 56.4 cm and 0.146 x 1.45 m x 0.85 = 18.0 cm.
    long_thighs = lengths(left_knee=0.57, right_knee=0.57)
    start = "implausible bone length:"
    assert bone_length_warnings(long_thighs, HUMAN36M_17) == (
        f"{start} left hip to knee of 57.0 cm; an adult's is 30.2 to 56.4 cm",
        f"{start} right hip to knee of 57.0 cm; an adult's is 30.2 to 56.4 cm",
    )
    (warning,) = bone_length_warnings(lengths(left_wrist=0.179, right_wrist=0.19), HUMAN36M_17)
    assert warning == f"{start} left elbow to wrist of 17.9 cm; an adult's is 18.0 to 33.6 cm"


def test_bones_of_a_known_height() -> None:
    # 0.245 x 1.00 m x 0.85 and 1.15 = 20.8 and 28.2 cm.
    (left, _, *others) = bone_length_warnings(
        lengths(left_knee=0.29, right_knee=0.29) * 0.6, HUMAN36M_17, 1.0
    )
    assert left == (
        "implausible bone length: left hip to knee of 17.4 cm; with a height of 1 m it is 20.8 to "
        "28.2 cm"
    )
    assert others == []


def test_sides_that_differ() -> None:
    assert bone_length_warnings(lengths(left_elbow=0.30, right_elbow=0.26), HUMAN36M_17) == ()
    assert bone_length_warnings(lengths(left_elbow=0.32, right_elbow=0.26), HUMAN36M_17) == (
        "implausible bone length: shoulder to elbow differs between left (32 cm) and right (26 cm)",
    )


def test_other_skeletons_limbs_go_by_name() -> None:
    bones = np.full(MPI_INF_3DHP_14.bone_count, 0.33, np.float32)
    assert bone_length_warnings(bones, MPI_INF_3DHP_14) == ()
    assert len(bone_length_warnings(bones / 3, MPI_INF_3DHP_14)) == 8
    dot = Skeleton("dot", ("dot", "tail"), (-1, 0))
    assert bone_length_warnings(np.ones(1, np.float32), dot) == ()


def test_up_that_is_uncertain():
    assert up_warnings(None) == up_warnings(0.99 * UP_DIFFERENCE) == ()
    assert up_warnings(12.3) == (
        "the up direction is uncertain: the clip and its mirror image differ by 12 degrees; "
        "give the up direction if it is known (--up, --attitude)",
    )


def person_in_picture(quarter_turns: int, skeleton: Skeleton = COCO_17) -> KeypointSequence:
    """A person who stands, in a picture that is turned to the right."""
    places = np.array([[40.0 + 20 * ("left" in name), 20.0] for name in skeleton.joint_names])
    for number, name in enumerate(skeleton.joint_names):
        places[number, 1] += 40 * ("hip" in name) + 60 * ("knee" in name)
    for _ in range(quarter_turns):
        places = np.stack([100 - places[:, 1], places[:, 0]], axis=-1)
    keypoints = np.tile(places, (20, 1, 1))
    keypoints[3] = np.nan
    visibility = (~np.isnan(keypoints[..., 0])).astype(float)
    return KeypointSequence(keypoints, visibility, skeleton, 25.0, 100, 100)


@pytest.mark.parametrize(
    ("quarter_turns", "where", "roll"), [(1, "right", -90), (2, "down", 180), (3, "left", 90)]
)
def test_a_video_that_may_be_turned(quarter_turns: int, where: str, roll: int) -> None:
    keypoints = person_in_picture(quarter_turns)
    (warning,) = turned_warnings(keypoints)
    assert warning == (
        f"the trunk points {where} in the picture nearly all the time; if the video is turned, say "
        f"so with --attitude 0 {roll}"
    )
    # The attitude that the warning names is the one that turns the person upright.
    shoulder, hip = (COCO_17.index(f"left_{joint}") for joint in ("shoulder", "hip"))
    trunk = keypoints.keypoints[0, shoulder] - keypoints.keypoints[0, hip]
    up = up_of_camera(0.0, math.radians(roll))
    np.testing.assert_allclose(up[:2], trunk / np.linalg.norm(trunk), atol=1e-6)


def test_who_is_upright_at_times_is_not_in_a_turned_video() -> None:
    upright, lying = person_in_picture(0), person_in_picture(1)
    assert turned_warnings(upright) == ()
    both = np.where(np.arange(20)[:, None, None] < 16, lying.keypoints, upright.keypoints)
    assert turned_warnings(dataclasses.replace(lying, keypoints=both)) == ()


def test_a_layout_without_hips_says_nothing_of_a_turned_video() -> None:
    hands = Skeleton("hands", ("left_shoulder", "right_shoulder", "hand"), (-1, 0, 0))
    assert turned_warnings(person_in_picture(1, hands)) == ()


def test_a_person_whose_hips_are_never_seen_says_nothing_of_a_turned_video() -> None:
    lying = person_in_picture(1)
    unseen = [number for number, name in enumerate(COCO_17.joint_names) if "hip" in name]
    keypoints, visibility = lying.keypoints.copy(), lying.visibility.copy()
    keypoints[:, unseen], visibility[:, unseen] = np.nan, 0
    assert turned_warnings(lying)
    legs_hidden = dataclasses.replace(lying, keypoints=keypoints, visibility=visibility)
    assert turned_warnings(legs_hidden) == ()
