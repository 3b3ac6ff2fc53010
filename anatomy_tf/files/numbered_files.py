"""Folders with one file a frame."""

from __future__ import annotations

import re
from pathlib import Path

from anatomy_tf.errors import AnatomyError


def files_of(folder: Path, suffix: str) -> list[Path]:
    """The visible files of a folder with this suffix, by name.

    Raises:
        AnatomyError: when the system refuses to look.
    """
    try:
        return sorted(p for p in folder.glob(f"*{suffix}") if not p.name.startswith("."))
    except OSError as error:
        raise AnatomyError(f"{folder}: cannot be read ({error.strerror or error})") from None


def numbered_files(folder: Path, suffix: str, expected: str) -> dict[int, Path]:
    """Files by frame number, the last number of their names.

    Args:
        folder: one camera's.
        suffix: of the files.
        expected: what they are, for messages.

    Raises:
        AnatomyError: when there are none, one has no number, or two have the same.
    """
    files = files_of(folder, suffix)
    if not files:
        raise AnatomyError(f"{folder}: expected {expected}, the folder has none")
    numbered: dict[int, Path] = {}
    for file in files:
        number = frame_number(file.stem)
        if number is None:
            raise AnatomyError(f"{file}: expected a frame number in the file name")
        if number in numbered:
            raise AnatomyError(
                f"{folder}: {numbered[number].name} and {file.name} are both frame {number}; "
                "expected the files of one camera"
            )
        numbered[number] = file
    return numbered


def frame_number(stem: str) -> int | None:
    """The last number in a file's name without its suffix; ``None`` without one."""
    digits = re.findall(r"[0-9]+", stem)
    return int(digits[-1]) if digits and len(digits[-1]) <= 18 else None


def check_mostly_there(numbered: dict[int, Path], folder: Path) -> None:
    """Refuses frames of which most are missing, where a frame without people has a file too.

    Raises:
        AnatomyError: saying how many of them are there.
    """
    first, last = min(numbered), max(numbered)
    span = last - first + 1
    if span > 1 and span >= 2 * len(numbered) - 1 and span != len(numbered):
        raise AnatomyError(
            f"{folder}: file names run from frame {first} to {last}, but "
            f"only {len(numbered)} of these {span} frames are there"
        )
