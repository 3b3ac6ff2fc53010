"""rtmlib: RTMPose behind a person detector, or RTMO, through ONNX Runtime."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detector import NEEDS
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.skeletons import COCO_17, HALPE_26, Skeleton

_LAYOUTS = {skeleton.joint_count: skeleton for skeleton in (COCO_17, HALPE_26)}


class RtmlibBody:
    """Finds people with models that rtmlib runs.

    Args:
        models: one RTMO file; or a YOLOX person detector and an RTMPose file; or none, for those
            that rtmlib fetches itself (``BodyWithFeet``: Halpe's 26 keypoints). ``.onnx`` files,
            RTMPose of 17 (COCO) or 26 (Halpe) keypoints.

    Raises:
        AnatomyError: when rtmlib is missing, cannot fetch its models or cannot use these.
    """

    def __init__(self, models: Sequence[Path] = ()) -> None:
        rtmlib = extra_module("rtmlib", "rtmlib", NEEDS)
        if len(models) > 2:
            raise AnatomyError(
                "rtmlib: expected one model (RTMO) or two (person detector, RTMPose), "
                f"got {len(models)}"
            )
        named = " ".join(map(str, models)) or "the models that rtmlib fetches"
        self._person_detector: Any = None
        try:
            # It prints what it loads.
            with contextlib.redirect_stdout(sys.stderr):
                if not models:
                    body = rtmlib.BodyWithFeet(mode="balanced", backend="onnxruntime")
                    self._person_detector, self._pose = body.det_model, body.pose_model
                    joints = HALPE_26.joint_count
                elif len(models) == 1:
                    (size, joints) = _sizes(models[0])
                    self._pose = rtmlib.RTMO(str(models[0]), model_input_size=size)
                else:
                    (size, _) = _sizes(models[0])
                    self._person_detector = rtmlib.YOLOX(str(models[0]), model_input_size=size)
                    (size, joints) = _sizes(models[1])
                    self._pose = rtmlib.RTMPose(str(models[1]), model_input_size=size[::-1])
        except AnatomyError:
            raise
        except Exception as error:
            # What ONNX Runtime and the fetching raise has no common type.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise AnatomyError(f"rtmlib cannot use {named}: {reason}") from None
        if joints not in _LAYOUTS:
            raise AnatomyError(
                f"{models[-1]}: expected a model of 17 (COCO) or 26 (Halpe) keypoints, got {joints}"
            )
        self.skeleton: Skeleton = _LAYOUTS[joints]

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """See ``Detector.detect``."""
        picture = np.ascontiguousarray(frame[..., ::-1])  # as OpenCV reads pictures
        if self._person_detector is None:
            keypoints, scores = self._pose(picture)
        else:
            boxes = self._person_detector(picture)
            if not len(boxes):
                # RTMPose would take the whole picture for a person.
                return np.zeros((0, self.skeleton.joint_count, 3), np.float32)
            keypoints, scores = self._pose(picture, bboxes=boxes)
        points = np.concatenate([keypoints, np.clip(scores, 0, 1)[..., None]], axis=-1)
        return points.astype(np.float32)

    def close(self) -> None:
        """See ``Detector.close``; ONNX Runtime frees its memory itself."""


def _sizes(model: Path) -> tuple[tuple[int, int], int]:
    """Height and width of an ONNX model's input picture, and the keypoints of its output.

    RTMPose gives (P, J, places) for x and y, RTMO (P, people, J, 3); a person detector's second
    number means nothing.
    """
    session = extra_module("onnxruntime", "rtmlib", NEEDS).InferenceSession(
        str(model), providers=["CPUExecutionProvider"]
    )
    _, _, height, width = session.get_inputs()[0].shape
    if not (isinstance(height, int) and isinstance(width, int)):
        raise AnatomyError(f"{model}: the model does not say the size of its input picture")
    joints = session.get_outputs()[-1].shape[-2]
    return (height, width), joints if isinstance(joints, int) else COCO_17.joint_count
