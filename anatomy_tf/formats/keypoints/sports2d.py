"""Sports2D's files of keypoints in pixels, one a person (``*_px_person00.trc``).

Version 0.8.34 writes TRC whose z is 0, with y downwards and frames counted from 0. It states the
frame rate and the keypoints' names, but neither scores nor the image's size, and a wrong unit (m).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import (
    BODIES,
    Detection,
    Recording,
    detected_points,
)
from anatomy_tf.formats.keypoints.reading.named_keypoints import plain_names
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.poses.trc import read_markers
from anatomy_tf.skeletons import Skeleton

NAMES = {"Hip": "pelvis", "Neck": "mid_shoulders", "Head": "head_top"}
"""Names of Halpe's keypoints that are not those of this package."""


def marks(content: Content) -> Marks:
    """Return the mark that all content of its kind has: opening it tells places in the picture."""
    return {"places in the picture": True}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the person's keypoints; those at (0, 0) were not found."""
    path = content.path
    markers = read_markers(path)
    names = [NAMES.get(name, name) for name in markers.names]
    places = markers.points[..., :2]
    # Sports2D may be told to write zeros in long gaps.
    places[~places.any(axis=-1)] = np.nan
    points = detected_points(places, np.ones(places.shape[:2]), str(path))
    frames = {
        number: [Detection(values, f"{path}: frame {number}", track="0")]
        for number, values in enumerate(points, start=markers.first_number)
    }
    layout = given or _detectors_layout(names)
    return Recording(frames, layout=layout, names=names, fps=markers.rate, first_number=0)


def _detectors_layout(names: Sequence[str]) -> Skeleton | None:
    """Return the smallest layout with all of these joints; Sports2D leaves out eyes and ears."""
    known = set(plain_names(names))
    fitting = [layout for layout in BODIES if known <= set(layout.joint_names)]
    return min(fitting, key=lambda layout: layout.joint_count) if fitting else None


READER = Reader("trc", marks, parse)
