"""Keypoints with names that users chose, as from trained trackers of animals and people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""The words of ``leftShoulder``, ``LShoulder``, ``LEFT_SHOULDER`` and ``left-shoulder``."""

_SIDES = {"l": "left", "r": "right", "left": "left", "right": "right"}


def named_layout(names: Sequence[str], given: Skeleton | None, path: Path) -> Skeleton:
    """Return the layout of named keypoints.

    Names are compared word by word: ``left_shoulder``, ``leftShoulder``, ``Left Shoulder``,
    ``LShoulder`` and ``shoulder.L`` are the same; words with which all names begin, such as
    ``PoseLandmark.NOSE``, are left out. By default the layout is the largest registered
    one whose joints are all named; further names are left out.

    Args:
        names: the names in the file.
        given: the layout that the caller states; joints without a name become gaps.
        path: the file, for messages.

    Raises:
        AnatomyError: when none is given and no layout has all its joints named, or the given one
            shares no name.
    """
    known = set(plain_names(names))

    def lacking(layout: Skeleton) -> list[str]:
        return [name for name in layout.joint_names if plain_name(name) not in known]

    if given is not None:
        if len(lacking(given)) == given.joint_count:
            raise AnatomyError(
                f"{path}: names none of the joints of {given.name}; it has {_few(names)}"
            )
        return given
    layouts = [get_skeleton(name) for name in skeleton_names()]
    whole = [layout for layout in layouts if not lacking(layout)]
    if whole:
        return max(whole, key=lambda layout: layout.joint_count)
    nearest = min(layouts, key=lambda s: (len(lacking(s)) / s.joint_count, -s.joint_count))
    if len(lacking(nearest)) == nearest.joint_count:
        raise AnatomyError(
            f"{path}: names {_few(names)}, no joint of a known layout; give joints their names"
        )
    raise AnatomyError(
        f"{path}: does not name all joints of a known layout; of {nearest.name} it lacks "
        f"{_few(lacking(nearest))}; say which with --layout NAME, then they are left out"
    )


def in_layout(
    names: Sequence[str], layout: Skeleton, points: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return values (..., K, 3) of named keypoints as (..., J, 3) of a layout; NaN if missing."""
    place = {name: index for index, name in enumerate(plain_names(names))}
    ordered = np.full((*points.shape[:-2], layout.joint_count, 3), np.nan, np.float32)
    for joint, name in enumerate(layout.joint_names):
        if plain_name(name) in place:
            ordered[..., joint, :] = points[..., place[plain_name(name)], :]
    return ordered


def plain_name(name: str) -> str:
    """Return a joint's name in lower case with underscores, its side first."""
    return _sides_first(_words(name))


def plain_names(names: Sequence[str]) -> list[str]:
    """Return joints' names as ``plain_name`` does, without words with which all of them begin."""
    words = [_words(name) for name in names]
    while len(words) > 1 and min(map(len, words)) > 1 and len({w[0] for w in words}) == 1:
        if words[0][0] in _SIDES:
            break
        words = [w[1:] for w in words]
    return [_sides_first(w) for w in words]


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _sides_first(words: Sequence[str]) -> str:
    sides = [_SIDES[word] for word in words if word in _SIDES]
    return "_".join(sides + [word for word in words if word not in _SIDES])


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(f"{name:.30}" for name in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
