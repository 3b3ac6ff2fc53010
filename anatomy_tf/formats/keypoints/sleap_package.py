"""SLEAP's own files (``.slp``), through sleap-io.

Of sleap-io only the reader of these files is called, with videos left closed. The file says frame
rate and image size where SLEAP knew them. Scores of predicted points are heights of a confidence
map's peak and are clipped to [0, 1]; points that a person set count as seen, and go before a
prediction of the same track. People without a track are followed by their places.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.keypoints.reading.named_keypoints import in_layout, named_layout
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

_HDF5 = b"\x89HDF\r\n\x1a\n"
_MARKS = (b"pred_points", b"videos_json")
_HEAD = 1 << 20


def is_sleap_package(path: Path) -> bool:
    """Whether the file is HDF5 that ends in ``.slp`` or begins with SLEAP's data sets."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    named = path.suffix.lower() == ".slp" or all(mark in head for mark in _MARKS)
    return head.startswith(_HDF5) and named


def load_sleap_package(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a project of one video; nodes are joints by name.

    Raises:
        AnatomyError: saying what to install without sleap-io; when the file is damaged or has
            several videos or skeletons, or something is neither in it nor given.
    """
    labels = _labels(path)
    for what, found in (("video", labels.videos), ("skeleton", labels.skeletons)):
        if len(found) != 1:
            raise AnatomyError(f"{path}: expected one {what}, got {len(found)}")
    try:
        names = [str(node.name) for node in labels.skeletons[0].nodes]
        frames = [(int(f.frame_idx), _instances(f.instances)) for f in labels.labeled_frames]
        stated = dict(labels.videos[0].backend_metadata)
    # What a damaged file left of sleap-io's objects.
    except Exception as error:
        raise AnatomyError(_damaged(path, error)) from None
    layout = named_layout(names, skeleton, path)
    detections: dict[int, list[Detection]] = {}
    for number, instances in frames:
        where = f"{path}: frame {number}"
        for track, points in instances:
            if points.shape != (len(names), 3) or np.isinf(points).any():
                raise AnatomyError(f"{where}: expected x, y, score of {len(names)} nodes")
            ordered = in_layout(names, layout, points)
            detected = detected_points(ordered[:, :2], np.clip(ordered[:, 2], 0, 1), where)
            detections.setdefault(number, []).append(Detection(detected, f"frame {number}", track))
    if not detections:
        raise AnatomyError(f"{path}: expected at least one frame with instances, got none")
    return tracked_people(
        path,
        detections,
        skeleton=layout,
        fps=_rate(stated.get("fps")) if fps is None else fps,
        image_size=_size(stated.get("shape")) if image_size is None else image_size,
    )


def _labels(path: Path) -> Any:
    slp: Any = extra_module(
        "sleap_io.io.slp",
        "sleap",
        f"{path}: SLEAP's files need",
        package="sleap-io",
        otherwise=", or export the analysis as CSV",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return slp.read_labels(str(path), open_videos=False)
    # A damaged file fails in a dozen ways deep in HDF5 and sleap-io.
    except Exception as error:
        raise AnatomyError(_damaged(path, error)) from None


def _damaged(path: Path, error: Exception) -> str:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return f"{path}: not a readable file of SLEAP ({reason})"


def _instances(instances: Sequence[Any]) -> list[tuple[str | None, np.ndarray]]:
    """Track and (K, 3) x, y, score of each person of a frame."""
    predicted = [i for i in instances if "score" in i.points.dtype.names]
    own = [i for i in instances if "score" not in i.points.dtype.names]
    corrected = {id(i.from_predicted) for i in own if i.from_predicted is not None}
    tracks = {id(i.track) for i in own if i.track is not None}
    found = []
    for instance in own + predicted:
        replaced = id(instance) in corrected or id(instance.track) in tracks
        if instance in predicted and replaced:
            continue
        points = instance.points
        scores = points["score"] if instance in predicted else np.ones(len(points))
        values = np.column_stack([np.asarray(points["xy"], np.float64), scores])
        values[~np.asarray(points["visible"], bool)] = np.nan
        track = None if instance.track is None else str(instance.track.name)
        found.append((track, values))
    return found


def _rate(value: Any) -> float | None:
    known = isinstance(value, int | float) and math.isfinite(value) and value > 0
    return float(value) if known else None


def _size(shape: Any) -> tuple[int, int] | None:
    """Of frames, height, width and channels."""
    if not isinstance(shape, list | tuple) or len(shape) != 4:
        return None
    _, height, width, _ = shape
    known = all(isinstance(side, int) and side > 0 for side in (width, height))
    return (width, height) if known else None
