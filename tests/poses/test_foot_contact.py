"""Times in which feet stand, of a person whose ankles are moved by hand."""

import dataclasses

import numpy as np
import pytest
from standing_person import FPS, FRAMES, LEFT, poses_of, standing, swaying

from anatomy_tf.cameras import Camera
from anatomy_tf.poses import foot_contacts


def left_foot_moved(ahead=0.0, up=0.0):
    """Stands still, but for the left ankle, which is moved by (T,) metres."""
    positions = np.repeat(standing()[None], FRAMES, axis=0)
    positions[:, LEFT, 0] += ahead
    positions[:, LEFT, 2] += up
    return poses_of(positions)


def test_standing_feet_are_found():
    contacts = foot_contacts(poses_of(swaying()))
    assert contacts.intervals(1) == [(0, FRAMES)]
    (first, second) = contacts.intervals(0)
    # The step takes frames 100 to 120; its ends are slow.
    assert first[0] == 0 and 97 <= first[1] <= 108
    assert 112 <= second[0] <= 124 and second[1] == FRAMES
    assert contacts.height == pytest.approx(0.1, abs=1e-3)


def test_speed_towards_the_camera_counts_less():
    positions = swaying()
    # A slow slide along x, too fast to stand.
    positions[..., 0] += 0.5 * np.arange(FRAMES)[:, None] / FPS
    assert not foot_contacts(poses_of(positions)).standing.any()
    ahead = Camera.looking_at(np.array([30.0, 0, 0.1]), np.array([0.0, 0, 0.1]), 1000, 640, 480)
    assert foot_contacts(poses_of(positions, camera=ahead)).standing.any()


def test_a_foot_that_only_turns_back_does_not_stand():
    # At 1.5 m/s ahead and back, it seems slow for the three frames at the turn: for 0.06 s.
    ahead = -1.5 * np.abs(np.arange(FRAMES) - 100) / FPS
    contacts = foot_contacts(left_foot_moved(ahead=ahead))
    assert contacts.intervals(0) == []
    assert contacts.intervals(1) == [(0, FRAMES)]


def test_a_foot_that_slides_slowly_all_the_time_never_begins_to_stand():
    for speed, stands in ((0.3, False), (0.15, True)):
        contacts = foot_contacts(left_foot_moved(ahead=speed * np.arange(FRAMES) / FPS))
        assert contacts.standing[:, 0].tolist() == [stands] * FRAMES


def test_a_foot_that_rises_slowly_stands_up_to_8_centimetres():
    # From frame 100 on it rises by 6 mm a frame: 78 mm after 13 frames, 84 mm after 14.
    up = 0.006 * np.clip(np.arange(FRAMES) - 100, 0, 50)
    assert foot_contacts(left_foot_moved(up=up)).intervals(0) == [(0, 114)]


def test_a_foot_below_the_floor_does_not_stand():
    # It hangs beside the stage for the last second.
    below = np.arange(FRAMES) >= 150
    contacts = foot_contacts(left_foot_moved(up=-0.2 * below))
    ((first, end),) = contacts.intervals(0)
    assert first == 0 and 145 <= end <= 150
    assert contacts.height == pytest.approx(0.1, abs=1e-6)


def test_a_slow_camera_sees_a_foot_that_moves():
    # At 5 frames a second there is no frame within the 0.08 s over which speed is measured.
    poses = left_foot_moved(ahead=0.3 * np.isin(np.arange(FRAMES) % 4, (1, 2)))
    contacts = foot_contacts(dataclasses.replace(poses, fps=5.0))
    assert contacts.intervals(0) == []
    assert contacts.intervals(1) == [(0, FRAMES)]


def test_a_pose_that_is_held_does_not_tell_the_floor():
    # For 150 frames the first pose that is seen is held, a jump 50 cm high that ends in 10 frames.
    high = np.clip(160 - np.arange(FRAMES), 0, 10) * 0.05
    positions = np.repeat(standing()[None], FRAMES, axis=0)
    positions[..., 2] += high[:, None]
    contacts = foot_contacts(poses_of(positions, seen=np.arange(FRAMES) >= 150))
    assert contacts.height == pytest.approx(0.1, abs=0.01)
    assert not contacts.standing[:155].any() and contacts.standing[170:].all()


def test_a_foot_stands_in_short_gaps_and_in_a_held_pose():
    positions = np.repeat(standing()[None], FRAMES, axis=0)

    def stands(*unseen):
        seen = np.ones(FRAMES, bool)
        for first, last in unseen:
            seen[first:last] = False
        return foot_contacts(poses_of(positions, seen=seen)).intervals(0)

    # Gaps of up to 0.5 s, and the clip's ends.
    assert stands((50, 75), (0, 20), (190, FRAMES)) == [(0, FRAMES)]
    assert stands((50, 76)) == [(0, 50), (76, FRAMES)]
    assert stands((0, FRAMES)) == [(0, FRAMES)]


def test_in_a_single_frame_nothing_moves():
    # At 5 frames a second it is long enough to stand in.
    one = dataclasses.replace(poses_of(standing()[None]), fps=5.0)
    assert foot_contacts(one).standing.tolist() == [[True, True]]
