"""The share of each person in training: short recordings are seen more often than long ones."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError


def cut_clips(clips: Sequence[MotionClip], seconds: float) -> list[MotionClip]:
    """Cut each long clip into equal pieces.

    Each piece becomes a clip, so that other cameras see it. It is named after the clip and its
    first frame, such as ``"14_01+750"``; a clip that is short enough stays as it is.

    Args:
        clips: motions.
        seconds: length of the longest piece; a piece has at least one frame.

    Raises:
        AnatomyError: for seconds that are not positive.
    """
    if not seconds > 0:
        raise AnatomyError(f"expected pieces of more than 0 seconds, got {seconds}")
    pieces = []
    for clip in clips:
        most = max(int(min(seconds * clip.fps, len(clip))), 1)
        count = -(-len(clip) // most)
        edges = np.linspace(0, len(clip), count + 1).round().astype(int)
        pieces += (
            [clip]
            if count == 1
            else [
                dataclasses.replace(
                    clip, positions=clip.positions[start:stop], name=f"{clip.name}+{start}"
                )
                for start, stop in itertools.pairwise(edges)
            ]
        )
    return pieces


def balanced_views(
    clips: Sequence[MotionClip],
    views: float,
    *,
    evenness: float = 0.5,
    weights: Sequence[float] | None = None,
    most: int = 24,
) -> list[int]:
    """Return the number of views of each clip, so that few people do not fill the training time.

    A person's time in all views together grows with the recorded time to the power of
    ``1 - evenness``. All clips of a person with one weight have as many views, but for rounding.

    Args:
        clips: motions; several of a person count together.
        views: mean number of views of a clip; their time is about this times the recorded time.
        evenness: 0 shows all clips equally often, 1 shows all people for the same time.
        weights: factors on each clip's time, one a clip; all 1 when ``None``.
        most: largest number of views of a clip.

    Returns:
        One count a clip, some of them 0 where weights are small.

    Raises:
        AnatomyError: for a number of views that is not positive, an evenness outside [0, 1], or
            weights that are not one positive number a clip.
    """
    factors = np.ones(len(clips)) if weights is None else np.asarray(weights, np.float64)
    if factors.shape != (len(clips),) or not (factors > 0).all():
        raise AnatomyError(f"expected {len(clips)} positive weights, one a clip")
    if not views > 0:
        raise AnatomyError(f"expected more than 0 views a clip, got {views}")
    if not 0 <= evenness <= 1:
        raise AnatomyError(f"expected an evenness in [0, 1], got {evenness}")
    seconds = np.array([clip.duration for clip in clips])
    people = np.unique([clip.subject for clip in clips], return_inverse=True)[1]
    recorded = np.bincount(people, seconds)
    wanted = factors * recorded[people] ** -evenness
    wanted *= views * seconds.sum() / (wanted * seconds).sum()
    # Rounded as a running sum, a fraction of a view is given to some of a person's clips.
    order = np.argsort(people, kind="stable")
    ends = np.minimum(wanted, most)[order].cumsum().round().astype(int)
    counts = np.empty(len(clips), int)
    counts[order] = np.diff(ends, prepend=0)
    return counts.tolist()
