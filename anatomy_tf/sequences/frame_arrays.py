"""The arrays of a pose sequence that have an entry for each frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType


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
