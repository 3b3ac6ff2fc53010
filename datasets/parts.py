"""Clips that were read once, so that an interrupted preparation continues where it stopped."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf_datasets.recordings import Example, RecordedClip


@dataclasses.dataclass(frozen=True)
class Parts:
    """A folder with the examples of each clip that was read.

    Args:
        folder: an existing folder for one variant and version of a data set.
    """

    folder: Path

    def path(self, clip: RecordedClip) -> Path:
        """Return the path of a clip's examples; it changes when one of the clip's files changes."""
        stamps = []
        for file in clip.files:
            stat = file.stat()
            stamps.append((str(file.resolve()), stat.st_size, stat.st_mtime_ns))
        digest = hashlib.sha256(json.dumps([clip.key, stamps]).encode()).hexdigest()
        return self.folder / f"{digest[:32]}.npz"

    def keep(self, clip: RecordedClip) -> None:
        """Read and store a clip unless that was done.

        Raises:
            AnatomyError: when the clip cannot be read.
        """
        path = self.path(clip)
        if path.exists():
            return
        arrays: dict[str, Any] = {}
        for number, (key, example) in enumerate(clip.examples()):
            arrays[f"{number}/key"] = np.array(key)
            arrays |= {f"{number}/{name}": np.asarray(value) for name, value in example.items()}
        with atomic_file(path) as file:
            np.savez(file, allow_pickle=False, **arrays)

    def examples(self, clip: RecordedClip) -> list[tuple[str, Example]]:
        """Return a clip's examples, from here or else from its files."""
        path = self.path(clip)
        if not path.exists():
            return clip.examples()
        found: dict[str, Example] = {}
        for name, value in read_npz(path).items():
            number, _, feature = name.partition("/")
            plain = str(value) if value.dtype.kind == "U" else value
            found.setdefault(number, {})[feature] = plain
        try:
            return [(example.pop("key"), example) for example in found.values()]
        except KeyError:
            raise AnatomyError(f"{path}: no part of a data set; delete it") from None
