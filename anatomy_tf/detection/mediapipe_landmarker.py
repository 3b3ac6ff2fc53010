"""MediaPipe's pose landmarker (Tasks): BlazePose's 33 landmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detector import NEEDS
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.skeletons import BLAZEPOSE_33, Skeleton


class MediaPipeLandmarker:
    """Finds people with a model bundle of MediaPipe, in its video mode.

    A landmark's score is its ``visibility``, the likelihood that it is seen.

    Args:
        model: a ``pose_landmarker_*.task`` file.
        people: the most people to look for; with more than one every frame is searched anew, which
            is slower.

    Raises:
        AnatomyError: when MediaPipe is missing or cannot use the file.
    """

    skeleton: Skeleton = BLAZEPOSE_33

    def __init__(self, model: Path, people: int = 4) -> None:
        vision = extra_module("mediapipe.tasks.python.vision", "mediapipe", NEEDS)
        core = extra_module("mediapipe.tasks.python.core.base_options", "mediapipe", NEEDS)
        self._mediapipe: Any = extra_module("mediapipe", "mediapipe", NEEDS)
        options = vision.PoseLandmarkerOptions(
            base_options=core.BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            num_poses=people,
        )
        try:
            self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (ValueError, RuntimeError, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise AnatomyError(
                f"{model}: expected a pose landmarker of MediaPipe (.task): {reason}"
            ) from None

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """See ``Detector.detect``."""
        height, width = frame.shape[:2]
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame)
        )
        found = self._landmarker.detect_for_video(image, round(1000 * seconds))
        people = [
            [(mark.x * width, mark.y * height, mark.visibility) for mark in person]
            for person in found.pose_landmarks
        ]
        return np.array(people, np.float32).reshape(-1, self.skeleton.joint_count, 3)

    def close(self) -> None:
        """See ``Detector.close``."""
        self._landmarker.close()
