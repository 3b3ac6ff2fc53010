"""Recognition of keypoints' layout by their number, then by their content."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

CLEARLY_LONGER = 1.5
"""Least ratio of every other layout's link length to the winner's. On the OpenPose sample the links
of the wrong one of BODY_25 and BODY_25B are 2.8 times longer in the median of its 200 detections
and 2.4 times in the nearest; 4.2 and 2.1 with the same people in BODY_25's order."""

ENOUGH_LINKS = 0.6
"""Least share of each possible layout's links that a detection must show to count."""


def recognized_layout(
    points: NDArray[np.floating], where: str, candidates: Sequence[Skeleton] | None = None
) -> Skeleton:
    """Return the keypoints' layout: the only one of this size, or the clearly best one.

    Joints in a wrong order make links across the body. A layout wins by content when the links of
    every other one are ``CLEARLY_LONGER`` in the median detection.

    Args:
        points: (N, J, 2) pixels of N detections, NaN where a joint was not detected.
        where: the file or folder, for messages.
        candidates: the layouts that the format can hold; by default all that are registered.

    Raises:
        AnatomyError: when no layout has this number of joints, or several do and none is clearly
            better; the message names the flag.
    """
    count = points.shape[1]
    known = map(get_skeleton, skeleton_names()) if candidates is None else candidates
    fitting = [layout for layout in known if layout.joint_count == count]
    if not fitting:
        others = [name for name in skeleton_names() if get_skeleton(name).joint_count == count]
        if not others:
            raise AnatomyError(f"{where}: no known layout has {count} keypoints")
        raise AnatomyError(
            f"{where}: {count} keypoints are of no detector's layout; say whether they are "
            + " or ".join(f"--layout {name}" for name in others)
        )
    if len(fitting) == 1:
        return fitting[0]
    best = _clearly_shortest(points, fitting)
    if best is None:
        raise AnatomyError(
            f"{where}: {count} keypoints are several layouts; say which with "
            + " or ".join(f"--layout {layout.name}" for layout in fitting)
        )
    return best


def _clearly_shortest(points: NDArray[np.floating], layouts: list[Skeleton]) -> Skeleton | None:
    measured = [_mean_link(points, layout) for layout in layouts]
    lengths = np.stack([length for length, _ in measured])
    counted = np.min([share for _, share in measured], axis=0) >= ENOUGH_LINKS
    counted &= (lengths > 0).all(axis=0)
    if not counted.any():
        return None
    lengths = lengths[:, counted]
    for index, layout in enumerate(layouts):
        others = np.delete(lengths, index, axis=0).min(axis=0)
        if np.median(others / lengths[index]) >= CLEARLY_LONGER:
            return layout
    return None


def _mean_link(
    points: NDArray[np.floating], layout: Skeleton
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return the mean link length (N,) of each detection, and the share (N,) of visible links."""
    ends = points.astype(np.float64)[:, np.array(layout.links)]
    lengths = np.linalg.norm(ends[:, :, 0] - ends[:, :, 1], axis=-1)
    shown = ~np.isnan(lengths)
    total = np.where(shown, lengths, 0.0).sum(axis=1)
    return total / np.maximum(shown.sum(axis=1), 1), shown.mean(axis=1)
