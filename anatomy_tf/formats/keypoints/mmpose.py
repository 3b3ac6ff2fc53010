"""MMPose's predictions JSON.

Frames are ``{"frame_id": t, "instances": [...]}``, an instance ``{"keypoints": [[x, y], ...],
"keypoint_scores": [...], ...}`` in pixels (mmpose 1.3, ``structures/utils.py``,
``split_instances``). The inferencer (``apis/inferencers``, ``pred_out_dir``) writes a video as the
list of its frames; ``demo/topdown_demo_with_mmdet.py`` (``--save-predictions``) puts the list into
``"instance_info"`` beside ``"meta_info"``, whose ``dataset_name`` tells the layout.

Programs that have arrays only, such as rtmlib's ``keypoints, scores = body(image)`` or ViTPose's,
write the same with ``{"frame_id": t, "instances": [{"keypoints": k.tolist(), "keypoint_scores":
s.tolist()} for k, s in zip(keypoints, scores)]}``.

Scores are heights of a heatmap's or SimCC response's peak: about 1 for a sure joint, but not
bounded. They are clipped to [0, 1].
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import json_head, number_array, read_json
from anatomy_tf.formats.keypoints.reading.detection_lists import BODIES, BODY_OF
from anatomy_tf.formats.keypoints.reading.detections import (
    Detection,
    detected_points,
    tracked_people,
)
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, HALPE_26, HUMAN36M_17, Skeleton

DATA_SETS = {
    "coco": COCO_17,
    "coco_wholebody": COCO_17,
    "halpe": HALPE_26,
    "halpe26": HALPE_26,
    "h36m": HUMAN36M_17,
}
"""Layouts by ``meta_info.dataset_name``; where there are more keypoints, the body comes first."""


def is_mmpose(path: Path) -> bool:
    """Whether the file begins like one of the two kinds."""
    frames = r'\[\s*\{\s*"frame_id"\s*:\s*[0-9]+\s*,\s*"instances"'
    return json_head(path, rf'({frames}|\{{\s*"(meta_info|instance_info)")')


def load_mmpose(
    path: Path,
    *,
    skeleton: Skeleton | None,
    fps: float | None,
    image_size: tuple[int, int] | None,
) -> list[KeypointSequence]:
    """Reads the people of a video.

    Raises:
        AnatomyError: when the file is malformed, its data set's layout is unknown, or something is
            neither in it nor given.
    """
    content = read_json(path)
    stated = content.get("meta_info") if isinstance(content, dict) else None
    listed = content.get("instance_info") if isinstance(content, dict) else content
    if not isinstance(listed, list) or not listed:
        raise AnatomyError(f"{path}: expected MMPose's list of frames with instances")
    body = skeleton or _stated_layout(stated, path)
    frames: dict[int, list[Detection]] = {}
    for index, frame in enumerate(listed):
        number = frame.get("frame_id") if isinstance(frame, dict) else None
        instances = frame.get("instances") if isinstance(frame, dict) else None
        if type(number) is not int or not isinstance(instances, list):
            raise AnatomyError(f"{path}: frame {index}: expected frame_id and a list instances")
        if number in frames:
            raise AnatomyError(f"{path}: frame_id {number} is there twice")
        frames[number] = [_detection(i, f"{path}: frame {number}", body) for i in instances]
    return tracked_people(
        path,
        frames,
        skeleton=body,
        fps=fps,
        image_size=image_size,
        candidates=BODIES,
    )


def _stated_layout(meta: Any, path: Path) -> Skeleton | None:
    name = meta.get("dataset_name") if isinstance(meta, dict) else None
    if name is None:
        return None
    if not isinstance(name, str) or name not in DATA_SETS:
        raise AnatomyError(
            f"{path}: keypoints of data set {name!r:.40}; give their layout with --layout NAME"
        )
    return DATA_SETS[name]


def _detection(instance: Any, where: str, body: Skeleton | None) -> Detection:
    if not isinstance(instance, dict):
        raise AnatomyError(f"{where}: expected an object for each instance")
    places = number_array(instance.get("keypoints"), (None, 2), f"{where}: keypoints")
    scores = number_array(
        instance.get("keypoint_scores"), (len(places),), f"{where}: keypoint_scores"
    )
    count = len(places)
    if count in BODY_OF and (body is None or body == BODY_OF[count]):
        count = BODY_OF[count].joint_count
    points = detected_points(places[:count], np.clip(scores[:count], 0, 1), where)
    return Detection(points, where.rpartition(": ")[2])
