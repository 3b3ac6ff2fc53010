"""rtmlib's RTMPose behind a person detector, or RTMO, run by ONNX Runtime."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.detection.detectors.detector import NEEDS, as_opencv
from anatomy_tf.detection.model_files.model_cache import ModelFile
from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.extras import extra_module
from anatomy_tf.skeletons import COCO_17, HALPE_26, Skeleton

MODE = "balanced"
"""rtmlib's mode between its fast and its accurate models."""

_LAYOUTS = {skeleton.joint_count: skeleton for skeleton in (COCO_17, HALPE_26)}


class RtmlibBody:
    """Finds people with models that rtmlib runs.

    Args:
        models: one RTMO file; or a YOLOX person detector and an RTMPose file. ``.onnx`` files,
            RTMPose of 17 (COCO) or 26 (Halpe) keypoints.

    Raises:
        AnatomyError: when rtmlib is missing or cannot use the models.
    """

    def __init__(self, models: Sequence[Path]) -> None:
        rtmlib = _rtmlib()
        if len(models) not in (1, 2):
            raise AnatomyError(
                "rtmlib: expected one model (RTMO) or two (person detector, RTMPose), "
                f"got {len(models)}"
            )
        self._person_detector: Any = None
        try:
            # rtmlib prints what it loads.
            with contextlib.redirect_stdout(sys.stderr):
                (size, joints) = _sizes(models[-1])
                if len(models) == 1:
                    self._pose = rtmlib.RTMO(str(models[0]), model_input_size=size)
                else:
                    self._pose = rtmlib.RTMPose(str(models[1]), model_input_size=size[::-1])
                    (size, _) = _sizes(models[0])
                    self._person_detector = rtmlib.YOLOX(str(models[0]), model_input_size=size)
        except AnatomyError:
            raise
        except Exception as error:
            # ONNX Runtime's errors have no common type.
            named = " ".join(map(str, models))
            raise AnatomyError(f"rtmlib cannot use {named}: {first_line(error)}") from None
        if joints not in _LAYOUTS:
            raise AnatomyError(
                f"{models[-1]}: expected a model of 17 (COCO) or 26 (Halpe) keypoints, got {joints}"
            )
        self.skeleton: Skeleton = _LAYOUTS[joints]

    def detect(self, frame: NDArray[np.uint8], seconds: float) -> NDArray[np.float32]:
        """Return the people in a frame, see ``Detector.detect``."""
        picture = as_opencv(frame)
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
        """Do nothing, since ONNX Runtime frees its memory itself."""


def rtmlib_files() -> tuple[ModelFile, ...]:
    """Return the person detector and the RTMPose of 26 keypoints that rtmlib names."""
    files = importlib.import_module("rtmlib.tools.file")
    mirror = getattr(files, "get_mirror_url", lambda address: None)  # since rtmlib 0.0.16
    addresses = [_rtmlib().BodyWithFeet.MODE[MODE][part] for part in ("det", "pose")]
    return tuple(
        ModelFile.at(address, *filter(None, [mirror(address)]), suffix=".onnx")
        for address in addresses
    )


def _rtmlib() -> Any:
    return extra_module("rtmlib", "rtmlib", NEEDS)


def _sizes(model: Path) -> tuple[tuple[int, int], int]:
    """Return the (height, width) of an ONNX model's input and its number of keypoints.

    RTMPose's outputs are (P, J, places) for x and y, RTMO's (P, people, J, 3); for a person
    detector the number of keypoints means nothing.
    """
    session = extra_module("onnxruntime", "rtmlib", NEEDS).InferenceSession(
        str(model), providers=["CPUExecutionProvider"]
    )
    _, _, height, width = session.get_inputs()[0].shape
    if not (isinstance(height, int) and isinstance(width, int)):
        height, width = _stated_size(model)
    joints = session.get_outputs()[-1].shape[-2]
    return (height, width), joints if isinstance(joints, int) else COCO_17.joint_count


def _stated_size(model: Path) -> tuple[int, int]:
    """Return the height and width that rtmlib states for its model with the file's name."""
    table = _rtmlib().BodyWithFeet.MODE
    for mode in table.values():
        for part in ("det", "pose"):
            if PurePosixPath(mode[part]).stem == model.stem:
                width, height = mode[f"{part}_input_size"]
                return height, width
    raise AnatomyError(f"{model}: the model does not say the size of its input picture")
