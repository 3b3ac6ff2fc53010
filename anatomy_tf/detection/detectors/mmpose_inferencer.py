"""MMPose's inferencer, with any body model that it knows or a user brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detectors.detector import NEEDS, as_opencv
from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.formats.keypoints.reading.detections import BODY_OF
from anatomy_tf.skeletons import Skeleton

ALIAS = "human"
"""MMPose's name for a person detector and a model of COCO's 17 keypoints, which it fetches."""


class MMPoseInferencer:
    """Finds people with MMPose.

    Args:
        models: a configuration (``.py``) and its weights (``.pth``); none means ``ALIAS``.

    Raises:
        AnatomyError: when MMPose is missing or cannot use the models.
    """

    def __init__(self, models: Sequence[Path] = ()) -> None:
        apis: Any = extra_module("mmpose.apis", None, NEEDS)
        if len(models) not in (0, 2):
            raise AnatomyError(
                "mmpose: expected a configuration and its weights (--detector-model A.py B.pth) "
                f"or neither, got {len(models)} files"
            )
        names = [str(path) for path in models] or [ALIAS]
        try:
            self._inferencer = apis.MMPoseInferencer(*names)
            keypoints = self._inferencer.inferencer.model.dataset_meta["num_keypoints"]
        except Exception as error:
            # The errors of PyTorch and of fetching have no common type.
            raise AnatomyError(f"MMPose cannot use {names[0]}: {first_line(error)}") from None
        if keypoints not in BODY_OF:
            raise AnatomyError(
                f"{names[0]}: expected a model of {', '.join(map(str, BODY_OF))} keypoints "
                f"(COCO, Halpe, or whole bodies that begin with them), got {keypoints}"
            )
        self.skeleton: Skeleton = BODY_OF[keypoints]

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the people in a frame, see ``Detector.detect``."""
        picture = as_opencv(frame)
        (people,) = next(self._inferencer(picture))["predictions"]
        joints = self.skeleton.joint_count
        points = [
            np.column_stack([person["keypoints"], np.clip(person["keypoint_scores"], 0, 1)])
            for person in people
        ]
        return np.array([p[:joints] for p in points], np.float32).reshape(-1, joints, 3)

    def close(self) -> None:
        """Do nothing, since PyTorch frees its memory itself."""
