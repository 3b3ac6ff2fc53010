"""The keypoint formats, and the one function that reads any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.npz import is_npz, load_npz_keypoints
from anatomy_tf.formats.openpose import is_openpose, load_openpose
from anatomy_tf.formats.paths import check_input
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton


class KeypointLoader(Protocol):
    """Reads one format; what the file does not say comes from the keyword arguments."""

    def __call__(
        self,
        path: Path,
        *,
        skeleton: Skeleton | None,
        fps: float | None,
        image_size: tuple[int, int] | None,
    ) -> list[KeypointSequence]: ...


@dataclasses.dataclass(frozen=True)
class KeypointFormat:
    """A format that ``load_keypoints`` reads.

    Attributes:
        name: what ``format=`` and ``--format`` take.
        summary: what a path of this format is, for messages.
        recognizes: whether an existing path looks like this format.
        load: the reader.
    """

    name: str
    summary: str
    recognizes: Callable[[Path], bool]
    load: KeypointLoader


KEYPOINT_FORMATS = {
    entry.name: entry
    for entry in (
        KeypointFormat("openpose", "a folder of OpenPose JSON files", is_openpose, load_openpose),
        KeypointFormat("npz", "an npz file of anatomy_tf", is_npz, load_npz_keypoints),
    )
}
"""Formats by name, in the order in which they are tried on a path."""


def load_keypoints(
    path: str | Path,
    *,
    format: str | None = None,
    skeleton: str | Skeleton | None = None,
    fps: float | None = None,
    image_size: tuple[int, int] | None = None,
) -> list[KeypointSequence]:
    """Reads the 2D keypoints of a video, one sequence a person.

    All sequences of a file cover the same frames of the video unless the file says otherwise; a
    frame in which a person was not detected is a gap (NaN, visibility 0).

    Args:
        path: a file or a folder.
        format: a name of ``KEYPOINT_FORMATS``; by default the format is recognised by content.
        skeleton: the keypoints' layout, for files that do not say it.
        fps: frames a second. Given here, it goes before what the file says.
        image_size: (width, height) in pixels. Given here, it goes before what the file says.

    Returns:
        At least one sequence, in the order of the format (OpenPose: longest track first).

    Raises:
        AnatomyError: when the path is missing or of no known format, its content is malformed, or
            something is neither in the file nor given; the line names the flag that gives it.

    Example:
        >>> people = load_keypoints(
        ...     "json", skeleton="body_25b", fps=60, image_size=(1088, 1920)
        ... )  # doctest: +SKIP
    """
    if format is not None and format not in KEYPOINT_FORMATS:
        raise AnatomyError(f"unknown format {format!r}; known are {', '.join(KEYPOINT_FORMATS)}")
    path = check_input(path)
    chosen = KEYPOINT_FORMATS[format] if format else _recognized(path)
    layout = None if skeleton is None else get_skeleton(skeleton)
    return chosen.load(path, skeleton=layout, fps=fps, image_size=image_size)


def _recognized(path: Path) -> KeypointFormat:
    for entry in KEYPOINT_FORMATS.values():
        if entry.recognizes(path):
            return entry
    expected = " or ".join(entry.summary for entry in KEYPOINT_FORMATS.values())
    came = "a folder without JSON files" if path.is_dir() else "a file of another kind"
    raise AnatomyError(f"{path}: expected {expected}, got {came}")
