"""Ultralytics' YOLO pose models with COCO's 17 keypoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detectors.detector import NEEDS, as_opencv
from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.skeletons import COCO_17, Skeleton


class UltralyticsPose:
    """Finds people with a YOLO pose model. Ultralytics is under the AGPL, and so are its models.

    Args:
        models: one file, such as ``yolo11n-pose.pt``. Ultralytics unpickles a ``.pt`` file, which
            may run any program: use only files from people whom you trust.

    Raises:
        AnatomyError: when Ultralytics is missing or cannot use the file.
    """

    skeleton: Skeleton = COCO_17

    def __init__(self, models: Sequence[Path]) -> None:
        ultralytics: Any = extra_module("ultralytics", None, NEEDS)
        if len(models) != 1:
            raise AnatomyError(
                "ultralytics: expected one model file, yolo11n-pose.pt or the like, "
                f"got {len(models)}; --detector-model PATH gives it"
            )
        (self._path,) = models
        try:
            self._model = ultralytics.YOLO(str(self._path))
        except Exception as error:
            # PyTorch's errors have no common type.
            raise AnatomyError(
                f"{self._path}: Ultralytics cannot use it: {first_line(error)}"
            ) from None
        if self._model.task != "pose":
            raise AnatomyError(
                f"{self._path}: expected a pose model, got one for {self._model.task}"
            )

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the people in a frame, see ``Detector.detect``."""
        picture = as_opencv(frame)
        (found,) = self._model.predict(picture, verbose=False)
        if found.keypoints is None or not len(found.boxes):
            return np.zeros((0, self.skeleton.joint_count, 3), np.float32)
        points = np.asarray(found.keypoints.data.cpu().numpy(), np.float32)
        if points.shape[1:] != (self.skeleton.joint_count, 3):
            raise AnatomyError(
                f"{self._path}: expected 17 keypoints with scores (COCO), got {points.shape[1:]}"
            )
        return points

    def close(self) -> None:
        """Do nothing, since PyTorch frees its memory itself."""
