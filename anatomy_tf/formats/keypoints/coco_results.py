"""COCO's results format of keypoint detection.

A list of ``{"image_id": 12, "category_id": 1, "keypoints": [x0, y0, v0, x1, ...], "score": s}`` in
pixels (cocodataset.org, Results Format, "2. Keypoint Detection"). The image's identifier, a number
or its digits as text, is taken as the frame number. The format does not define the third number:
detectors write the keypoint's score or 1. COCO's flags 0, 1, 2 become 0, 1, 1, as scores do.

People's own programs and OpenPifPaf's ``--json-output`` write the same keypoints in frames, ``{
"frame": 12, "people": [{"keypoints": [...]}, ...]}``, or beside a time or a number with another
name, as do those of MMPose before 1.0 in a list of people a frame. Without a number the entries'
order counts, if they follow each other as one person's do.
"""

from __future__ import annotations

import dataclasses

from anatomy_tf.formats.keypoints import alphapose
from anatomy_tf.formats.keypoints.alphapose import has_keypoints
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.detections import Recording
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.json_people import FRAME_KEYS, people_key
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader
from anatomy_tf.skeletons import Skeleton


def marks(content: Content) -> Marks:
    """Return whether detections have keypoints with scores, and are told apart by frame."""
    frames: JsonFrames = content.value
    person = frames.first_person
    numbered = isinstance(person, dict) and any(key in person for key in FRAME_KEYS)
    timed = any(frame.time is not None for frame in frames.entries)
    listed = any(
        people_key(frame.value) is not None or isinstance(frame.value, list)
        for frame in frames.entries
    )
    told = numbered or timed or listed or _are_named(frames) or _are_alone(frames)
    return {
        '"keypoints"': has_keypoints(person),
        '"image_id" of a number': told and not all(alphapose.marks(content).values()),
    }


def parse(content: Content, given: Skeleton | None) -> Recording:
    """Return the detections of each frame."""
    frames: JsonFrames = content.value
    person = frames.first_person
    defined = isinstance(person, dict) and "image_id" in person
    recording = alphapose.parse(content, given)
    numbered = not isinstance(person, dict) or any(key in person for key in FRAME_KEYS)
    timed = any(frame.time is not None for frame in frames.entries)
    ordered = not (numbered or timed or _are_named(frames)) and _are_alone(frames)
    return dataclasses.replace(recording, bare=not defined, ordered=ordered)


def _are_named(frames: JsonFrames) -> bool:
    """Return whether entries are people by name, in frames that are told apart."""
    return any(frame.person is not None for frame in frames.entries)


def _are_alone(frames: JsonFrames) -> bool:
    """Return whether entries of a list are a person each, which their order may number."""
    values = [frame.value for frame in frames.entries if frame.value is not None]
    people = all(isinstance(value, dict) and "keypoints" in value for value in values)
    return people and len(values) > 1 and not frames.folder and not frames.by_name


READER = Reader("json", marks, parse)
