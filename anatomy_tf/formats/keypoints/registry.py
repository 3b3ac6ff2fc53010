"""The keypoint formats, and the functions that read and write them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import IMAGE_SIDE, LEAST_SCORE, NORMALIZED
from anatomy_tf.files.paths import check_file, check_input, check_output
from anatomy_tf.formats.keypoints import (
    alphapose,
    coco_annotations,
    coco_results,
    deeplabcut,
    detectron2,
    keypoint_csv,
    keypoint_json,
    keypoint_npz,
    landmark_table,
    listed_points,
    mediapipe,
    mmpose,
    named_points,
    openpose,
    rtmlib,
    single_array,
    sleap,
    sleap_package,
    sports2d,
    ultralytics,
    video_pose3d,
    vitpose,
)
from anatomy_tf.formats.keypoints.reading.content import Content, open_content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.json_table import in_json
from anatomy_tf.formats.keypoints.reading.people import recorded_people
from anatomy_tf.formats.keypoints.reading.reader import Reader
from anatomy_tf.formats.keypoints.reading.settled_points import Asked
from anatomy_tf.formats.keypoints.reading.two_titles import under_two_titles
from anatomy_tf.formats.npz import save_npz_keypoints
from anatomy_tf.formats.people_alike import check_alike
from anatomy_tf.formats.stated import NotStatedError
from anatomy_tf.formats.video.video_beside import stated_by_video
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton


@dataclasses.dataclass(frozen=True)
class KeypointFormat:
    """A format that ``load_keypoints`` reads.

    Attributes:
        name: its name for ``format=`` and ``--format``.
        summary: a description of a path of this format, for messages.
        readers: the readers of each kind of content that the format has.
    """

    name: str
    summary: str
    readers: tuple[Reader, ...]

    def recognizes(self, path: Path) -> bool:
        """Return whether the content of an existing path is of this format.

        Raises:
            AnatomyError: when it cannot be read.
        """
        content = open_content(path)
        return any(all(marks.values()) for _, marks in self.marked(content))

    def marked(self, content: Content) -> list[tuple[Reader, Mapping[str, bool]]]:
        """Return the readers of a content's kind, and which of their marks it has."""
        of_kind = [reader for reader in self.readers if reader.kind == content.kind]
        return [(reader, reader.marks(content)) for reader in of_kind]


KEYPOINT_FORMATS = {
    name: KeypointFormat(name, summary, readers)
    for name, summary, readers in (
        ("video_pose3d", "an npz archive of VideoPose3D", (video_pose3d.READER,)),
        ("detectron2", "npz of VideoPose3D's inference by Detectron2", (detectron2.READER,)),
        ("rtmlib", "npz or JSON of rtmlib's results", (rtmlib.NPZ_READER, rtmlib.JSON_READER)),
        ("npz", "an npz file of anatomy_tf", (keypoint_npz.READER,)),
        ("openpose", "a folder or list of OpenPose JSON", (openpose.READER,)),
        ("ultralytics_text", "a folder of YOLO-pose text files", (ultralytics.TEXT_READER,)),
        ("json", "a JSON file of anatomy_tf", (keypoint_json.READER,)),
        ("coco_annotations", "a COCO annotation file", (coco_annotations.READER,)),
        ("named_points", "JSON of keypoints with names", (named_points.READER,)),
        ("alphapose", "JSON of AlphaPose", (alphapose.READER,)),
        ("coco", "JSON of COCO results", (coco_results.READER,)),
        ("mmpose", "JSON of MMPose", (mmpose.READER,)),
        ("mediapipe", "JSON of MediaPipe", (mediapipe.READER,)),
        ("ultralytics", "JSON of YOLO-pose", (ultralytics.JSON_READER,)),
        ("vitpose", "JSON of ViTPose", (vitpose.READER,)),
        ("deeplabcut", "CSV of DeepLabCut", (deeplabcut.READER,)),
        ("sleap", "CSV of SLEAP", (sleap.READER,)),
        ("sleap_package", "a .slp or analysis .h5 file of SLEAP", (sleap_package.READER,)),
        ("sports2d", "TRC of Sports2D in pixels", (sports2d.READER,)),
        (
            "landmark_table",
            "a table with a line for each landmark",
            (landmark_table.READER, in_json(landmark_table.READER)),
        ),
        (
            "csv",
            "a table with columns for each joint",
            (
                keypoint_csv.READER,
                under_two_titles(keypoint_csv.READER),
                in_json(keypoint_csv.READER),
            ),
        ),
        ("listed_points", "a table with a column of lists", (listed_points.READER,)),
        (
            "numpy",
            "one array of keypoints",
            (single_array.NPY_READER, single_array.NPZ_READER, single_array.JSON_READER),
        ),
    )
}
"""Formats by name, in the order in which they are tried on a path."""

STAND_INS: Mapping[str, Any] = {
    "fps": 30.0,
    "image_size": (int(IMAGE_SIDE.most), int(IMAGE_SIDE.most)),
}
"""Facts with which a file is inspected that does not state them, nor the rate by its times;
keypoints of any image lie in the largest one."""

_FIRST_GUESSES = ("alphapose", "csv", "npz")
"""The most helpful format of each kind of content, where a file is equally near to several."""

KEYPOINT_WRITERS = {
    ".npz": save_npz_keypoints,
    ".json": keypoint_json.save_json_keypoints,
    ".csv": keypoint_csv.save_csv_keypoints,
}
"""Writers of keypoints by the file's suffix."""


def save_keypoints(
    path: str | Path, sequences: KeypointSequence | Sequence[KeypointSequence]
) -> None:
    """Write the keypoints of a video's people in the format of the file's suffix.

    Args:
        path: ends in one of ``KEYPOINT_WRITERS``; an existing file is replaced completely or not at
            all.
        sequences: one person's, or those of several of one layout, frame rate and image size.

    Raises:
        AnatomyError: when the sequences do not belong together or the file cannot be written.
    """
    path = check_output(path, *KEYPOINT_WRITERS)
    KEYPOINT_WRITERS[path.suffix](path, check_alike(path, sequences, KeypointSequence))


def load_keypoints(
    path: str | Path,
    *,
    format: str | None = None,
    skeleton: str | Skeleton | None = None,
    fps: float | None = None,
    image_size: tuple[int, int] | None = None,
    video: str | Path | None = None,
    min_score: float = 0.0,
    first_frame: int | None = None,
    normalized: float | None = None,
) -> list[KeypointSequence]:
    """Read the 2D keypoints of a video, one sequence for each person.

    All sequences of a file cover the same frames of the video unless the file states otherwise; a
    frame in which a person was not detected is a gap (NaN, visibility 0). Files that number their
    frames may begin later than the video: the sequences' ``first_frame`` states the number.

    Args:
        path: a file or a folder.
        format: a name of ``KEYPOINT_FORMATS``; by default the format is recognised by content.
        skeleton: the keypoints' layout, for files that do not state it.
        fps: frames a second; takes precedence over the file's.
        image_size: (width, height) in pixels; takes precedence over the file's.
        video: the video that the keypoints were found in, for frame rate and image size where
            neither the file nor the caller states them; by default the one of the same name beside
            the file, such as ``clip.mp4`` beside ``clip.json``. Reading it needs the extra
            ``visualization``.
        min_score: keypoints of a lower score count as not found, from 0 to 1.
        first_frame: the frame of the video with which the sequences begin, counted from 0; by
            default the first that is recorded. Earlier frames are left out, and frames before the
            recording are gaps.
        normalized: what the image's right and lower edges are in the file, if these are neither the
            width and height in pixels nor 1, such as 1000.

    Returns:
        At least one sequence, in the order of the format (OpenPose: longest track first).

    Raises:
        AnatomyError: when the path is missing or of no known format, its content is malformed, or
            a fact is neither in the file nor given; the message names the flag that gives it.

    Example:
        >>> people = load_keypoints(
        ...     "json", skeleton="body_25b", fps=60, image_size=(1088, 1920)
        ... )  # doctest: +SKIP
    """
    if format is not None and format not in KEYPOINT_FORMATS:
        raise AnatomyError(f"unknown format {format!r}; known are {', '.join(KEYPOINT_FORMATS)}")
    path = check_input(path)
    LEAST_SCORE.check(min_score, "--min-score (min_score=)")
    if normalized is not None:
        NORMALIZED.check(normalized, "--normalized (normalized=)")
    own = None if video is None else check_file(video)
    layout = None if skeleton is None else get_skeleton(skeleton)
    asked = Asked(layout, fps, image_size, min_score, first_frame, normalized)
    _, recording = _recording(path, format, layout)
    while True:
        try:
            return recorded_people(recording, path, asked)
        except NotStatedError as missing:
            asked = dataclasses.replace(asked, **stated_by_video(path, missing, own))


def inspect_keypoints(
    path: str | Path, skeleton: str | Skeleton | None = None
) -> tuple[KeypointFormat, list[KeypointSequence], set[str]]:
    """Read keypoints to tell what a file states; it need not state its frame rate and image size.

    Args:
        path: a file or a folder.
        skeleton: the keypoints' layout, for files that do not state it.

    Returns:
        The format; the people, with ``STAND_INS`` for what is not stated; and what is not stated.

    Raises:
        AnatomyError: as ``load_keypoints``.
    """
    path = check_input(path)
    layout = None if skeleton is None else get_skeleton(skeleton)
    name, recording = _recording(path, None, layout)
    stand_ins = {**STAND_INS, "fps": recording.timed_fps or STAND_INS["fps"]}
    asked = Asked(layout)
    missing: set[str] = set()
    while True:
        try:
            return KEYPOINT_FORMATS[name], recorded_people(recording, path, asked), missing
        except NotStatedError as error:
            missing.add(error.fact)
            asked = dataclasses.replace(asked, **{error.fact: stand_ins[error.fact]})


def holds_keypoints(path: Path) -> bool:
    """Return whether a path can be read as keypoints, if rate and image size are given."""
    try:
        inspect_keypoints(path)
    except AnatomyError:
        return False
    return True


def _recording(path: Path, format: str | None, layout: Skeleton | None) -> tuple[str, Recording]:
    """Open and parse a file or folder, and name its format; its content is not kept."""
    with reading(path, "file of keypoints"):
        content = open_content(path)
    name, reader = _reader(content, format)
    with reading(path, f"file of keypoints ({name})"):
        return name, reader.parse(content, layout)


def _reader(content: Content, format: str | None) -> tuple[str, Reader]:
    """Return the name of the content's format and its reader."""
    path = content.path
    if format is not None:
        chosen = KEYPOINT_FORMATS[format]
        for reader in chosen.readers:
            if reader.kind == content.kind:
                return format, reader
        raise AnatomyError(f"{path}: expected {chosen.summary}, got {content.described}")
    found: dict[str, Mapping[str, bool]] = {}
    for name, entry in KEYPOINT_FORMATS.items():
        for reader, marks in entry.marked(content):
            if all(marks.values()):
                return name, reader
            if name not in found or sum(marks.values()) > sum(found[name].values()):
                found[name] = marks
    raise AnatomyError(f"{path}: not recognised as keypoints: {content.described}{_nearest(found)}")


def _nearest(found: Mapping[str, Mapping[str, bool]]) -> str:
    """Return a message on the format whose marks content has most of, and the missing marks."""
    if not found:
        return ""

    def likeness(name: str) -> tuple[float, bool]:
        return sum(found[name].values()) / len(found[name]), name in _FIRST_GUESSES

    name = max(found, key=likeness)
    lacking = [mark for mark, there in found[name].items() if not there]
    return (
        f"; the nearest format is {name} ({KEYPOINT_FORMATS[name].summary}), "
        f"which needs {' and '.join(lacking)}"
    )
