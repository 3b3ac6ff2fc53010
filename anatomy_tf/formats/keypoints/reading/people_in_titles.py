"""Several people in one line of a table, told apart by a word of the titles.

The word stands before the joint (``person1_nose_x``, ``anna_nose_x``), between joint and axis
(``nose_1_x``) or at the end (``nose_x_p1``, or ``nose_x.1``, as pandas names a title that comes
again).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<person>(?:[a-z]+_)?[0-9]+|[a-z]+[0-9]+)_(?P<joint>.+)",
        r"(?P<joint>.+)_(?P<person>[a-z]*[0-9]+)",
        r"(?P<person>[a-z]+)_(?P<joint>.+)",
    )
)
"""Joints' names with the person's; without it they are of somebody without a name."""

AT_END = re.compile(r"(?P<title>.+)_(?P<person>(?:person|player|p)?_?[0-9]{1,4})")
"""A title whose last word names the person."""

_FEWEST = 5
"""Joints that several people have."""

_OF_BODY = re.compile(r"hip|shoulder|^[a-z]*_?[0-9]+$")
"""A joint that everybody has, by name or number."""

_NO_PEOPLE = {
    *("left", "right", "l", "r"),
    *("raw", "original", "filtered", "filt", "smooth", "smoothed", "interpolated", "interp"),
    *("gt", "pred", "predicted", "reprojected", "norm", "normalized", "rel"),
}
"""Words before a joint's name that are its side, or tell several places of one person's."""


def people_of(names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Return each person's joints, by their names without the person; empty for one person.

    All people have the same joints.

    Args:
        names: of the joints of all people, in lower case with underscores.
    """
    for pattern in _PATTERNS:
        people: dict[str, dict[str, str]] = {}
        for name in names:
            match = pattern.fullmatch(name)
            person, joint = match.group("person", "joint") if match else ("", name)
            people.setdefault(person, {})[joint] = name
        joints = [set(of_person) for of_person in people.values()]
        alike = len(joints) > 1 and all(one == joints[0] for one in joints)
        whole = alike and len(joints[0]) >= _FEWEST and any(map(_OF_BODY.search, joints[0]))
        if whole and not _NO_PEOPLE & set(people):
            return {person or "0": of_person for person, of_person in people.items()}
    return {}
