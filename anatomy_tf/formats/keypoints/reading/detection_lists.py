"""What JSON lists of detections have in common: AlphaPose's and COCO's results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.files.numbered_files import frame_number
from anatomy_tf.skeletons import COCO_17, HALPE_26

BODIES = (COCO_17, HALPE_26)
BODY_OF = {17: COCO_17, 133: COCO_17, 26: HALPE_26, 136: HALPE_26}
"""The body among the keypoints, by their number; it comes first. COCO-WholeBody's 133 begin with
COCO's 17, Halpe-FullBody's 136 with Halpe's 26."""


def read_detections(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON list, each with ``image_id`` and ``keypoints``.

    Raises:
        AnatomyError: when the file is no such list.
    """
    content = read_json(path)
    if not isinstance(content, list) or not content:
        raise AnatomyError(f"{path}: expected a list of detections")
    for index, entry in enumerate(content):
        if not isinstance(entry, dict) or not {"image_id", "keypoints"} <= set(entry):
            raise AnatomyError(f"{path}: detection {index}: expected image_id and keypoints")
    return content


def keypoint_triples(entry: dict[str, Any], third: str, where: str) -> NDArray[np.float64]:
    """The ``keypoints`` of a detection, (J, 3): x, y and what the third number is.

    Raises:
        AnatomyError: when they are not three numbers a keypoint.
    """
    numbers = number_array(entry["keypoints"], (None,), f"{where}: keypoints")
    if len(numbers) % 3:
        raise AnatomyError(
            f"{where}: expected x, y, {third} a keypoint, got {len(numbers)} numbers"
        )
    return numbers.reshape(-1, 3)


def image_number(image_id: Any, where: str) -> int:
    """The frame number that an image's identifier is or holds.

    Raises:
        AnatomyError: when it has none.
    """
    if type(image_id) is int and abs(image_id) < 10**18:
        return image_id
    number = frame_number(Path(image_id).stem) if isinstance(image_id, str) else None
    if number is None:
        raise AnatomyError(f"{where}: expected a frame number in image_id, got {image_id!r:.40}")
    return number
