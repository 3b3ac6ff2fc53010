"""MMPose's predictions JSON.

Frames are ``{"frame_id": t, "instances": [...]}``, an instance ``{"keypoints": [[x, y], ...],
"keypoint_scores": [...], ...}`` in pixels (mmpose 1.3, ``structures/utils.py``,
``split_instances``). The inferencer (``apis/inferencers``, ``pred_out_dir``) writes a video as the
list of its frames and a folder of images as a file of instances an image;
``demo/topdown_demo_with_mmdet.py`` (``--save-predictions``) puts the list into ``"instance_info"``
beside ``"meta_info"``, whose ``dataset_name`` tells the layout.

Programs that have arrays only, such as rtmlib's ``keypoints, scores = body(image)`` or ViTPose's,
write the same with ``{"frame_id": t, "instances": [{"keypoints": k.tolist(), "keypoint_scores":
s.tolist()} for k, s in zip(keypoints, scores)]}``.

Scores are peak heights of a heatmap or SimCC response: about 1 for a sure joint, but not bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.keypoints import vitpose
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import BODIES, Detection, Recording
from anatomy_tf.formats.keypoints.reading.json_entries import Frame
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import (
    is_points,
    names_frame,
    people_in,
    people_key,
)
from anatomy_tf.formats.keypoints.reading.point_lists import SCORE_KEYS, keypoints_of, stated_track
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.formats.stated import stated_names
from anatomy_tf.skeletons import COCO_17, HALPE_26, HUMAN36M_17, Skeleton

DATA_SETS = {
    "coco": COCO_17,
    "coco_wholebody": COCO_17,
    "halpe": HALPE_26,
    "halpe26": HALPE_26,
    "h36m": HUMAN36M_17,
}
"""Layouts by ``meta_info.dataset_name``; where there are more keypoints, the body comes first."""

_SCORES = "keypoint_scores"


def marks(content: Content) -> Marks:
    """Return whether people have keypoints, and whether instances or separate scores are there."""
    frames: JsonFrames = content.value
    person = frames.first_person
    values = [frame.value for frame in frames.entries if isinstance(frame.value, dict)]
    # Rows of points beside the scores of a frame are rtmlib's.
    of_person = any(people_key(value) is not None for value in values) or _is_flat(person)
    keys = SCORE_KEYS if of_person else (_SCORES,)
    scored = isinstance(person, dict) and any(isinstance(person.get(key), list) for key in keys)
    listed = any("instances" in value for value in values)
    return {
        '"keypoints"': person is None or (isinstance(person, dict) and "keypoints" in person),
        '"instances" or "keypoint_scores"': listed or (scored and not vitpose.has_labels(person)),
    }


def _is_flat(person: Any) -> bool:
    """Return whether a value names its frame and has flat points, as scripts list people."""
    points: Any = person.get("keypoints") if isinstance(person, dict) else None
    return is_points(points) and not isinstance(points[0], list) and names_frame(person)


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the instances of each frame."""
    frames: JsonFrames = content.value
    top = frames.content if isinstance(frames.content, dict) else {}
    meta, facts = top.get("meta_info"), frames.facts()
    layout = None if given else _stated_layout(meta, content)
    # Those of a known data set are not all spelled as its layout's here.
    if isinstance(meta, dict) and not _is_known(meta):
        facts["names"] = facts["names"] or stated_names(meta)

    def people(frame: Frame) -> Iterator[Detection]:
        for person in people_in(frame.value):
            points = keypoints_of(person, frame.where, given=given)
            yield Detection(points, frame.place, stated_track(person, frame.where))

    return Recording(
        frames.detections(people),
        layout=layout,
        candidates=BODIES,
        **facts,
    )


def _is_known(meta: dict[str, Any]) -> bool:
    name = meta.get("dataset_name")
    return isinstance(name, str) and name in DATA_SETS


def _stated_layout(meta: Any, content: Content) -> Skeleton | None:
    """Return the layout of a known data set; ``None`` where there is none, or joints have names."""
    if not isinstance(meta, dict) or meta.get("dataset_name") is None:
        return None
    if _is_known(meta):
        return DATA_SETS[meta["dataset_name"]]
    if stated_names(meta):
        return None
    raise AnatomyError(
        f"{content.path}: keypoints of data set {meta['dataset_name']!r:.40}; give their layout "
        "with --layout NAME"
    )


READER = Reader("json", marks, parse)
