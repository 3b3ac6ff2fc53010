"""Poses of people scored against their true ones."""

import dataclasses

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import evaluate_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

WRIST = HUMAN36M_17.index("left_wrist")


def moving(frames=8, fps=50.0, **more):
    """Every joint on its own straight line through the camera's axes."""
    rng = np.random.default_rng(0)
    start, speed = rng.normal(0, 0.4, (2, 17, 3))
    times = np.arange(frames)[:, None, None] / fps
    return PoseSequence(start + speed * times, HUMAN36M_17, fps, root_relative=False, **more)


def off(poses, metres=0.17):
    positions = poses.positions.copy()
    positions[:, WRIST, 0] += metres
    return dataclasses.replace(poses, positions=positions)


def test_one_wrist_off_by_170_mm_is_10_mm_of_17_joints():
    truth = moving()
    # Where the person stands does not count.
    elsewhere = dataclasses.replace(truth, positions=truth.positions + np.float32([1, 2, 3]))
    report = evaluate_poses(off(elsewhere), truth, {"poses": "a.npz"})
    overall = report.mean_over_frames
    assert (overall.frames, overall.sequences) == (8, 1)
    assert overall["mpjpe"] == pytest.approx(10, abs=1e-2)
    assert overall["mpjve"] == pytest.approx(0, abs=1e-2)
    assert report.conditions["axes"] == "the camera's"
    assert report.facts()["poses"] == "a.npz"


def test_frames_are_matched_by_their_time():
    # The poses begin 0.06 s after the true ones, which have twice the rate.
    truth = moving(41, 100.0, first_frame=10)
    poses = moving(41, 100.0, first_frame=10).between(6, 40).resampled(50)
    poses = dataclasses.replace(poses, first_frame=8)
    report = evaluate_poses(poses, truth)
    assert report.mean_over_frames["mpjpe"] == pytest.approx(0, abs=1e-3)
    assert report.mean_over_frames.frames == 18
    # At frames 9, 10, ... of the other half, between two true poses.
    between = dataclasses.replace(moving(40, 100.0), first_frame=0)
    assert evaluate_poses(moving(30, 75.0), between).mean_over_frames["mpjpe"] < 1e-3


def test_frames_that_are_not_seen_or_have_no_truth_are_left_out():
    truth = dataclasses.replace(moving(6), seen=np.arange(6) != 2)
    poses = dataclasses.replace(moving(8), seen=np.arange(8) != 0)
    report = evaluate_poses(poses, truth)
    assert report.mean_over_frames.frames == 4
    left_out = "frames left out, not seen or without true poses"
    assert report.conditions[left_out] == "4 of 8"


def test_other_axes_are_turned_onto_the_true_ones():
    truth = moving()
    turn = np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]], np.float32)
    world = dataclasses.replace(truth, positions=truth.positions @ turn.T, axes="world")
    report = evaluate_poses(truth, world)
    assert report.mean_over_frames["mpjpe"] == pytest.approx(0, abs=1e-3)
    assert report.conditions["axes"] == "one rotation a person, as fits best"
    turned = dataclasses.replace(world, axes="camera")
    assert evaluate_poses(truth, turned).mean_over_frames["mpjpe"] > 100


def test_people_are_matched_by_name():
    people = [moving(person="a"), off(moving(person="b"))]
    truth = [moving(person="b"), moving(person="c"), moving(person="a")]
    report = evaluate_poses(people, truth)
    errors = {name: scores["mpjpe"] for name, scores in report.subjects.items()}
    assert errors == {"a": pytest.approx(0, abs=1e-3), "b": pytest.approx(10, abs=1e-2)}
    assert report.mean_over_frames["mpjpe"] == pytest.approx(5, abs=1e-2)
    # The only ones of both are one person.
    assert evaluate_poses(people[0], truth[0]).subjects.keys() == {"a"}


@pytest.mark.parametrize(
    ("poses", "truth", "message"),
    [
        (moving(source="p.npz"), moving(first_frame=8), "^p.npz: person 0: no frame is seen in "),
        (moving(), moving(first_frame=8), "last from 0.00 to 0.14 s and 0.16 to 0.30 s of the vid"),
        (
            PoseSequence(np.zeros((8, 17, 3)), COCO_17, 50, source="p.npz"),
            moving(),
            "^p.npz: expected the layout of the true poses, human36m_17, got coco_17$",
        ),
        (
            [moving(person="a"), moving(person="b")],
            [moving(person="b", source="t.npz")],
            "^t.npz: expected one person 'a', got 'b'$",
        ),
        (moving(person="a"), [moving(person="a")] * 2, "expected one person 'a', got 'a', 'a'$"),
        ([moving()] * 2, moving(), "expected people of different names and one frame rate, got '0"),
        ([], moving(), "expected poses and true poses of at least one person"),
        ("p.npz", moving(), "^poses: expected a list of PoseSequence, got str$"),
    ],
)
def test_what_cannot_be_compared_is_refused(poses, truth, message):
    with pytest.raises(AnatomyError, match=message):
        evaluate_poses(poses, truth)
