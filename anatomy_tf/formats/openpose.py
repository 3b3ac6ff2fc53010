"""OpenPose JSON: a folder with one file a frame (the 1.x layout).

Each file is ``{"people": [{"pose_keypoints_2d": [x0, y0, score0, x1, ...]}, ...]}`` in pixels of
the image. The files say neither the layout of the keypoints nor the frame rate nor the image size.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.layout_recognition import recognized_layout
from anatomy_tf.formats.stated import required_fps, required_image_size
from anatomy_tf.formats.tracking import associate
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

HIGHEST_SCORE = 1.5
"""A peak of OpenPose's confidence maps overshoots 1 a little; more is a score of another scale."""

OUTSIDE_SHARE = 0.01
"""Detections lie in the image; a larger share outside means that the image size is wrong."""


def is_openpose(path: Path) -> bool:
    """Whether the path is a folder that holds JSON files."""
    return path.is_dir() and bool(_json_files(path))


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
    files = _numbered(_json_files(path), path)
    people = {number: _read_frame(file) for number, file in files.items()}
    skeleton = _layout(people, files, skeleton, path)
    fps = required_fps(fps, path)
    width, height = required_image_size(image_size, path)
    nobody = np.zeros((0, skeleton.joint_count, 3), np.float32)
    frames = [
        np.stack(people[n]) if people.get(n) else nobody for n in range(min(files), max(files) + 1)
    ]
    _check_inside(np.concatenate(frames)[..., :2], width, height, path)
    tracks = associate([frame[..., :2] for frame in frames], patience=max(1, round(fps)))
    sequences = []
    for person, track in enumerate(tracks):
        points = np.full((len(frames), skeleton.joint_count, 3), np.nan, np.float32)
        for frame in np.flatnonzero(track >= 0):
            points[frame] = frames[frame][track[frame]]
        sequences.append(
            KeypointSequence(
                keypoints=points[..., :2],
                visibility=np.nan_to_num(points[..., 2]),
                skeleton=skeleton,
                fps=fps,
                width=width,
                height=height,
                person=str(person),
                source=str(path),
            )
        )
    return sequences


def _json_files(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.glob("*.json") if not p.name.startswith("."))
    except OSError as error:
        raise AnatomyError(f"{folder}: cannot be read ({error.strerror or error})") from None


def _numbered(files: list[Path], folder: Path) -> dict[int, Path]:
    """Files by frame number."""
    if not files:
        raise AnatomyError(f"{folder}: expected OpenPose JSON files, the folder has none")
    numbered: dict[int, Path] = {}
    for file in files:
        digits = re.findall(r"[0-9]+", file.stem)
        if not digits:
            raise AnatomyError(f"{file}: expected a frame number in the file name")
        number = int(digits[-1])
        if number in numbered:
            raise AnatomyError(
                f"{folder}: {numbered[number].name} and {file.name} are both frame {number}; "
                "expected the files of one camera"
            )
        numbered[number] = file
    span = max(numbered) - min(numbered) + 1
    if span > 1 and span >= 2 * len(numbered) - 1 and span != len(numbered):
        raise AnatomyError(
            f"{folder}: file names run from frame {min(numbered)} to {max(numbered)}, but "
            f"only {len(numbered)} of these {span} frames are there"
        )
    return numbered


def _read_frame(file: Path) -> list[NDArray[np.float32]]:
    """(J, 3) x, y, score of each person of a frame; x and y are NaN where a joint is missing."""
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise AnatomyError(f"{file}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise AnatomyError(f"{file}: not valid JSON ({error})") from None
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise AnatomyError(f'{file}: expected OpenPose\'s {{"people": [...]}}')
    found = (_read_person(person, file) for person in people)
    return [points for points in found if points is not None]


def _read_person(person: Any, file: Path) -> NDArray[np.float32] | None:
    values = person.get("pose_keypoints_2d") if isinstance(person, dict) else None
    if not isinstance(values, list):
        raise AnatomyError(f'{file}: expected a list "pose_keypoints_2d" for each person')
    if not set(map(type, values)) <= {int, float}:
        raise AnatomyError(f'{file}: expected numbers only in "pose_keypoints_2d"')
    if len(values) % 3:
        raise AnatomyError(
            f'{file}: expected x, y, score for each keypoint in "pose_keypoints_2d", '
            f"got {len(values)} numbers"
        )
    try:
        with np.errstate(over="ignore"):
            points = np.array(values, np.float64).astype(np.float32).reshape(-1, 3)
    except OverflowError:
        points = np.full((1, 3), np.inf, np.float32)
    if not np.isfinite(points).all():
        raise AnatomyError(f'{file}: a number in "pose_keypoints_2d" is NaN or infinite')
    scores = points[:, 2]
    bad = scores[(scores < 0) | (scores > HIGHEST_SCORE)]
    if len(bad):
        raise AnatomyError(f"{file}: expected scores in [0, 1], got {bad[0]:g}")
    points[:, 2] = np.minimum(scores, 1)
    points[(scores == 0) | (points[:, :2] == 0).all(axis=-1)] = (np.nan, np.nan, 0)
    return None if np.isnan(points[:, 0]).all() else points


def _check_inside(keypoints: NDArray[np.float32], width: int, height: int, folder: Path) -> None:
    """Refuses an image size that the keypoints (P, J, 2) contradict, such as height x width."""
    found = keypoints[~np.isnan(keypoints[..., 0])]
    outside = ((found < -1) | (found > (width + 1, height + 1))).any(axis=-1)
    if outside.mean() > OUTSIDE_SHARE:
        right, bottom = found.max(axis=0)
        raise AnatomyError(
            f"{folder}: keypoints reach ({right:.0f}, {bottom:.0f}), outside an image of "
            f"{width}x{height}; give the size of the video with --image-size WxH (image_size=)"
        )


def _layout(
    people: dict[int, list[NDArray[np.float32]]],
    files: dict[int, Path],
    skeleton: Skeleton | None,
    folder: Path,
) -> Skeleton:
    counts = {len(points): number for number in people for points in people[number]}
    if not counts:
        raise AnatomyError(f"{folder}: nobody was detected in any of {len(files)} frames")
    if len(counts) > 1:
        (one, first), (other, second) = list(counts.items())[:2]
        raise AnatomyError(
            f"{folder}: expected the same number of keypoints in every frame, got {one} in "
            f"{files[first].name} and {other} in {files[second].name}"
        )
    detections = np.stack([points for frame in people.values() for points in frame])
    return recognized_layout(detections[..., :2], skeleton, str(folder))
