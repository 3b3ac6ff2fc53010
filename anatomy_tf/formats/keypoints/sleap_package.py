"""SLEAP's own files (``.slp``), through sleap-io.

Of sleap-io only the reader of these files is called, with videos left closed. The file says frame
rate and image size where SLEAP knew them. Scores of predicted points are heights of a confidence
map's peak; points that a person set count as seen, and go before a
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
from anatomy_tf.files.regular_file import read_head
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton

_MARKS = (b"pred_points", b"videos_json")
_HEAD = 1 << 20


def marks(content: Content) -> Marks:
    """Return whether an HDF5 file ends in ``.slp`` or begins with SLEAP's data sets."""
    head = read_head(content.path, _HEAD)
    named = content.path.suffix.lower() == ".slp"
    return {"SLEAP's data sets": named or all(mark in head for mark in _MARKS)}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a project of one video; nodes are joints by name.

    Raises:
        AnatomyError: saying what to install without sleap-io; when the file is damaged or has
            several videos or skeletons.
    """
    path = content.path
    labels = _labels(path)
    for what, found in (("video", labels.videos), ("skeleton", labels.skeletons)):
        if len(found) != 1:
            raise AnatomyError(f"{path}: expected one {what}, got {len(found)}")
    try:
        names = [str(node.name) for node in labels.skeletons[0].nodes]
        frames = [(int(f.frame_idx), _instances(f.instances)) for f in labels.labeled_frames]
        stated = dict(labels.videos[0].backend_metadata)
    except (AttributeError, TypeError, KeyError, IndexError) as error:
        # What a damaged file left of sleap-io's objects.
        raise AnatomyError(f"{path}: not a readable file of SLEAP ({error!s:.200})") from None
    detections: dict[int, list[Detection]] = {}
    for number, instances in frames:
        where = f"{path}: frame {number}"
        for track, points in instances:
            if points.shape != (len(names), 3) or np.isinf(points).any():
                raise AnatomyError(f"{where}: expected x, y, score of {len(names)} nodes")
            detected = detected_points(points[:, :2], points[:, 2], where)
            detections.setdefault(number, []).append(Detection(detected, f"frame {number}", track))
    if not detections:
        raise AnatomyError(f"{path}: expected at least one frame with instances, got none")
    return Recording(
        detections,
        names=names,
        fps=_rate(stated.get("fps")),
        image_size=_size(stated.get("shape")),
        first_number=0,
    )


def _labels(path: Path) -> Any:
    slp: Any = extra_module(
        "sleap_io.io.slp",
        "sleap",
        f"{path}: SLEAP's files need",
        package="sleap-io",
        otherwise=", or export the analysis as CSV",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return slp.read_labels(str(path), open_videos=False)


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


READER = Reader("hdf5", marks, parse)
