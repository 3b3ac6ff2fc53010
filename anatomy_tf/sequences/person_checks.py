"""Checks that a function got one person's sequence, or a list of people's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences.keypoint_sequence import KeypointSequence
from anatomy_tf.sequences.pose_sequence import PoseSequence

_GIVEN_BY = {
    KeypointSequence: "load_keypoints gives a list of them",
    PoseSequence: "load_poses and Lifter.lift_all give lists of them",
}

Kind = type[KeypointSequence] | type[PoseSequence]


def check_person(sequence: Any, kind: Kind) -> None:
    """Raise ``AnatomyError`` unless a value is the sequence of one person.

    Args:
        sequence: the value.
        kind: what it should be.
    """
    if not isinstance(sequence, kind):
        raise AnatomyError(
            f"expected a {kind.__name__}, got {type(sequence).__name__}; {_GIVEN_BY[kind]}"
        )


def people_list(people: Any, kind: Kind, where: object) -> list[Any]:
    """Return people's sequences as a list; one person's sequence is a list of one.

    Args:
        people: the sequences; an empty list is accepted.
        kind: what each of them should be.
        where: the file, for the message.

    Raises:
        AnatomyError: for anything else.
    """
    if isinstance(people, kind):
        return [people]
    if not isinstance(people, Sequence) or isinstance(people, str):
        raise AnatomyError(
            f"{where}: expected a list of {kind.__name__}, got {type(people).__name__}"
        )
    for sequence in people:
        if not isinstance(sequence, kind):
            raise AnatomyError(
                f"{where}: expected a list of {kind.__name__}, got {type(sequence).__name__} in it"
            )
    return list(people)
