"""What the people of one file must have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton

POSE_COMMON = ("skeleton", "fps", "axes", "root_relative", "first_frame")
KEYPOINT_COMMON = ("skeleton", "fps", "width", "height", "first_frame")


def check_alike(
    path: Path,
    sequences: Sequence[KeypointSequence] | Sequence[PoseSequence],
    attributes: tuple[str, ...],
) -> None:
    """Refuses people who do not fit into one file.

    Raises:
        AnatomyError: for no people, or naming the attribute that differs.
    """
    if not sequences:
        raise AnatomyError(f"{path}: expected at least one person to write, got none")
    for sequence in sequences:
        for name in (sequence.person, *sequence.skeleton.joint_names):
            check_name(name, path)
    for attribute in attributes:
        first, *others = [getattr(s, attribute) for s in sequences]
        for other in others:
            if other != first:
                raise AnatomyError(
                    f"{path}: expected people with one {attribute} in a file, "
                    f"got {_short(first)} and {_short(other)}"
                )


def check_name(name: str, path: Path) -> None:
    """Refuse a name that no text file can hold: half of a character (a lone surrogate).

    Raises:
        AnatomyError: with the name.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise AnatomyError(
            f"{path}: expected names of whole characters, got {name!a:.40}"
        ) from None


def _short(value: Any) -> Any:
    return value.name if isinstance(value, Skeleton) else value
