"""SLEAP's analysis CSV ("Export Analysis CSV").

A line a person and frame, columns ``track, frame_idx, instance.score`` and ``NODE.x, NODE.y,
NODE.score`` for each node (as sleap-io 0.9 reads and writes it, ``io/csv.py``). x and y are pixels.
Scores are heights of a confidence map's peak, about 1 for a sure node, and are clipped to [0, 1].
Empty cells are gaps; people without a track are followed by their places.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.text_file import cell_triples, first_rows, read_rows, whole_number
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.formats.keypoints.reading.named_keypoints import in_layout, named_layout
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

_NEEDED = ("track", "frame_idx", "instance.score")


def is_sleap(path: Path) -> bool:
    """Whether the file begins with the columns of an analysis."""
    return any(set(_NEEDED) <= set(row) for row in first_rows(path, 1))


def load_sleap(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video; nodes are joints by name (``named_keypoints``).

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    header, *rows = read_rows(path) or [[]]
    columns = {name: index for index, name in enumerate(header)}
    if not set(_NEEDED) <= set(columns):
        raise AnatomyError(f"{path}: expected the columns {', '.join(_NEEDED)}")
    names = [name.removesuffix(".x") for name in header if name.endswith(".x")]
    lacking = [f"{name}.y" for name in names if f"{name}.y" not in columns]
    if lacking:
        raise AnatomyError(f"{path}: expected the columns {', '.join(lacking)}")
    layout = named_layout(names, skeleton, path)
    triples = [(f"{name}.x", f"{name}.y", f"{name}.score") for name in names]
    frames: dict[int, list[Detection]] = {}
    for row in rows:
        if len(row) != len(header):
            raise AnatomyError(f"{path}: expected {len(header)} cells in a line, got {len(row)}")
        number = whole_number(row[columns["frame_idx"]], f"{path}: frame_idx")
        where = f"{path}: frame {number}"
        values = cell_triples(row, columns, triples, where)
        values[:, 2] = np.clip(values[:, 2], 0, 1)
        points = in_layout(names, layout, values)
        detected = detected_points(points[:, :2], points[:, 2], where)
        track = row[columns["track"]].strip() or None
        frames.setdefault(number, []).append(Detection(detected, f"frame {number}", track))
    if not frames:
        raise AnatomyError(f"{path}: expected at least one line, got none")
    return tracked_people(path, frames, skeleton=layout, fps=fps, image_size=image_size)
