import dataclasses
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_people import Person, detections, hidden, hidden_behind, somersault, walker
from numpy.typing import NDArray

from anatomy_tf.formats.keypoints.reading.doubles import associate_once, lie_together
from anatomy_tf.formats.keypoints.reading.track_gaps import Clip, Piece, Track, median
from anatomy_tf.formats.keypoints.reading.track_jumps import (
    FollowedPerson,
    cut_at_jumps,
    with_successions,
)
from anatomy_tf.formats.keypoints.reading.tracking import associate, mean_area
from anatomy_tf.skeletons import COCO_17, Skeleton

SQUARE = np.array([(0, 0), (0, 40), (30, 0), (30, 40)], np.float32)
"""A body whose box is 30 x 40, diagonal 50."""

CORNERS = Skeleton("corners", ("a", "b", "c", "d"), (-1, 0, 0, 1))

RATES = pytest.mark.parametrize(
    "fps", [30.0, *(pytest.param(fps, marks=pytest.mark.slow) for fps in (15.0, 60.0))]
)


def at(*places: float) -> NDArray[np.float32]:
    """Detections of one frame, each a square at a place on the x axis."""
    return (
        np.stack([SQUARE + np.float32([x, 0]) for x in places]) if places else np.zeros((0, 4, 2))
    )


def joined(frames: Sequence[NDArray[np.float32]], fps: float = 10.0) -> list[list[int]]:
    """For each track its detection in each frame, -1 where it has none."""
    rows = []
    for track in associate(Clip(frames, fps, CORNERS)):
        row = np.full(len(frames), -1)
        row[track.frames] = track.detections
        rows.append(row.tolist())
    return rows


def test_reach_is_a_share_of_the_body() -> None:
    # After a tenth of a second 0.3 + 0.1 diagonals, 20 px.
    assert joined([at(0), at(19)]) == [[0, 0]]
    assert joined([at(0), at(21)]) == [[0, -1], [-1, 0]]


def test_least_total_distance_goes_before_the_nearest_pair() -> None:
    # Greedy would join 10 with 9 (distance 1) and leave 0 with 24, out of reach.
    assert sorted(joined([at(0, 10), at(9, 24)])) == [[0, 0], [1, 1]]


def test_who_moves_is_expected_further_on() -> None:
    places = [0, 15, 30, 45]
    gap = [at()] * 8
    frames = [*(at(x) for x in places), *gap, at(12 * 15), at(13 * 15), at(14 * 15)]
    assert len(joined(frames)) == 1
    # Whoever stood there before is not the one.
    assert len(joined([*[at(45)] * 4, *gap, *frames[-3:]])) == 2


def test_who_falls_is_found_below_and_not_above() -> None:
    high, low = at(0), at(0) + np.float32([0, 160])  # 3.2 heights, 1.2 s
    gap = [at()] * 11
    assert len(joined([*[high] * 3, *gap, *[low] * 3])) == 1
    assert len(joined([*[low] * 3, *gap, *[high] * 3])) == 2


def test_out_of_sight_for_long_is_another_person() -> None:
    assert len(joined([at(0), *[at()] * 14, at(0)])) == 1
    assert len(joined([at(0), *[at()] * 15, at(0)])) == 2


def test_another_size_is_another_person() -> None:
    gap = [at()] * 5
    large = 1.4 * (SQUARE - SQUARE.mean(axis=0)) + SQUARE.mean(axis=0)
    assert len(joined([at(0), *gap, large[None].astype(np.float32)])) == 2


def test_no_joint_in_common_is_no_match() -> None:
    upper, lower = at(0), at(300)
    upper[0, 2:], lower[0, :2] = np.nan, np.nan
    assert len(joined([upper, lower])) == 2


def test_velocity_is_that_of_the_joints_seen_twice() -> None:
    # The upper half, then the lower half, which moves on by 3 and 4 pixels in a tenth of a second.
    poses = np.stack([SQUARE, SQUARE, SQUARE + np.float32([3, 4])]).astype(np.float64)
    poses[0, 2:] = poses[1:, :2] = np.nan
    times = np.array([0.0, 0.5, 0.6])
    np.testing.assert_allclose(Piece(poses, times, CORNERS).velocity, (30, 40))
    assert Piece(poses[:2], times[:2], CORNERS).velocity is None
    assert Piece(poses[:1], times[:1], CORNERS).velocity is None


def test_medians_leave_out_what_is_missing() -> None:
    values = np.array([[3.0, np.nan, 8], [np.nan, np.nan, 2], [1, np.nan, 5], [2, 7, 4]])
    np.testing.assert_array_equal(median(values), [2, 7, 4.5])
    np.testing.assert_array_equal(median(values.T, axis=1), [2, 7, 4.5])
    assert np.isnan(median(np.full((3, 2), np.nan))).all()


def test_found_twice_for_a_moment_is_one_person() -> None:
    """The detector goes on with a pose that drifts away while it has found the person anew."""
    both = [at(5, -8), at(10, -8)]
    assert joined([*[at(0)] * 4, *both, *[at(-8)] * 2]) == [[0, 0, 0, 0, 1, 1, 0, 0]]
    # For longer they are two.
    assert len(joined([*[at(0)] * 4, *both, *[at(10, -8)] * 3, *[at(-8)] * 2])) == 2


def test_a_double_is_left_out() -> None:
    # A pixel aside, in every other frame; of two the first counts.
    clip = Clip([at(0), at(0, 1), at(1), at(1, 0), at(1), at(0, 1)], 10.0, CORNERS)
    ((track, doubled),) = associate_once(clip)
    assert track.detections.tolist() == [0] * 6
    assert doubled == 3


def test_who_passes_somebody_is_no_double() -> None:
    # One walks from 0 to 70, the other stands at 28; at 24 they are nearer than 5.
    walking = (0, 12, 24, 36, 48, 60)
    frames = [at(28, x) for x in (*walking, 70)]
    # In the first frame and after the meeting the detector lists the one who walks first.
    frames[0], frames[3] = frames[0][::-1], frames[3][::-1]
    clip = Clip(frames, 10.0, CORNERS)
    tracks = associate_once(clip)
    assert [doubled for _, doubled in tracks] == [0, 0]
    expected = [[0, 1, 1, 0, 1, 1, 1], [1, 0, 0, 1, 0, 0, 0]]
    assert sorted(track.detections.tolist() for track, _ in tracks) == expected


def test_poses_without_a_joint_in_common_tell_nothing() -> None:
    upper, lower = SQUARE.copy(), SQUARE.copy()
    upper[2:], lower[:2] = np.nan, np.nan
    assert lie_together(SQUARE, np.stack([SQUARE + 3, SQUARE + 4, upper])).tolist() == [
        *(True, False, True)
    ]
    assert lie_together(upper, np.stack([lower, upper])).tolist() == [False, True]


def test_longest_first_then_largest() -> None:
    small = SQUARE / 2
    frames = [np.stack([small + 500, SQUARE]), np.stack([small + 500, SQUARE]), at(0, 900)]
    assert joined(frames) == [[1, 1, 0], [0, 0, -1], [-1, -1, 1]]
    assert joined(frames[:2]) == [[1, 1], [0, 0]]


def test_mean_area_is_over_the_seen_frames() -> None:
    clip = np.stack([SQUARE, np.full_like(SQUARE, np.nan), 2 * SQUARE])
    assert mean_area(clip) == pytest.approx((1200 + 4800) / 2)
    assert mean_area(clip[1:2]) == 0


def scenes(fps: float) -> dict[str, list[Person]]:
    frames = round(4 * fps)

    def walks(start: float, speed: float = 0.8, height: float = 300.0) -> Person:
        return walker(frames, fps, start, speed, height)

    right, left = walks(150), walks(1130, -0.8, 260)
    return {
        "cross, both found": [right, left],
        "cross, one hidden": [right, hidden_behind(left, right)],
        "cross, alike, one hidden": [right, hidden_behind(walks(1130, -0.8), right, 0.5)],
        "three, two of them cross": [
            right,
            hidden_behind(walks(1130, -0.8), right, 0.4),
            walks(640, 0.0, 240),
        ],
        "overtaken": [walks(300, 0.5, 280), hidden_behind(walks(50, 1.2, 260), walks(300, 0.5))],
        "not found for a second, walking": [hidden(right, fps, 1.5, 2.5)],
        "not found for a second, standing": [hidden(walks(600, 0.0), fps, 1.5, 2.5)],
        "somersault": [somersault(walks(600, 0.3), fps, 1.5)],
        "somersault beside another": [somersault(walks(500, 0.3), fps, 1.5), walks(900, -0.6)],
        "somersault, not found in the air": [
            hidden(somersault(walks(600, 0.3), fps, 1.5), fps, 1.6, 2.1)
        ],
        "one leaves, another enters": [
            hidden(walks(900, 1.2), fps, 1.2, 9),
            hidden(walks(-500, 1.2), fps, 0, 1.4),
        ],
        "one is lost, another found elsewhere": [
            hidden(walks(300, 0.0, 250), fps, 1.5, 9),
            hidden(walks(900, -0.5), fps, 0, 1.8),
        ],
        "one is lost, a larger one found near": [
            hidden(walks(600, 0.0, 180), fps, 1.5, 9),
            hidden(walks(640, -0.5, 360), fps, 0, 1.8),
        ],
    }


@RATES
@pytest.mark.parametrize("scene", scenes(30.0))
def test_everyone_is_one_person(scene: str, fps: float) -> None:
    people = scenes(fps)[scene]
    for seed in range(3):
        frames, who = detections(people, fps, seed)
        tracks = associate(Clip(frames, fps, COCO_17))
        found = [
            {int(who[frame][place]) for frame, place in zip(t.frames, t.detections, strict=True)}
            for t in tracks
        ]
        assert sorted(map(sorted, found)) == [[n] for n in range(len(people))]


def man_then_woman() -> tuple[Clip, Track]:
    """Nobody for 0.3 s, then another; a detector's track that goes on as if nothing had been."""
    man = hidden(walker(60, 30.0, 300, 0.0, 250), 30.0, 0.8, 9)
    woman = hidden(walker(60, 30.0, 900, -0.5), 30.0, 0, 1.1)
    frames, _ = detections([man, woman], 30.0, lost_people=0.0)
    seen = np.array([frame for frame, found in enumerate(frames) if len(found)])
    return Clip(frames, 30.0, COCO_17), Track(seen, np.zeros_like(seen))


def test_a_track_that_jumps_to_somebody_else_is_cut_and_said() -> None:
    clip, track = man_then_woman()
    man, woman = cut_at_jumps(clip, "7", track)
    assert (man.name, woman.name) == ("7", "7-2")
    assert (man.track.frames[-1], woman.track.frames[0]) == (23, 33)
    (line,) = man.warnings
    assert woman.warnings == (line,)
    assert "track 7 is lost at 0.8 s and found 0.3 s later" in line
    later = dataclasses.replace(clip, first_frame=300)
    assert "lost at 10.8 s" in cut_at_jumps(later, "7", track)[0].warnings[0]
    assert "body lengths from where it was expected; taken for another person, 7-2" in line


def test_a_track_of_one_person_is_left_alone() -> None:
    person = hidden(walker(90, 30.0, 300), 30.0, 1.0, 2.5)
    frames, _ = detections([person], 30.0)
    seen = np.array([frame for frame, found in enumerate(frames) if len(found)])
    track = Track(seen, np.zeros_like(seen))
    (whole,) = cut_at_jumps(Clip(frames, 30.0, COCO_17), "7", track)
    assert whole == FollowedPerson("7", track)


def test_somebody_who_follows_another_is_said() -> None:
    clip, _ = man_then_woman()
    people = [FollowedPerson(str(n), track) for n, track in enumerate(associate(clip))]
    woman, man = with_successions(clip, people)
    assert woman.warnings == man.warnings
    assert man.warnings[0].startswith("person 1 is lost at 0.8 s; who is found 0.3 s later, ")
    # Among others it goes without saying.
    whole = FollowedPerson("2", Track(np.arange(60), np.zeros(60, np.intp)))
    assert not any(person.warnings for person in with_successions(clip, [*people, whole]))


def test_who_went_before_does_not_hide_that_somebody_follows() -> None:
    clip, _ = man_then_woman()
    people = [FollowedPerson(str(n), track) for n, track in enumerate(associate(clip))]
    gone = FollowedPerson("2", Track(np.arange(20), np.zeros(20, np.intp)))
    woman, man, other = with_successions(clip, [*people, gone])
    assert len(woman.warnings) == len(man.warnings) == 1 and not other.warnings


def test_two_tracks_that_fit_are_no_doubt() -> None:
    frames, _ = detections([hidden(walker(60, 30.0, 300), 30.0, 1.0, 1.2)], 30.0, lost_people=0.0)
    seen = np.array([frame for frame, found in enumerate(frames) if len(found)])
    parts = seen[seen < 30], seen[seen > 30]
    people = [FollowedPerson(str(len(p)), Track(p, np.zeros_like(p))) for p in parts]
    assert with_successions(Clip(frames, 30.0, COCO_17), people) == people


def test_a_false_alarm_follows_nobody() -> None:
    clip, _ = man_then_woman()
    woman, man = (FollowedPerson(str(n), track) for n, track in enumerate(associate(clip)))
    # Seen for 14 frames, less than half a second, she may be none; for 15 she is one.
    for frames, said in ((14, False), (15, True)):
        track = Track(woman.track.frames[:frames], woman.track.detections[:frames])
        people = with_successions(clip, [dataclasses.replace(woman, track=track), man])
        assert [bool(person.warnings) for person in people] == [said, said]


def test_long_out_of_sight_is_said() -> None:
    person = hidden(walker(150, 30.0, 600, 0.0), 30.0, 1.0, 4.0)
    frames, _ = detections([person], 30.0, lost_people=0.0)
    clip = Clip(frames, 30.0, COCO_17)
    people = [FollowedPerson(str(n), track) for n, track in enumerate(associate(clip))]
    assert (
        "3.0 s later, after more than 1.5 s, is taken"
        in with_successions(clip, people)[0].warnings[0]
    )


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    seed=st.integers(0, 2**31),
    spread=st.sampled_from([10.0, 300.0, 1e30]),
    fps=st.sampled_from([1.0, 30.0, 1000.0]),
)
def test_each_detection_is_in_at_most_one_track(
    counts: list[int], seed: int, spread: float, fps: float
) -> None:
    rng = np.random.default_rng(seed)
    frames = []
    for count in counts:
        points = (rng.random((count, 4, 2)) * spread).astype(np.float32)
        points[rng.random((count, 4)) < 0.3] = np.nan
        points[:, 0] = np.nan_to_num(points[:, 0])
        frames.append(points)
    tracks = associate(Clip(frames, fps, CORNERS))
    pairs = [pair for t in tracks for pair in zip(t.frames, t.detections, strict=True)]
    assert len(set(pairs)) == len(pairs)
    assert all(0 <= detection < counts[frame] for frame, detection in pairs)
    assert all((np.diff(track.frames) > 0).all() for track in tracks)
    lengths = [len(track) for track in tracks]
    assert lengths == sorted(lengths, reverse=True) and all(lengths)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_square_of_the_pieces() -> None:
    # A false alarm in every tenth frame, each at another place.
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 5000, (1500, 1, 1, 2)) + rng.uniform(0, 50, (1500, 1, 17, 2))
    nobody = np.empty((0, 17, 2), np.float32)
    frames = [f for place in places.astype(np.float32) for f in (place, *[nobody] * 9)]
    tracemalloc.start()
    tracks = associate(Clip(frames, 10, COCO_17))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1400 < len(tracks) <= 1500
    assert peak < 8 * 1500**2
