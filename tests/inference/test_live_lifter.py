from functools import partial

import keras
import numpy as np
import pytest
from moving_people import SIZE, detections, hidden, walker

from anatomy_tf.inference import Lifter, LiveLifter
from anatomy_tf.models import AnatomyLifter
from anatomy_tf.poses.smoothing import OneEuroFilter
from anatomy_tf.skeletons import COCO_17

pytestmark = pytest.mark.slow

FPS = 30.0


@pytest.fixture(scope="module")
def lifter():
    keras.utils.set_random_seed(0)
    return Lifter(AnatomyLifter(filter_widths=(3, 3), channels=8, causal=True))


@pytest.fixture(scope="module")
def centred():
    keras.utils.set_random_seed(0)
    return Lifter(AnatomyLifter(filter_widths=(3, 3), channels=8))


def live(lifter, fps=FPS, **options):
    stream = lifter.stream(0, image_size=SIZE, fps=fps, skeleton=COCO_17)
    return LiveLifter(stream, **options)


def seen(people, fps=FPS):
    """(P, 17, 3) detections of each frame, in the people's order."""
    frames, who = detections(people, fps, noise=0.0, lost_joints=0.0, lost_people=0.0)
    return [
        np.concatenate([points, np.full((*points.shape[:2], 1), 0.9)], axis=-1)[np.argsort(order)]
        for points, order in zip(frames, who, strict=True)
    ]


def test_each_frame_is_lifted_as_the_stream_does(lifter):
    frames = seen([walker(20, FPS, 300)])
    lifting, stream = live(lifter), lifter.stream(1, image_size=SIZE, fps=FPS, skeleton=COCO_17)
    for number, points in enumerate(frames):
        (person,) = lifting.push(number, points.astype(np.float32))
        expected = stream.push(points[..., :2], points[..., 2])
        assert person.name == "0"
        np.testing.assert_allclose(person.pose, expected[0], atol=1e-6)
        np.testing.assert_allclose(person.bone_lengths, stream.bone_lengths[0], atol=1e-6)
        np.testing.assert_allclose(person.keypoints, points[0], atol=1e-3)


def test_dropped_frames_are_interpolated(lifter):
    """Somebody who walks evenly without moving a limb is where interpolation puts them."""
    straight = walker(31, FPS, 300)
    straight.cadence = 0.0
    frames = [points.astype(np.float32) for points in seen([straight])]
    all_frames, some = live(lifter), live(lifter)
    for number in range(31):
        expected = all_frames.push(number, frames[number])
    for number in (0, 1, 4, 5, 11, 19, 30):
        found = some.push(number, frames[number])
    np.testing.assert_allclose(found[0].pose, expected[0].pose, atol=1e-4)
    (dense,), (sparse,) = all_frames.recorded(), some.recorded()
    assert len(dense) == len(sparse) == 31
    assert sparse.seen.all()
    np.testing.assert_allclose(sparse.positions, dense.positions, atol=1e-3)


@pytest.mark.parametrize("place", ["before the stream", "after it"])
def test_a_recording_that_is_interrupted_within_a_frame_is_whole(lifter, place):
    lifting = live(lifter)
    push = lifting.stream.push

    def interrupted(*given):
        if number == 25:
            if place == "after it":
                push(*given)
                lifting._smoothed = stopped
                return given[0]
            stopped()
        return push(*given)

    def stopped(*given):
        raise KeyboardInterrupt

    lifting.stream.push = interrupted
    with pytest.raises(KeyboardInterrupt):
        for number, points in enumerate(seen([walker(30, FPS, 300)])):
            lifting.push(number, points.astype(np.float32))
    (person,) = lifting.recorded()
    assert len(person) == 26
    assert person.seen.tolist() == [True] * 25 + [place == "after it"]
    assert np.isfinite(person.positions).all()


def test_people_come_and_go(lifter):
    first = hidden(walker(150, FPS, 300, 0.0), FPS, 2.0, 9)
    second = hidden(walker(150, FPS, 900, 0.0), FPS, 0.0, 1.0)
    lifting = live(lifter)
    there = [
        [person.name for person in lifting.push(n, points.astype(np.float32))]
        for n, points in enumerate(seen([first, second]))
    ]
    assert there[0] == ["0"] and there[45] == ["0", "1"] and there[-1] == ["1"]
    assert lifting.stream.people == ("1",)
    longest, other = lifting.recorded()
    assert (longest.person, len(longest), longest.seen.sum()) == ("1", 150, 120)
    assert (other.person, len(other), other.seen.sum()) == ("0", 150, 60)
    assert np.flatnonzero(other.seen)[[0, -1]].tolist() == [0, 59]
    assert other.bone_lengths.shape == (16,)


def test_false_alarms_are_not_recorded(lifter):
    first, second = walker(40, FPS, 300, 0.0), hidden(walker(40, FPS, 900, 0.0), FPS, 0.3, 9)
    lifting = live(lifter)
    for number, points in enumerate(seen([first, second])):
        lifting.push(number, points.astype(np.float32))
    assert lifting.recorded_points == 2 * 40 * 17
    assert [poses.person for poses in lifting.recorded()] == ["0"]


def test_a_recording_begins_with_its_first_frame_and_keeps_the_cameras_rate(lifter):
    lifting = live(lifter)
    for number, points in enumerate(seen([walker(40, FPS, 300)])):
        lifting.push(number + 7, points.astype(np.float32))
    (poses,) = lifting.recorded()
    assert (len(poses), poses.fps, poses.first_frame) == (40, FPS, 7)
    assert poses.root_relative and poses.skeleton == lifter.skeleton


def test_poses_of_a_centred_model_are_recorded_in_their_own_frames(centred):
    frames = [points.astype(np.float32) for points in seen([walker(60, 50.0, 300)], 50.0)]
    lifting = live(centred, 50.0)
    people = [lifting.push(number, points) for number, points in enumerate(frames)]
    assert people[0][0].pose is None and people[-1][0].pose is not None
    stream = centred.stream(1, image_size=SIZE, fps=50.0, skeleton=COCO_17)
    poses = [stream.push(points[..., :2], points[..., 2])[0] for points in frames]
    expected = [*poses[stream.latency :], *stream.finish()[:, 0]]
    (found,) = lifting.recorded()
    np.testing.assert_allclose(found.positions, expected, atol=1e-5)


def test_nobody_and_no_recording(lifter):
    assert live(lifter).recorded() == []
    lifting = live(lifter)
    assert lifting.push(3, np.zeros((0, 17, 3), np.float32)) == []
    assert lifting.recorded() == []
    silent = live(lifter, record=False)
    for number, points in enumerate(seen([walker(30, FPS, 300)])):
        silent.push(number, points.astype(np.float32))
    assert (silent.recorded_points, silent.recorded()) == (0, [])


def test_poses_are_smoothed(lifter):
    plain, smooth = live(lifter), live(lifter, new_filter=partial(OneEuroFilter, FPS, 0.5))
    expected = OneEuroFilter(FPS, 0.5)
    for number, points in enumerate(seen([walker(20, FPS, 300)])):
        (rough,) = plain.push(number, points.astype(np.float32))
        (calm,) = smooth.push(number, points.astype(np.float32))
        np.testing.assert_allclose(calm.pose, expected.push(rough.pose), atol=1e-6)


def test_the_work_after_a_long_gap_is_bounded(lifter):
    """Lifting that cannot keep up must not have more and more frames to make up for."""
    lifting = live(lifter)
    rows = []
    push = lifting.stream.push

    def counted(keypoints, visibility=None):
        rows.append(len(keypoints))
        return push(keypoints, visibility)

    lifting.stream.push = counted
    frames = [points.astype(np.float32) for points in seen([walker(2, FPS, 300, 0.0)])]
    lifting.push(0, frames[0])
    assert [one.name for one in lifting.push(40, frames[1])] == ["0"]
    assert sum(rows) == 41
    assert [one.name for one in lifting.push(640, frames[1])] == ["1"]
    assert len(rows) == 641 and sum(rows) == 42
