"""SLEAP's own files (``.slp``) and its "Analysis HDF5", through sleap-io.

Only sleap-io's readers of these files are called, with videos left closed, in a separate process
(``files.separate_process``): HDF5 may crash on a damaged file. The file states frame rate and image
size where SLEAP knew them. Scores of predicted points are peak heights of a confidence map; points
that a person set count as seen, and take precedence over a prediction of the same track. People
without a track are tracked by their positions.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.limits import FRAME_NUMBER
from anatomy_tf.files.regular_file import read_head
from anatomy_tf.files.separate_process import read_apart
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Detection, Recording, detected_points
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import stated_rate, stated_size
from anatomy_tf.skeletons import Skeleton

_MARKS = ((b"pred_points", b"videos_json"), (b"track_occupancy", b"node_names"))
_HEAD = 1 << 20


def marks(content: Content) -> Marks:
    """Return whether an HDF5 file ends in ``.slp`` or begins with SLEAP's data sets."""
    head = read_head(content.path, _HEAD)
    named = content.path.suffix.lower() == ".slp"
    marked = any(all(mark in head for mark in marks) for marks in _MARKS)
    return {"SLEAP's data sets": named or marked}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of a project of one video; nodes are joints by name.

    Raises:
        AnatomyError: saying what to install without sleap-io; when the file is damaged or has
            several videos or skeletons.
    """
    path = content.path
    _sleap_io("sleap_io", path)
    arrays = read_apart(_parsed, path, expected="file of SLEAP")
    names = arrays["names"].tolist()
    if not len(arrays["frames"]):
        raise AnatomyError(f"{path}: expected at least one frame with instances, got none")
    frames: dict[int, list[Detection]] = {}
    rows = zip(arrays["frames"].tolist(), arrays["tracks"].tolist(), arrays["points"], strict=True)
    for number, track, points in rows:
        FRAME_NUMBER.check(number, path)
        detected = detected_points(points[:, :2], points[:, 2], f"{path}: frame {number}")
        frames.setdefault(number, []).append(Detection(detected, f"frame {number}", track or None))
    height, width = arrays["size"].tolist()
    return Recording(
        frames,
        names=names,
        fps=stated_rate({"fps": float(arrays["fps"])}),
        image_size=stated_size({"width": width, "height": height}),
        first_number=0,
    )


def _parsed(path: str) -> dict[str, np.ndarray]:
    """Return the arrays of a project that keypoints need; 0 and empty text mean not stated."""
    import h5py

    with h5py.File(path, "r") as file:
        analysis = "track_occupancy" in file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if analysis:
            # A video of ours, so that none is opened that the file names.
            video = _sleap_io("sleap_io", path).Video("video", open_backend=False)
            labels = _sleap_io("sleap_io.io.analysis_h5", path).read_labels(path, video)
        else:
            slp = _sleap_io("sleap_io.io.slp", path)
            labels = slp.read_labels(path, open_videos=False)
    for what, found in (("video", labels.videos), ("skeleton", labels.skeletons)):
        if len(found) != 1:
            raise AnatomyError(f"expected one {what}, got {len(found)}")
    names = [str(node.name) for node in labels.skeletons[0].nodes]
    people = [
        (int(frame.frame_idx), track or "", points)
        for frame in labels.labeled_frames
        for track, points in _instances(frame.instances)
    ]
    stated = dict(labels.videos[0].backend_metadata)
    shape = stated.get("shape")
    # The shape is (frames, height, width, channels).
    size = shape[1:3] if isinstance(shape, list | tuple) and len(shape) == 4 else (0, 0)
    return {
        "names": np.array(names, np.str_),
        "frames": np.array([number for number, _, _ in people], np.int64),
        "tracks": np.array([track for _, track, _ in people], np.str_),
        "points": np.array([points for *_, points in people]).reshape(-1, len(names), 3),
        "fps": np.array(stated.get("fps") or 0, np.float64),
        "size": np.array(size, np.float64),
    }


def _sleap_io(module: str, path: Path | str) -> Any:
    return extra_module(
        module,
        "sleap",
        f"{path}: SLEAP's files need",
        package="sleap-io",
        otherwise=", or export the analysis as CSV",
    )


def _instances(instances: Sequence[Any]) -> list[tuple[str | None, np.ndarray]]:
    """Return track and x, y, score (K, 3) of each person in a frame."""
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


READER = Reader("hdf5", marks, parse)
