"""What rtmlib's models return, as people keep it: keypoints and scores of each frame.

``keypoints, scores = body(image)`` gives (N, J, 2) pixels and (N, J) (rtmlib's README). Kept as

- npz: arrays ``keypoints`` and ``scores`` of frames (T, N, J, 2) and (T, N, J), without the axis of
  people (T, J, 2) and (T, J), or of objects, one a frame, where the number of people changes;
- JSON: a list of ``{"keypoints": [...], "scores": [...]}`` or of pairs ``[keypoints, scores]``, one
  a frame.

Other keys are left out. The layout goes by the number of keypoints: COCO's 17, Halpe's 26, or the
body that comes first in 133 and 136; 18 are OpenPose's. Scores are heights of a SimCC response's
peak, which have no bound, and are clipped to [0, 1]. People are followed by their places.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints.reading.detection_lists import BODIES, BODY_OF
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_18, Skeleton

_KEYS = ("keypoints", "scores")
_OBJECT = (
    r'\[\s*\{(?=[^{}]*"keypoints"\s*:\s*\[\s*(\]|\[\s*(\]|\[)))(?=[^{}]*"scores"\s*:\s*\[)'
    r'(?![^{}]*"labels"\s*:)'
)
_PAIR = r"\[\s*(\[\s*\[\s*\]\s*,\s*\[\s*\]\s*\]\s*,\s*)*(\[\s*){4}[-0-9]"


def is_rtmlib(path: Path) -> bool:
    """Whether the path is an npz with keypoints and scores, or JSON that begins like them."""
    return _is_npz(path) or json_head(path, f"({_OBJECT}|{_PAIR})")


def _is_npz(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {f"{key}.npy" for key in _KEYS} <= set(archive.namelist())
    # Whatever a damaged archive leads zipfile into; then it is none.
    except Exception:
        return False


def load_rtmlib(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    listed = _archived(path) if zipfile.is_zipfile(path) else _listed(path)
    frames = {
        number: _detections(keypoints, scores, f"{path}: frame {number}", skeleton)
        for number, (keypoints, scores) in enumerate(listed)
    }
    if not frames:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    return tracked_people(
        path,
        frames,
        skeleton=skeleton,
        fps=fps,
        image_size=image_size,
        candidates=(*BODIES, COCO_18),
    )


def _listed(path: Path) -> list[tuple[Any, Any]]:
    """Nested lists of each frame's keypoints and scores."""
    content = read_json(path)
    if not isinstance(content, list):
        raise AnatomyError(f"{path}: expected a list of frames")
    found = []
    for number, frame in enumerate(content):
        if isinstance(frame, dict) and set(_KEYS) <= set(frame):
            found.append((frame["keypoints"], frame["scores"]))
        elif isinstance(frame, list) and len(frame) == 2:
            found.append((frame[0], frame[1]))
        else:
            raise AnatomyError(f"{path}: frame {number}: expected keypoints and scores")
    return found


def _archived(path: Path) -> list[tuple[Any, Any]]:
    """The same of an archive."""
    arrays = read_npz(path, _KEYS, objects=True)
    frames: list[Sequence[Any]] = []
    for key in _KEYS:
        array = arrays.get(key)
        if not isinstance(array, np.ndarray) or array.ndim == 0 or array.dtype.kind not in "fiuO":
            raise AnatomyError(f"{path}: expected an array {key}, an entry a frame")
        frames.append([_plain(entry) for entry in array])
    if len(frames[0]) != len(frames[1]):
        raise AnatomyError(
            f"{path}: expected scores of each of {len(frames[0])} frames, got {len(frames[1])}"
        )
    return list(zip(*frames, strict=True))


def _plain(value: Any) -> Any:
    """Nested lists, whatever the array was made of."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _detections(keypoints: Any, scores: Any, where: str, body: Skeleton | None) -> list[Detection]:
    """The people of a frame; ``None`` and empty lists are nobody."""
    if not keypoints and not scores:
        return []
    if _depth(keypoints) == 2:
        keypoints, scores = [keypoints], [scores]
    places = number_array(keypoints, (None, None, 2), f"{where}: keypoints", gaps=True)
    heights = number_array(scores, places.shape[:2], f"{where}: scores", gaps=True)
    count = places.shape[1]
    if count in BODY_OF and (body is None or body == BODY_OF[count]):
        count = BODY_OF[count].joint_count
    return [_detection(p[:count], h[:count], where) for p, h in zip(places, heights, strict=True)]


def _detection(places: NDArray[np.float64], heights: NDArray[np.float64], where: str) -> Detection:
    points = detected_points(places, np.clip(heights, 0, 1), where)
    return Detection(points, where.rpartition(": ")[2])


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list) and value:
        value, depth = value[0], depth + 1
    return depth
