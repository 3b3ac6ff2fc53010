"""OpenPose JSON: a folder with one file a frame (the 1.x layout).

Each file is ``{"people": [{"pose_keypoints_2d": [x0, y0, score0, x1, ...]}, ...]}`` in pixels of
the image. The files say neither the layout of the keypoints nor the frame rate nor the image size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.files.numbered_files import check_mostly_there, files_of, numbered_files
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton


def is_openpose(path: Path) -> bool:
    """Whether the path is a folder that holds JSON files."""
    return path.is_dir() and bool(files_of(path, ".json"))


def load_openpose(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads a folder of OpenPose JSON files, one sequence a person.

    Frames are ordered by the last number of the file names; a number that is missing is a frame
    without people. A keypoint with score 0 or at (0, 0), OpenPose's marks for "not found", is NaN
    with visibility 0. People are followed over the frames by ``tracking.associate``; a person who
    is out of sight for more than a second comes back as another.

    Args:
        path: the folder, one camera's.
        skeleton: layout of the keypoints; by default recognised by their number and content
            (``layout_recognition``).
        fps: frames a second.
        image_size: (width, height), pixels.

    Returns:
        One sequence a person, all as long as the video, the longest seen first; ``person`` is the
        place in this list.

    Raises:
        AnatomyError: for a missing folder, an unreadable or malformed file, frames that are mostly
            missing, an unknown number of keypoints, nobody in any frame, or a layout, frame rate or
            image size that is not given.
    """
    if not path.is_dir():
        raise AnatomyError(f"{path}: expected a folder of OpenPose JSON files, got a file")
    files = numbered_files(path, ".json", "OpenPose JSON files")
    check_mostly_there(files, path)
    people = {number: _read_frame(file) for number, file in files.items()}
    return tracked_people(path, people, skeleton=skeleton, fps=fps, image_size=image_size)


def _read_frame(file: Path) -> list[Detection]:
    content = read_json(file)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise AnatomyError(f'{file}: expected OpenPose\'s {{"people": [...]}}')
    found = (_read_person(person, file) for person in people)
    return [detection for detection in found if len(detection.points)]


def _read_person(person: Any, file: Path) -> Detection:
    values = person.get("pose_keypoints_2d") if isinstance(person, dict) else None
    where = f'{file}: "pose_keypoints_2d"'
    numbers = number_array(values, (None,), where)
    if len(numbers) % 3:
        raise AnatomyError(f"{where}: expected x, y, score a keypoint, got {len(numbers)} numbers")
    points = numbers.reshape(-1, 3)
    return Detection(detected_points(points[:, :2], points[:, 2], str(file)), file.name)
