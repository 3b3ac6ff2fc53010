"""Checks that people fit into one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.person_checks import people_list
from anatomy_tf.skeletons import Skeleton

_COMMON: dict[type, tuple[str, ...]] = {
    PoseSequence: ("skeleton", "fps", "axes", "root_relative", "first_frame"),
    KeypointSequence: ("skeleton", "fps", "width", "height", "first_frame"),
}


def check_alike(
    path: Path,
    people: Any,
    kind: type[KeypointSequence | PoseSequence],
) -> list[Any]:
    """Return people who fit into one file, as a list.

    Args:
        path: the file.
        people: their sequences, or one person's.
        kind: what each of them is.

    Raises:
        AnatomyError: for no people or what is no list of them, or naming the attribute that
            differs.
    """
    sequences = people_list(people, kind, path)
    if not sequences:
        raise AnatomyError(f"{path}: expected at least one person to write, got none")
    for sequence in sequences:
        for name in (sequence.person, *sequence.skeleton.joint_names):
            check_name(name, path)
    for attribute in _COMMON[kind]:
        first, *others = [getattr(s, attribute) for s in sequences]
        for other in others:
            if other != first:
                raise AnatomyError(
                    f"{path}: expected people with one {attribute} in a file, "
                    f"got {_short(first)} and {_short(other)}"
                )
    return sequences


def check_names_differ(
    path: Path, sequences: Sequence[KeypointSequence] | Sequence[PoseSequence]
) -> None:
    """Raise AnatomyError where two people have one name, by which a table tells them apart.

    Blanks at a name's ends do not count, as tables do not keep them.

    Raises:
        AnatomyError: with the names.
    """
    names = [sequence.person.strip() for sequence in sequences]
    if len(set(names)) < len(names):
        raise AnatomyError(f"{path}: expected people of different names, got {names}")


def check_name(name: str, path: Path) -> None:
    """Raise AnatomyError where a name has a lone surrogate, which no text file can hold.

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
