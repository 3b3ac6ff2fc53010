"""Reading Human3.6M's cameras from ``camera-parameters.json``, a file that many people have.

``intrinsics[camera]`` has ``calibration_matrix`` (3, 3), pixels, and ``distortion`` k1, k2, p1, p2,
k3 in OpenCV's order; ``extrinsics[subject][camera]`` has ``R`` (3, 3), world to camera, and ``t``
(3, 1), mm: a world point X is seen at ``R X + t``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import CONFIG_BYTES
from anatomy_tf.formats.motion.human36m_metadata import CAMERAS, IMAGE_SIZES, SUBJECTS


def load_camera_parameters(path: str | Path) -> dict[str, tuple[Camera, ...]]:
    """Read Human3.6M's cameras.

    Returns:
        Subject to its four cameras in the order of ``human36m_metadata.CAMERAS``.

    Raises:
        AnatomyError: for a file that is missing, no JSON, or lacks a camera of a subject.
    """
    path = Path(path)
    content = read_json(path, most=CONFIG_BYTES)
    return {
        subject: tuple(
            _camera(content, subject, name, size, path)
            for name, size in zip(CAMERAS, IMAGE_SIZES, strict=True)
        )
        for subject in SUBJECTS
    }


def _camera(content: Any, subject: str, name: str, size: tuple[int, int], path: Path) -> Camera:
    def numbers(shape: tuple[int, ...], *keys: str) -> NDArray[np.float64]:
        value = content
        try:
            for key in keys:
                value = value[key]
            return np.array(value, np.float64).reshape(shape)
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            count = " x ".join(map(str, shape))
            raise AnatomyError(f"{path}: expected {count} numbers at {'/'.join(keys)}") from None

    matrix = numbers((3, 3), "intrinsics", name, "calibration_matrix")
    k1, k2, p1, p2, k3 = numbers((5,), "intrinsics", name, "distortion")
    rotation = numbers((3, 3), "extrinsics", subject, name, "R")
    translation = numbers((3,), "extrinsics", subject, name, "t") / 1000
    try:
        return Camera(
            rotation=rotation,
            position=-rotation.T @ translation,
            focal_length=np.diag(matrix)[:2],
            centre=matrix[:2, 2],
            width=size[0],
            height=size[1],
            radial=np.array([k1, k2, k3]),
            # OpenCV's p1 leans with y and p2 with x.
            tangential=np.array([p2, p1]),
            name=name,
        )
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {subject}: {error}") from None
