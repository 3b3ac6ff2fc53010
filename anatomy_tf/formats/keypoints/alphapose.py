"""AlphaPose's results JSON.

A list of detections, each ``{"image_id": "12.jpg", "keypoints": [x0, y0, score0, x1, ...],
"score": s, "box": [x, y, w, h], "idx": [track]}`` in pixels; ``idx`` is there when people were
tracked. Layout: AlphaPose's docs/output.md, "Output format"; keypoints are COCO's 17 or Halpe's 26,
or the 133 and 136 of whole bodies, of which the body is read. Keypoint scores are peaks of
confidence maps, in [0, 1], and are taken as they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head
from anatomy_tf.formats.keypoints.reading.detection_lists import (
    BODIES,
    BODY_OF,
    image_number,
    keypoint_triples,
    read_detections,
)
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton


def is_alphapose(path: Path) -> bool:
    """Whether the file begins like a list of detections with boxes or names of images."""
    return json_head(path, r'\[\s*\{[^}]*"image_id"\s*:\s*"[^"]*\.[a-zA-Z]+"')


def load_alphapose(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video; frames before the first detection are not in the file.

    Raises:
        AnatomyError: when the file is malformed, or something is neither in it nor given.
    """
    frames: dict[int, list[Detection]] = {}
    for index, entry in enumerate(read_detections(path)):
        where = f"{path}: detection {index}"
        number = image_number(entry["image_id"], where)
        points = keypoint_triples(entry, "score", where)
        if len(points) in BODY_OF:
            points = points[: BODY_OF[len(points)].joint_count]
        detected = detected_points(points[:, :2], points[:, 2], where)
        track = _track(entry.get("idx"), where)
        frames.setdefault(number, []).append(Detection(detected, f"frame {number}", track))
    return tracked_people(
        path,
        frames,
        skeleton=skeleton,
        fps=fps,
        image_size=image_size,
        candidates=BODIES,
    )


def _track(idx: Any, where: str) -> str | None:
    """A track is a number, or a list that begins with it."""
    while isinstance(idx, list) and idx:
        idx = idx[0]
    if idx is None or idx == []:
        return None
    if type(idx) not in (int, float):
        raise AnatomyError(f"{where}: expected a number idx, got {json.dumps(idx)[:40]}")
    return f"{idx:g}"
