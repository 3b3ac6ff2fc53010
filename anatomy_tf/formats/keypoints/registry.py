"""The keypoint formats, and the one function that reads any of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_input, check_output
from anatomy_tf.formats.keypoints.alphapose import is_alphapose, load_alphapose
from anatomy_tf.formats.keypoints.coco_results import is_coco_results, load_coco_results
from anatomy_tf.formats.keypoints.deeplabcut import is_deeplabcut, load_deeplabcut
from anatomy_tf.formats.keypoints.keypoint_csv import (
    is_keypoint_csv,
    load_csv_keypoints,
    save_csv_keypoints,
)
from anatomy_tf.formats.keypoints.keypoint_json import (
    is_keypoint_json,
    load_json_keypoints,
    save_json_keypoints,
)
from anatomy_tf.formats.keypoints.mediapipe import is_mediapipe, load_mediapipe
from anatomy_tf.formats.keypoints.mmpose import is_mmpose, load_mmpose
from anatomy_tf.formats.keypoints.openpose import is_openpose, load_openpose
from anatomy_tf.formats.keypoints.rtmlib import is_rtmlib, load_rtmlib
from anatomy_tf.formats.keypoints.sleap import is_sleap, load_sleap
from anatomy_tf.formats.keypoints.sleap_package import is_sleap_package, load_sleap_package
from anatomy_tf.formats.keypoints.ultralytics import (
    is_ultralytics_json,
    is_ultralytics_text,
    load_ultralytics_json,
    load_ultralytics_text,
)
from anatomy_tf.formats.keypoints.video_pose3d import is_video_pose3d, load_video_pose3d
from anatomy_tf.formats.keypoints.vitpose import is_vitpose, load_vitpose
from anatomy_tf.formats.npz import is_npz, load_npz_keypoints, save_npz_keypoints
from anatomy_tf.formats.people_alike import KEYPOINT_COMMON, check_alike
from anatomy_tf.formats.stated import NotStatedError
from anatomy_tf.formats.video.video_beside import stated_by_video
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
        KeypointFormat(
            "video_pose3d", "an npz archive of VideoPose3D", is_video_pose3d, load_video_pose3d
        ),
        KeypointFormat("rtmlib", "npz or JSON of rtmlib's results", is_rtmlib, load_rtmlib),
        KeypointFormat("npz", "an npz file of anatomy_tf", is_npz, load_npz_keypoints),
        KeypointFormat("openpose", "a folder of OpenPose JSON files", is_openpose, load_openpose),
        KeypointFormat(
            "ultralytics_text",
            "a folder of YOLO-pose text files",
            is_ultralytics_text,
            load_ultralytics_text,
        ),
        KeypointFormat("json", "a JSON file of anatomy_tf", is_keypoint_json, load_json_keypoints),
        KeypointFormat("alphapose", "JSON of AlphaPose", is_alphapose, load_alphapose),
        KeypointFormat("coco", "JSON of COCO results", is_coco_results, load_coco_results),
        KeypointFormat("mmpose", "JSON of MMPose", is_mmpose, load_mmpose),
        KeypointFormat("mediapipe", "JSON of MediaPipe", is_mediapipe, load_mediapipe),
        KeypointFormat(
            "ultralytics", "JSON of YOLO-pose", is_ultralytics_json, load_ultralytics_json
        ),
        KeypointFormat("vitpose", "JSON of ViTPose", is_vitpose, load_vitpose),
        KeypointFormat("deeplabcut", "CSV of DeepLabCut", is_deeplabcut, load_deeplabcut),
        KeypointFormat("sleap", "CSV of SLEAP", is_sleap, load_sleap),
        KeypointFormat(
            "sleap_package", "a .slp file of SLEAP", is_sleap_package, load_sleap_package
        ),
        KeypointFormat("csv", "a CSV file of anatomy_tf", is_keypoint_csv, load_csv_keypoints),
    )
}
"""Formats by name, in the order in which they are tried on a path."""

KEYPOINT_WRITERS = {
    ".npz": save_npz_keypoints,
    ".json": save_json_keypoints,
    ".csv": save_csv_keypoints,
}
"""How keypoints are written, by the file's suffix."""


def save_keypoints(path: str | Path, sequences: Sequence[KeypointSequence]) -> None:
    """Writes the keypoints of a video's people in the format of the file's suffix.

    Args:
        path: ends in one of ``KEYPOINT_WRITERS``; an existing file is replaced whole or not at all.
        sequences: at least one, of one layout, frame rate and image size.

    Raises:
        AnatomyError: when the sequences do not belong together or the file cannot be written.
    """
    path = check_output(path, *KEYPOINT_WRITERS)
    check_alike(path, sequences, KEYPOINT_COMMON)
    KEYPOINT_WRITERS[path.suffix](path, sequences)


def load_keypoints(
    path: str | Path,
    *,
    format: str | None = None,
    skeleton: str | Skeleton | None = None,
    fps: float | None = None,
    image_size: tuple[int, int] | None = None,
    video: str | Path | None = None,
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
        video: the video that the keypoints were found in, which says what neither the file nor the
            caller does (frame rate, image size); by default the one beside of the same name, such
            as ``clip.mp4`` beside ``clip.json``. Reading it needs the extra ``visualization``.

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
    stated: dict[str, Any] = {"fps": fps, "image_size": image_size}
    while True:
        try:
            return chosen.load(path, skeleton=layout, **stated)
        except NotStatedError as missing:
            own = None if video is None else Path(video)
            stated |= stated_by_video(path, missing, own)


def _recognized(path: Path) -> KeypointFormat:
    for entry in KEYPOINT_FORMATS.values():
        if entry.recognizes(path):
            return entry
    expected = ", ".join(entry.summary for entry in KEYPOINT_FORMATS.values())
    came = "a folder without JSON files" if path.is_dir() else "a file of another kind"
    raise AnatomyError(f"{path}: expected one of {expected}; got {came}")
