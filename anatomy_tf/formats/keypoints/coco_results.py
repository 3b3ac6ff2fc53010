"""COCO's results format of keypoint detection.

A list of ``{"image_id": 12, "category_id": 1, "keypoints": [x0, y0, v0, x1, ...], "score": s}`` in
pixels (cocodataset.org, Results Format, "2. Keypoint Detection"). The image's identifier, a number
or its digits as text, is taken as the frame number. The format leaves the third number open:
detectors write the keypoint's score or 1. COCO's flags 0, 1, 2 become 0, 1, 1 as any score does.
"""

from __future__ import annotations

from anatomy_tf.formats.keypoints import alphapose
from anatomy_tf.formats.keypoints.alphapose import has_keypoints, parse
from anatomy_tf.formats.keypoints.reading.content import Content
from anatomy_tf.formats.keypoints.reading.json_frames import JsonFrames
from anatomy_tf.formats.keypoints.reading.reader import Marks, Reader


def marks(content: Content) -> Marks:
    """Return whether detections have keypoints with scores, and images have numbers."""
    frames: JsonFrames = content.value
    person = frames.first_person()
    return {
        '"keypoints"': has_keypoints(person),
        '"image_id" of a number': isinstance(person, dict)
        and "image_id" in person
        and not all(alphapose.marks(content).values()),
    }


READER = Reader("json", marks, parse)
