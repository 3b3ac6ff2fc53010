"""Keypoints with names of the user's own, as trained trackers of animals and people give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names


def named_layout(names: Sequence[str], given: Skeleton | None, path: Path) -> Skeleton:
    """The layout of named keypoints.

    Names are compared without case; blanks, hyphens and dots count as underscores. By default the
    registered layout with most joints all of which are named; further names are left out.

    Args:
        names: the file's.
        given: the layout that the caller states; joints that are not named become gaps.
        path: the file, for messages.

    Raises:
        AnatomyError: when no layout is named whole and none is given, or the given one shares no
            name.
    """
    known = {_plain(name) for name in names}
    if given is not None:
        if not known & {_plain(name) for name in given.joint_names}:
            raise AnatomyError(
                f"{path}: names none of the joints of {given.name}; it has {', '.join(names)}"
            )
        return given
    layouts = map(get_skeleton, skeleton_names())
    whole = [s for s in layouts if {_plain(name) for name in s.joint_names} <= known]
    if not whole:
        raise AnatomyError(
            f"{path}: does not name all joints of a known layout; say which with --layout NAME"
        )
    return max(whole, key=lambda layout: layout.joint_count)


def in_layout(
    names: Sequence[str], layout: Skeleton, points: NDArray[np.floating]
) -> NDArray[np.floating]:
    """(..., K, 3) values of named keypoints as (..., J, 3) of a layout, NaN where unnamed."""
    place = {_plain(name): index for index, name in enumerate(names)}
    ordered = np.full((*points.shape[:-2], layout.joint_count, 3), np.nan)
    for joint, name in enumerate(layout.joint_names):
        if _plain(name) in place:
            ordered[..., joint, :] = points[..., place[_plain(name)], :]
    return ordered


def _plain(name: str) -> str:
    return re.sub(r"[\s.\-]+", "_", name.strip().lower())
