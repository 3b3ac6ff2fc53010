from collections import defaultdict

import numpy as np
import pytest
from moving_people import detections, hidden, walker
from numpy.typing import NDArray
from test_tracking import RATES, SQUARE, scenes

from anatomy_tf.formats.keypoints.reading.online_tracking import OnlineTracker, PieceTracker
from anatomy_tf.formats.keypoints.reading.track_gaps import LONGEST_GAP
from anatomy_tf.skeletons import COCO_17, Skeleton

CORNERS = Skeleton("corners", ("a", "b", "c", "d"), (-1, 0, 0, 1))


def at(*places: float) -> NDArray[np.float64]:
    """Detections of one frame, each a square at a place on the x axis."""
    if not places:
        return np.zeros((0, 4, 2))
    return np.stack([SQUARE + np.array([x, 0.0]) for x in places])


@RATES
@pytest.mark.parametrize("scene", scenes(30.0))
def test_everyone_keeps_one_name(scene: str, fps: float) -> None:
    people = scenes(fps)[scene]
    for seed in range(3):
        frames, who = detections(people, fps, seed)
        tracker = OnlineTracker(COCO_17)
        found: dict[str, set[int]] = defaultdict(set)
        for frame, (points, true) in enumerate(zip(frames, who, strict=True)):
            for name, person in zip(tracker.push(points, frame / fps), true, strict=True):
                found[name].add(int(person))
        assert sorted(map(sorted, found.values())) == [[n] for n in range(len(people))]


def test_names_are_of_the_frames_detections_in_their_order() -> None:
    tracker = OnlineTracker(CORNERS)
    assert tracker.push(at(0, 100), 0.0) == ["0", "1"]
    assert tracker.push(at(101, 2), 0.1) == ["1", "0"]
    assert tracker.push(at(), 0.2) == []
    assert tracker.push(at(3), 0.3) == ["0"]


def test_detections_a_second_apart_are_joined() -> None:
    """A slow detector: each frame is the next, however long it took."""
    tracker = OnlineTracker(CORNERS)
    names = [tracker.push(at(20.0 * second), float(second)) for second in range(6)]
    assert names == [["0"]] * 6


def test_who_moves_steadily_is_expected_further_on() -> None:
    """After 0.2 s people are sought within half a diagonal, 25 pixels; this one moves by 30."""
    tracker = PieceTracker(CORNERS)
    for frame in (*range(9), 10):
        assert tracker.push(at(15.0 * frame), frame / 10) == [0]
    # Who has stood there so far is another.
    tracker = PieceTracker(CORNERS)
    assert tracker.push(at(0), 0.0) == tracker.push(at(0), 0.1) == [0]
    assert tracker.push(at(30), 0.3) == [1]


def test_who_trembles_is_expected_in_place() -> None:
    """From frame to frame the speed is 120 pixels a second, to and fro; in the mean it is none."""
    tracker = PieceTracker(CORNERS)
    for frame in (*range(9), 10):
        assert tracker.push(at(12.0 * (frame % 2)), frame / 10) == [0]


def test_who_is_out_of_sight_for_long_is_forgotten() -> None:
    fps = 30.0
    one = hidden(walker(150, fps, 600, 0.0), fps, 1.0, 1.0 + LONGEST_GAP + 0.3)
    frames, _ = detections([one], fps, lost_people=0.0)
    tracker = OnlineTracker(COCO_17)
    names = [tuple(tracker.push(points, frame / fps)) for frame, points in enumerate(frames)]
    assert set(names) == {("0",), (), ("1",)}
    assert tracker.people == ("1",)


@pytest.mark.slow
def test_memory_does_not_grow() -> None:
    tracker = OnlineTracker(CORNERS)
    for frame in range(300):
        # Each is far from the last: somebody new.
        tracker.push(at(1000.0 * frame), frame / 10)
    assert len(tracker.people) <= LONGEST_GAP * 10 + 1
    assert len(tracker._names) <= 3
    for frame in range(300, 400):
        tracker.push(at(0.0), frame / 10)
    assert sum(map(len, tracker._seen.values())) <= 5
