"""Reading a file of poses for a verb, and choosing one of several people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from anatomy_tf.cli.lifted_poses import print_warnings
from anatomy_tf.errors import AnatomyError

if TYPE_CHECKING:
    from anatomy_tf.sequences import PoseSequence

Person = TypeVar("Person")


def read_poses(path: Path) -> list[PoseSequence]:
    """Return the poses of a file's people, after a line on stderr for each reason to doubt them.

    Raises:
        AnatomyError: see ``load_poses``.
    """
    from anatomy_tf.formats import load_poses

    people = load_poses(path)
    print_warnings(people)
    return people


def chosen_people(people: list[Person], person: int | None) -> list[Person]:
    """Return the person of a number, or everyone for ``None``.

    Raises:
        AnatomyError: when there is no such number.
    """
    if person is None:
        return people
    if not 0 <= person < len(people):
        raise AnatomyError(f"--person: expected 0..{len(people) - 1}, got {person}")
    return [people[person]]
