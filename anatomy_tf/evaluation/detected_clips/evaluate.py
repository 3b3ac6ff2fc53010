"""Scoring of poses lifted from detections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.detected_clips.detection_measures import DETECTION_MEASURES
from anatomy_tf.evaluation.detected_clips.detection_report import DetectionReport
from anatomy_tf.evaluation.detected_clips.scored_clip import ScoredClip
from anatomy_tf.evaluation.scores import Scores
from anatomy_tf.evaluation.sequence_evaluation import as_text
from anatomy_tf.sequences import PoseSequence

PITCH_STEP = 10
"""Degrees; cameras are grouped by their pitch, rounded to a multiple of this."""

_Sums = dict[str, tuple[float, int]]


def evaluate_detections(
    clips: Sequence[DetectedClip],
    poses: Sequence[PoseSequence],
    conditions: Mapping[str, Any] | None = None,
) -> DetectionReport:
    """Score poses with every measure of ``DETECTION_MEASURES``.

    The report groups scores by camera, camera pitch, subject and action, and gives those of all
    clips. Every value (of a frame, a step or a limb) has the same weight in every clip.

    Args:
        clips: detections with true positions, all with the same joints.
        poses: the result of ``Lifter.lift`` for the keypoints of each clip.
        conditions: other settings that the numbers depend on, such as ``{"model": ...,
            "flip": ...}``; shown with them.

    Raises:
        AnatomyError: when there is no clip, poses do not belong to their clip, clips differ in
            their joints, or no frame has all true joints.
    """
    if not clips or len(clips) != len(poses):
        raise AnatomyError(f"expected poses for each of {len(clips)} clips, got {len(poses)}")
    scored = [ScoredClip.of(*pair) for pair in zip(clips, poses, strict=True)]
    joints = scored[0].joint_names
    for own in scored:
        if own.joint_names != joints:
            raise AnatomyError(
                f"{own.clip}: expected the joints of the first clip, {', '.join(joints)}, "
                f"got {', '.join(own.joint_names)}"
            )
    if not any(own.valid.any() for own in scored):
        raise AnatomyError(f"{clips[0]}: no frame has the true root and all of {', '.join(joints)}")
    sums = [_sums(own) for own in scored]

    def by(label: Callable[[DetectedClip], str | None]) -> dict[str, Scores]:
        groups: dict[str, list[int]] = {}
        for index, clip in enumerate(clips):
            name = label(clip)
            if name is not None:
                groups.setdefault(name, []).append(index)
        return {
            name: _pooled([scored[i] for i in own], [sums[i] for i in own])
            for name, own in groups.items()
        }

    pitches = by(_pitch_label)
    return DetectionReport(
        {
            "camera": by(lambda clip: clip.camera),
            "camera pitch": {name: pitches[name] for name in sorted(pitches, key=_degrees)},
            "subject": by(lambda clip: clip.subject),
            "action": by(lambda clip: clip.action),
        },
        _pooled(scored, sums),
        joints,
        {**as_text(conditions), **_facts(scored)},
    )


def _sums(scored: ScoredClip) -> _Sums:
    """Return the sum, in the measure's unit, and the number of values of each measure."""
    found = {}
    for measure in DETECTION_MEASURES:
        values = np.ravel(measure.of(scored)) if scored.valid.any() else np.zeros(0)
        values = values[~np.isnan(values)]
        found[measure.key] = (measure.scale * float(values.sum()), len(values))
    return found


def _pooled(scored: Sequence[ScoredClip], sums: Sequence[_Sums]) -> Scores:
    values = {}
    for measure in DETECTION_MEASURES:
        total, count = np.sum([own[measure.key] for own in sums], axis=0)
        values[measure.key] = float(total / count) if count else float("nan")
    return Scores(int(sum(own.valid.sum() for own in scored)), len(scored), values)


def _pitch_label(clip: DetectedClip) -> str | None:
    if np.isnan(clip.pitch):
        return None
    return f"{PITCH_STEP * round(clip.pitch / PITCH_STEP)}°"


def _degrees(label: str) -> int:
    return int(label.removesuffix("°"))


def _facts(scored: Sequence[ScoredClip]) -> dict[str, str]:
    frames = sum(len(own.valid) for own in scored)
    left_out = frames - sum(int(own.valid.sum()) for own in scored)
    rates = sorted({own.clip.keypoints.fps for own in scored})
    layouts = sorted({own.clip.keypoints.skeleton.name for own in scored})
    metric = [own.clip.metric for own in scored]
    return {
        "keypoints": ", ".join(layouts),
        "fps": ", ".join(f"{rate:g}" for rate in rates),
        "unit": "metres" if all(metric) else "a convention: one scale a clip is taken out",
        "frames left out, a true joint unknown": f"{left_out} of {frames}",
    }
