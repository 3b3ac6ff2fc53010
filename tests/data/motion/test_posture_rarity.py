import numpy as np
import pytest

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.posture_rarity import posture_rarity
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton

STANDING = {
    "hip": (0.0, 0.1, 0.9), "knee": (0.0, 0.1, 0.45), "ankle": (0.0, 0.1, 0.0),
    "shoulder": (0.0, 0.2, 1.4), "elbow": (0.0, 0.25, 1.1), "wrist": (0.0, 0.25, 0.85),
}  # fmt: skip
SITTING = {**STANDING, "knee": (-0.45, 0.1, 0.9), "ankle": (-0.45, 0.1, 0.45)}


def clip(
    name: str, places: dict[str, tuple[float, float, float]], turn: float = 0.0, away: float = 0.0
) -> MotionClip:
    """Ten seconds of a person who does not move, turned by degrees, metres away."""
    points = []
    for joint in HUMAN36M_17.joint_names:
        side, _, part = joint.rpartition("_")
        x, y, z = places.get(part, (0.0, 0.0, 1.2))
        points.append((x, {"left": -y, "right": y}.get(side, 0.0), z))
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = np.array(points) @ np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    turned += [away, 0, 0]
    return MotionClip(np.tile(turned, (100, 1, 1)), HUMAN36M_17, 10, "ann", "stand", name)


def test_a_posture_that_few_clips_show_is_rare_wherever_and_whichever_way_it_faces() -> None:
    clips = [clip(f"s{i}", STANDING, 40.0 * i, away=0.5 * i) for i in range(9)]
    clips.append(clip("sit", SITTING))
    rarity = posture_rarity(clips, [1] * 10, 0.5)
    # Standing takes nine tenths of the time.
    np.testing.assert_allclose(rarity[9] / rarity[:9], 3, rtol=0.1)


def test_clips_that_are_seen_often_are_less_rare() -> None:
    clips = [clip("stand", STANDING), clip("sit", SITTING)]
    once = posture_rarity(clips, [1, 1], 0.5)
    often = posture_rarity(clips, [1, 20], 0.5)
    assert often[1] / often[0] < 0.6 * once[1] / once[0]


def test_the_power_says_how_much_it_counts() -> None:
    clips = [clip("stand", STANDING), clip("stand too", STANDING, 90.0), clip("sit", SITTING)]
    np.testing.assert_allclose(posture_rarity(clips, [1, 1, 1], 0.0), 1.0)
    half, whole = (posture_rarity(clips, [1, 1, 1], power) for power in (0.5, 1.0))
    assert whole[2] / whole[0] > half[2] / half[0] > 1
    np.testing.assert_array_equal(half, posture_rarity(clips, [1, 1, 1], 0.5))


def test_a_layout_without_limbs_is_refused() -> None:
    stick = Skeleton("stick", ("pelvis", "left_hip", "right_hip"), (-1, 0, 0))
    walker = MotionClip(np.zeros((5, 3, 3)) + 1, stick, 10, "ann", "walk", "w1")
    with pytest.raises(AnatomyError, match=r"clip w1: .* stick has no left_ankle"):
        posture_rarity([walker], [1], 0.5)
