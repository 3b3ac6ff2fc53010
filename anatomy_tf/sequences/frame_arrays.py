"""Arrays that have an entry for each frame."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_NUMBER, is_whole
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.skeletons import Skeleton


@dataclasses.dataclass(frozen=True)
class FrameArray:
    """An array of a ``PoseSequence`` with an entry for each frame.

    Attributes:
        size: shape of an entry; ``"J"`` stands for the number of joints.
        truth: whether entries are truth values rather than numbers.
        required: whether every pose sequence has it.
    """

    size: tuple[str | int, ...]
    truth: bool = False
    required: bool = False

    def shape(self, joints: int) -> tuple[int, ...]:
        """Return the shape of an entry for a number of joints."""
        return tuple(joints if size == "J" else int(size) for size in self.size)


POSE_ARRAYS: Mapping[str, FrameArray] = MappingProxyType(
    {
        "seen": FrameArray((), truth=True),
        "positions": FrameArray(("J", 3), required=True),
        "spread": FrameArray(("J",)),
    }
)
"""Arrays by their names in ``PoseSequence``, which our own files use, too."""


def make_plain(sequence: Any, *names: str) -> None:
    """Replace numbers of NumPy and fractions by Python's own, which every file format can hold.

    Args:
        sequence: the frozen sequence whose fields they are, already checked.
        names: of the fields; ``"fps"`` may have a fraction.
    """
    for name in names:
        value = getattr(sequence, name)
        kind = float if name == "fps" and not is_whole(value) else int
        object.__setattr__(sequence, name, kind(value))


def make_notes_plain(sequence: Any, otherwise: str) -> str:
    """Make a sequence's ``source`` a text and its ``warnings`` a tuple of texts.

    Args:
        sequence: the frozen sequence.
        otherwise: what messages call a sequence without a source.

    Returns:
        The source, or ``otherwise``.

    Raises:
        AnatomyError: where they are something else.
    """
    source, warnings = sequence.source, sequence.warnings
    if isinstance(source, os.PathLike):
        source = str(source)
    if not isinstance(source, str):
        raise AnatomyError(f"{otherwise}: expected source as text or a path, got {source!r:.40}")
    where = source or otherwise
    lines = tuple(warnings) if isinstance(warnings, list | tuple) else (None,)
    if not all(isinstance(line, str) for line in lines):
        raise AnatomyError(f"{where}: expected warnings as a list of texts, got {warnings!r:.40}")
    object.__setattr__(sequence, "source", source)
    object.__setattr__(sequence, "warnings", lines)
    return where


def part_of_clip(first: Any, last: Any, frames: int, where: str) -> slice:
    """Return the frames from ``first`` to ``last``, which is included, of a clip.

    Args:
        first: the first of them; the clip's own first frame is 0.
        last: the last of them.
        frames: length of the clip.
        where: the clip, for the message.

    Raises:
        AnatomyError: where the clip does not have these frames, or there is none between them.
    """
    if not (is_whole(first) and is_whole(last) and 0 <= first <= last < frames):
        raise AnatomyError(
            f"{where}: expected a part of its frames 0 to {frames - 1}, "
            f"got {first!r:.40} to {last!r:.40}"
        )
    return slice(first, last + 1)


def check_track(skeleton: Any, person: Any, first_frame: Any, where: str) -> None:
    """Check what names a person's track and its place in the video.

    Raises:
        AnatomyError: for another skeleton than a ``Skeleton``, a person that is no text, or a first
            frame that is no whole number within the limits.
    """
    if not isinstance(skeleton, Skeleton):
        raise AnatomyError(
            f"{where}: expected a Skeleton, such as get_skeleton('coco_17'), got {skeleton!r:.40}"
        )
    if not isinstance(person, str):
        raise AnatomyError(f"{where}: expected person as text, got {person!r:.40}")
    if not is_whole(first_frame):
        raise AnatomyError(f"{where}: expected first_frame as an integer, got {first_frame!r:.40}")
    FRAME_NUMBER.check(first_frame, where)


def joint_array(
    values: Any, skeleton: Skeleton, size: int, name: str, where: str
) -> NDArray[np.float32]:
    """Return values as an array (T, J, ``size``), checked to have frames and the joints.

    Args:
        values: what was given.
        skeleton: names the J joints.
        size: numbers of each joint.
        name: of the values, for the message.
        where: the clip, for the message.

    Raises:
        AnatomyError: for another shape, or no frame.
    """
    array = number_array(values, np.float32, f"{where}: {name}")
    joints = skeleton.joint_count
    if array.ndim != 3 or array.shape[1:] != (joints, size):
        raise AnatomyError(
            f"{where}: expected {name} of shape (frames, {joints}, {size}) for "
            f"{skeleton.name}, got {array.shape}"
        )
    if len(array) == 0:
        raise AnatomyError(f"{where}: expected at least one frame, got none")
    return array
