import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.formats.keypoints.reading.tracking import Track, associate, mean_area

SQUARE = np.array([(0, 0), (0, 40), (30, 0), (30, 40)], np.float32)
"""A body whose box is 30 x 40, diagonal 50: the gate of 0.3 is 15 px."""


def along(tracks: tuple[Track, ...], frames: int) -> list[list[int]]:
    """The place of each track in each frame, -1 where it has none."""
    return [[track.get(frame, -1) for frame in range(frames)] for track in tracks]


def at(*places: float) -> np.ndarray:
    return (
        np.stack([SQUARE + np.float32([x, 0]) for x in places]) if places else np.zeros((0, 4, 2))
    )


def test_gate_is_a_share_of_the_body() -> None:
    assert along(associate([at(0), at(14)], patience=5), 2) == [[0, 0]]
    assert along(associate([at(0), at(16)], patience=5), 2) == [[0, -1], [-1, 0]]


def test_least_total_distance_goes_before_the_nearest_pair() -> None:
    # Greedy would join 10 with 9 (distance 1) and leave 0 with 20, out of the gate.
    tracks = associate([at(0, 10), at(9, 20)], patience=5)
    assert sorted(along(tracks, 2)) == [[0, 0], [1, 1]]


def test_person_unseen_beyond_the_patience_is_new() -> None:
    gap = [at()] * 3
    assert len(associate([at(0), *gap, at(0)], patience=4)) == 1
    assert len(associate([at(0), *gap, at(0)], patience=3)) == 2


def test_no_joint_in_common_is_no_match() -> None:
    upper, lower = at(0), at(0)
    upper[0, 2:], lower[0, :2] = np.nan, np.nan
    assert len(associate([upper, lower], patience=5)) == 2


def test_longest_first_then_largest() -> None:
    small = SQUARE / 2
    frames = [np.stack([small + 500, SQUARE]), np.stack([small + 500, SQUARE]), at(0, 900)]
    tracks = associate(frames, patience=5)
    assert along(tracks, 3) == [[1, 1, 0], [0, 0, -1], [-1, -1, 1]]
    tracks = associate(frames[:2], patience=5)
    assert along(tracks, 2) == [[1, 1], [0, 0]]


def test_mean_area_is_over_the_seen_frames() -> None:
    clip = np.stack([SQUARE, np.full_like(SQUARE, np.nan), 2 * SQUARE])
    assert mean_area(clip) == pytest.approx((1200 + 4800) / 2)
    assert mean_area(clip[1:2]) == 0


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 4), min_size=1, max_size=8),
    seed=st.integers(0, 2**31),
    spread=st.sampled_from([10.0, 300.0, 1e30]),
)
def test_each_detection_is_in_exactly_one_track(
    counts: list[int], seed: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    frames = []
    for count in counts:
        points = (rng.random((count, 5, 2)) * spread).astype(np.float32)
        points[rng.random((count, 5)) < 0.3] = np.nan
        points[:, 0] = np.nan_to_num(points[:, 0])
        frames.append(points)
    tracks = associate(frames, patience=3)
    for frame, count in enumerate(counts):
        members = sorted(t[frame] for t in tracks if frame in t)
        assert members == list(range(count))
    lengths = [len(track) for track in tracks]
    assert lengths == sorted(lengths, reverse=True)
    assert all(length > 0 for length in lengths)
