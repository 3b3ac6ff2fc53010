"""The detectors that have an adapter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from anatomy_tf.detection.detectors.detector import NEEDS, Detector
from anatomy_tf.detection.detectors.mediapipe_landmarker import MediaPipeLandmarker, mediapipe_files
from anatomy_tf.detection.detectors.mmpose_inferencer import MMPoseInferencer
from anatomy_tf.detection.detectors.rtmlib_body import RtmlibBody, rtmlib_files
from anatomy_tf.detection.detectors.ultralytics_pose import UltralyticsPose
from anatomy_tf.detection.model_files.model_cache import ModelFile, Progress, fetched
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import check_installed, is_installed
from anatomy_tf.files.download import is_address
from anatomy_tf.files.paths import check_input


def _no_files() -> tuple[ModelFile, ...]:
    return ()


@dataclasses.dataclass(frozen=True)
class DetectorEntry:
    """A detector that ``load_detector`` makes.

    Attributes:
        package: import name of the package that it needs.
        extra: the extra that brings the package; ``None`` for packages that people install
            themselves.
        make: makes the detector from model files and the most people to look for.
        files: the model files that it runs unless a user brings others.
    """

    package: str
    extra: str | None
    make: Callable[[Sequence[Path], int], Detector]
    files: Callable[[], tuple[ModelFile, ...]] = _no_files


def _mediapipe(models: Sequence[Path], people: int) -> Detector:
    if len(models) != 1:
        raise AnatomyError(
            "mediapipe: expected one model file, pose_landmarker_full.task or the like, "
            f"got {len(models)}"
        )
    return MediaPipeLandmarker(models[0], people)


# Only MediaPipe must be told how many people there are.
DETECTORS: dict[str, DetectorEntry] = {
    "rtmlib": DetectorEntry("rtmlib", "rtmlib", lambda models, _: RtmlibBody(models), rtmlib_files),
    "mediapipe": DetectorEntry("mediapipe", "mediapipe", _mediapipe, mediapipe_files),
    "ultralytics": DetectorEntry("ultralytics", None, lambda models, _: UltralyticsPose(models)),
    "mmpose": DetectorEntry("mmpose", None, lambda models, _: MMPoseInferencer(models)),
}
"""Detectors by name. The default is the first installed one that can fetch its models."""


def default_detector() -> str:
    """Return the name of the detector that is used when none is named.

    Raises:
        AnatomyError: saying what to install, when none is installed.
    """
    wanted = [name for name, entry in DETECTORS.items() if entry.files is not _no_files]
    for name in wanted:
        if is_installed(DETECTORS[name].package):
            return name
    raise AnatomyError(
        f'{NEEDS} {" or ".join(wanted)}, and none is installed: pip install "anatomy_tf[video]"'
    )


def load_detector(
    name: str,
    models: str | Path | Sequence[str | Path] = (),
    *,
    people: int = 4,
    progress: Progress | None = None,
) -> Detector:
    """Return a detector for one video.

    Args:
        name: a name in ``DETECTORS``.
        models: its model file or files, or their addresses: see the detectors' classes. By
            default those that the detector's publisher names, fetched once (``model_cache``).
        people: the most people to look for, for a detector that must know (MediaPipe).
        progress: called while a file is fetched.

    Raises:
        AnatomyError: for an unknown name, a missing package, or models that cannot be fetched or
            used.

    Example:
        >>> detector = load_detector("mediapipe")  # doctest: +SKIP
        >>> people = detect_people("video.mp4", detector)  # doctest: +SKIP
    """
    entry = installed_detector(name)
    if people < 1:
        raise AnatomyError(f"expected at least one person to look for, got {people}")
    given = [models] if isinstance(models, str | Path) else [*models]
    paths = [
        fetched(ModelFile.of_user(str(model)), progress)
        if is_address(model)
        else check_input(model)
        for model in given
    ]
    return entry.make(paths or model_files(name, progress), people)


def model_files(name: str, progress: Progress | None = None) -> list[Path]:
    """Fetch the files that a detector runs unless a user brings others.

    Raises:
        AnatomyError: when the detector is unknown, its package missing, or a file cannot be
            fetched.
    """
    return [fetched(file, progress) for file in installed_detector(name).files()]


def installed_detector(name: str) -> DetectorEntry:
    """Return a detector of ``DETECTORS`` whose package is installed.

    Raises:
        AnatomyError: when it is unknown, or, saying what to install, when its package is missing.
    """
    if name not in DETECTORS:
        raise AnatomyError(f"unknown detector {name!r}; known are {', '.join(DETECTORS)}")
    entry = DETECTORS[name]
    check_installed(entry.package, entry.extra, NEEDS)
    return entry
