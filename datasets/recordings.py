"""The interface of the data sets' readers: recordings on disk, and their examples.

Nothing here or in the readers imports TensorFlow, so that processes that read in parallel start
fast.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from anatomy_tf.data import View
from anatomy_tf.skeletons import Skeleton

Example = dict[str, Any]
"""Features of ``view_builder.view_features`` by name, as NumPy arrays and text."""


class RecordedClip(Protocol):
    """One clip of one person with all its cameras; can be sent to another process."""

    @property
    def key(self) -> str:
        """A name that is unique in the data set and the same on every machine."""

    @property
    def split(self) -> str: ...

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the clip is read from."""

    def examples(self) -> list[tuple[str, Example]]:
        """Return a key and an example for each camera.

        Raises:
            AnatomyError: naming the file and what is short, damaged or inconsistent in it.
        """


class Recordings(Protocol):
    """A data set's files in a folder, for one variant (``human36m/cpn``) of it."""

    @property
    def skeleton(self) -> Skeleton: ...

    def missing(self) -> list[str]:
        """Return a line for each missing or empty file, judged by names and sizes only."""

    def clips(self) -> list[RecordedClip]:
        """Return all clips, sorted by person and name.

        Raises:
            AnatomyError: when the file that lists them is missing or damaged.
        """


def absent(path: Path) -> str | None:
    """Return a line that says that a file is missing or empty, or ``None``."""
    if not path.is_file():
        return f"{path}: missing"
    if path.stat().st_size == 0:
        return f"{path}: empty"
    return None


def view_example(view: View, **more: Any) -> tuple[str, Example]:
    """Return a view as an example with its key.

    Args:
        view: the view.
        **more: further features of a data set.
    """
    frames = len(view.positions)
    valid = np.ones(frames, np.bool_) if view.valid is None else view.valid
    example: Example = {
        "keypoints": view.keypoints,
        "visibility": view.visibility,
        "positions": view.positions,
        "valid": valid,
        "intrinsics": view.intrinsics,
        "up": np.broadcast_to(view.up, (frames, 3)).astype(np.float32),
        "aspect_ratio": np.float32(view.aspect_ratio),
        "fps": np.float32(view.fps),
        "subject": view.subject,
        "action": view.action,
        "clip": view.clip,
        "camera": view.camera,
        **more,
    }
    return f"{view.subject}/{view.clip}/{view.camera}", example
