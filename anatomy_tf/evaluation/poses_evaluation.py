"""Evaluation of people's poses against their true poses, as files of poses hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf import metrics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores, frame_weighted
from anatomy_tf.evaluation.sequence_evaluation import as_text, pose_scores
from anatomy_tf.sequences import PoseSequence, interpolate_frames
from anatomy_tf.sequences.labelled_arrays import frame_times
from anatomy_tf.sequences.person_checks import people_list
from anatomy_tf.sequences.resampling import resample_frames

EVERYTHING = "everything"
"""The one action of a file of poses."""


def evaluate_poses(
    poses: PoseSequence | Sequence[PoseSequence],
    truth: PoseSequence | Sequence[PoseSequence],
    conditions: Mapping[str, Any] | None = None,
) -> Report:
    """Score poses with every measure of ``MEASURES``, relative to the root, by person and overall.

    A person is compared with the true one of the same name, or with the only one. A frame counts
    when the person was seen in it and the true poses, which are interpolated linearly to the time
    of the frame in the video, have been seen there. Poses in the camera's axes are compared with
    true ones in these axes as they are; others, whose heading is a convention, are first turned by
    the one rotation that fits all of a person's poses best.

    Args:
        poses: one person's, or several people's; metres.
        truth: the true poses, of the same layout; their frame rate may differ.
        conditions: other settings that the numbers depend on, such as ``{"poses": "lifted.npz"}``;
            shown with them.

    Raises:
        AnatomyError: when nobody or several people have a name, layouts or the people's frame rates
            differ, or no frame counts.
    """
    ours = people_list(poses, PoseSequence, "poses")
    theirs = people_list(truth, PoseSequence, "true poses")
    if not (ours and theirs):
        raise AnatomyError("expected poses and true poses of at least one person, got none")
    subjects: dict[str, Scores] = {}
    for person in ours:
        if person.person in subjects or person.fps != ours[0].fps:
            raise AnatomyError(
                f"{person.source or 'poses'}: expected people of different names and one frame "
                f"rate, got {', '.join(f'{one.person!r} at {one.fps:g}' for one in ours[:10])}"
            )
        subjects[person.person] = _scores(person, _true_one(person, ours, theirs))
    scores = list(subjects.values())
    frames = sum(map(len, ours))
    turned = {*(one.axes for one in ours), *(one.axes for one in theirs)} != {"camera"}
    facts = {
        "axes": "one rotation a person, as fits best" if turned else "the camera's",
        "frames left out, not seen or without true poses": (
            f"{frames - sum(one.frames for one in scores)} of {frames}"
        ),
    }
    return Report(
        {EVERYTHING: frame_weighted(scores)},
        subjects,
        ours[0].skeleton.name,
        ours[0].fps,
        as_text(conditions) | facts,
    )


def _true_one(
    person: PoseSequence, ours: Sequence[PoseSequence], theirs: Sequence[PoseSequence]
) -> PoseSequence:
    """Return the true poses of a person."""
    same = [one for one in theirs if one.person == person.person]
    if len(ours) == len(theirs) == 1:
        same = list(theirs)
    if len(same) != 1:
        raise AnatomyError(
            f"{theirs[0].source or 'true poses'}: expected one person {person.person!r}, "
            f"got {', '.join(repr(one.person) for one in theirs[:10])}"
        )
    return same[0]


def _scores(poses: PoseSequence, truth: PoseSequence) -> Scores:
    where, skeleton = poses.source or "poses", poses.skeleton
    if truth.skeleton != skeleton:
        raise AnatomyError(
            f"{where}: expected the layout of the true poses, {truth.skeleton.name}, "
            f"got {skeleton.name}"
        )
    # In frames of the true poses; what is a whole frame but for rounding is one.
    times = np.round(frame_times(poses) * truth.fps - truth.first_frame, 6)
    valid = (times >= 0) & (times <= len(truth) - 1) & poses.seen
    valid &= resample_frames(truth.seen, times)
    if not valid.any():
        raise AnatomyError(
            f"{where}: person {poses.person}: no frame is seen in the poses and in the true ones; "
            f"they last from {_seconds(poses)} and {_seconds(truth)} of the video"
        )
    target = interpolate_frames(_rooted(truth), times)
    predicted = _rooted(poses)
    if {poses.axes, truth.axes} != {"camera"}:
        predicted = predicted @ metrics.clip_rotation(predicted[valid], target[valid]).T
    return pose_scores(predicted, target, skeleton, None if valid.all() else valid)


def _rooted(poses: PoseSequence) -> NDArray[np.float64]:
    positions = poses.positions.astype(np.float64)
    return positions - positions[:, [poses.skeleton.root]]


def _seconds(poses: PoseSequence) -> str:
    times = frame_times(poses)
    return f"{times[0]:.2f} to {times[-1]:.2f} s"
