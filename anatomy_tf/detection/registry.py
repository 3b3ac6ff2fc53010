"""The detectors that have an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from anatomy_tf.detection.detector import Detector
from anatomy_tf.detection.mediapipe_landmarker import MediaPipeLandmarker
from anatomy_tf.detection.rtmlib_body import RtmlibBody
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_input


def _mediapipe(models: Sequence[Path], people: int) -> Detector:
    if len(models) != 1:
        raise AnatomyError(
            "mediapipe: expected one model file, pose_landmarker_full.task or the like, "
            f"got {len(models)}; --detector-model PATH gives it"
        )
    return MediaPipeLandmarker(models[0], people)


def _rtmlib(models: Sequence[Path], people: int) -> Detector:
    return RtmlibBody(models)  # finds everyone


DETECTORS: dict[str, Callable[[Sequence[Path], int], Detector]] = {
    "mediapipe": _mediapipe,
    "rtmlib": _rtmlib,
}
"""Makers of detectors, by name, from model files and the most people to look for."""


def load_detector(
    name: str, models: str | Path | Sequence[str | Path] = (), *, people: int = 4
) -> Detector:
    """A detector for one video.

    Args:
        name: of ``DETECTORS``.
        models: its model file or files, see ``MediaPipeLandmarker`` and ``RtmlibBody``.
        people: the most people to look for, where the detector wants to know (MediaPipe).

    Raises:
        AnatomyError: for an unknown name, a missing package, or models that cannot be used.

    Example:
        >>> detector = load_detector("mediapipe", "pose_landmarker_full.task")  # doctest: +SKIP
        >>> people = detect_people("video.mp4", detector)  # doctest: +SKIP
    """
    if name not in DETECTORS:
        raise AnatomyError(f"unknown detector {name!r}; known are {', '.join(DETECTORS)}")
    if people < 1:
        raise AnatomyError(f"expected at least one person to look for, got {people}")
    paths = [models] if isinstance(models, str | Path) else models
    return DETECTORS[name]([check_input(path) for path in paths], people)
