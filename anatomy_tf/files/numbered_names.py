"""Frame numbers in the names of images or files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from pathlib import Path

from anatomy_tf.errors import AnatomyError

_DIGITS = re.compile(r"[0-9]+")
_SUFFIX = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,5}$")
"""A suffix has a letter, so that ``clip.0012`` has none."""
_HASH = re.compile(r"(?<![0-9a-f])(?=[0-9]*[a-f])[0-9a-f]{16,}")
"""Hexadecimal digits by which programs such as Roboflow make names unique. The look-behind lets it
begin only where a run of digits begins; a try at each digit takes quadratic time."""
_LONGEST = 18
"""Digits of the largest number."""


def numbers_of_names(names: Iterable[str], where: object) -> dict[str, int]:
    """Return the frame number in each name: the number that varies from name to name.

    ``33300_0.png, 33301_0.png`` are frames 33300 and 33301. Where several numbers vary, the frame's
    is the one that ascends from name to name, if possible without a gap, such as the last of
    ``take1_0001, take1_0002, take2_0003``. A suffix such as ``.png`` or ``.mp4`` does not count.

    Args:
        names: of images or files, with or without folder and suffix; several may be the same.
        where: the file or folder, for messages.

    Raises:
        AnatomyError: when a name has no number, when names have different counts of numbers, when
            it is ambiguous which one is the frame's, or when two names have the same.
    """
    found = {name: _numbers(name) for name in dict.fromkeys(names)}
    for name, numbers in found.items():
        if not numbers:
            raise AnatomyError(f"{where}: expected a frame number in the name {name!r:.60}")
    if not found:
        return {}
    first, counts = next(iter(found)), {len(numbers) for numbers in found.values()}
    if len(counts) > 1:
        other = next(n for n, numbers in found.items() if len(numbers) != len(found[first]))
        raise AnatomyError(
            f"{where}: expected names that differ in the frame's number only, got {first!r:.60} "
            f"and {other!r:.60}"
        )
    chosen = _frame_column(list(zip(*found.values(), strict=True)))
    if chosen is None:
        raise AnatomyError(
            f"{where}: which number is the frame's? Several vary in names such as {first!r:.60}"
        )
    named: dict[int, str] = {}
    for name, number in zip(found, chosen, strict=True):
        if number in named:
            raise AnatomyError(
                f"{where}: {named[number]!r:.60} and {name!r:.60} are both frame {number}; "
                "expected the images of one video"
            )
        named[number] = name
    return {name: number for number, name in named.items()}


def _frame_column(columns: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    """Return the column of numbers that counts frames; ``None`` where that is ambiguous."""
    count = len(columns[0])
    varying = [column for column in columns if len(set(column)) > 1] or columns[-1:]
    if len(varying) == 1:
        return varying[0]
    # Sorted by all numbers of the names, the frame's ascend; milliseconds after seconds do not.
    in_order = sorted(range(count), key=lambda name: [column[name] for column in columns])
    telling = [
        column
        for column in varying
        if all(column[a] < column[b] for a, b in itertools.pairwise(in_order))
    ]
    without_gaps = [column for column in telling if max(column) - min(column) == count - 1]
    candidates = without_gaps or telling
    # Columns that rise by the same steps, such as frame and image numbers, do not disagree.
    steps = {tuple(number - column[0] for number in column) for column in candidates}
    return candidates[-1] if len(steps) == 1 else None


def _numbers(name: str) -> tuple[int, ...]:
    stem = _HASH.sub("", _SUFFIX.sub("", name))
    return tuple(int(digits) for digits in _DIGITS.findall(stem) if len(digits) <= _LONGEST)


def files_of(folder: Path, suffix: str) -> list[Path]:
    """Return the visible files of a folder with this suffix in any capitals, sorted by name.

    Raises:
        AnatomyError: when the system refuses to look.
    """
    try:
        visible = (path for path in folder.glob("*") if not path.name.startswith("."))
        return sorted(path for path in visible if path.name.lower().endswith(suffix))
    except OSError as error:
        raise AnatomyError(f"{folder}: cannot be read ({error.strerror or error})") from None


def check_mostly_there(numbers: Iterable[int], folder: Path) -> None:
    """Check that most frames have a file, as a frame without people has one, too.

    Raises:
        AnatomyError: when most are missing, saying how many of them are there.
    """
    known = sorted(numbers)
    span = known[-1] - known[0] + 1
    if span > 1 and span >= 2 * len(known) - 1 and span != len(known):
        raise AnatomyError(
            f"{folder}: file names run from frame {known[0]} to {known[-1]}, but only "
            f"{len(known)} of these {span} frames are there"
        )
