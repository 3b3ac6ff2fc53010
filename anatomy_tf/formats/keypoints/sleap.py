"""SLEAP's analysis CSV ("Export Analysis CSV").

It has one line for each person and frame, with columns ``track, frame_idx, instance.score`` and
``NODE.x, NODE.y, NODE.score`` for each node (as sleap-io 0.9 reads and writes it, ``io/csv.py``). x
and y are pixels. Scores are peak heights of a confidence map, about 1 for a sure node. Empty cells
are gaps; people without a track are tracked by their positions.
"""

from __future__ import annotations

from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.keypoints.reading.rows import row_detections
from anatomy_tf.skeletons import Skeleton

_NEEDED = ("track", "frame_idx", "instance.score")


def marks(content: Content) -> Marks:
    """Return whether a table has the columns of an analysis."""
    header = content.value.header()
    return {f"a column {name}": name in header for name in _NEEDED}


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the people of each frame; nodes are joints by name."""
    return row_detections(content.value, given)


READER = Reader("table", marks, parse)
