"""Reading detections with true positions from any known file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from anatomy_tf.data.datasets.detection_archive import load_detection_archive
from anatomy_tf.data.datasets.three_dpw import load_3dpw
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError

READERS: dict[str, Callable[[Path], list[DetectedClip]]] = {
    ".npz": load_detection_archive,
    ".pkl": load_3dpw,
}
"""Suffix to reader; a folder holds files of 3DPW."""


def load_detected_clips(path: str | Path) -> list[DetectedClip]:
    """Read an archive of detections (``load_detection_archive``) or 3DPW (``load_3dpw``).

    Raises:
        AnatomyError: for another kind of file, or as the readers.
    """
    path = Path(path)
    suffix = ".pkl" if path.is_dir() else path.suffix.lower()
    if suffix not in READERS:
        raise AnatomyError(
            f"{path}: expected detections with true positions, {' or '.join(READERS)}"
        )
    clips = READERS[suffix](path)
    if not clips:
        raise AnatomyError(f"{path}: no clip has both detections and true positions")
    return clips
