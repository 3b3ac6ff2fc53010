"""Cameras in tables, as calibration programs write them.

A camera is a table with a camera matrix, or focal lengths and a centre, and where they are known
distortion coefficients, the image's size and the place in the world, under the names of ``KEYS``.

Distortion is OpenCV's k1, k2, p1, p2, k3. Its tangential part is projected as in ``Camera``, which
counts p times the pixel once where OpenCV counts it twice. With p below 0.001, as for lenses of
phones, a point in a picture of 1088 x 1920 is at most half a pixel off OpenCV's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera, check_lens
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown

COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
"""OpenCV's order of a distortion."""

KEYS = {
    "matrix": (
        *("matrix", "camera_matrix", "intrinsic_matrix", "calibration_matrix"),
        *("K", "mtx", "intrinsics"),
    ),
    "fx": ("fx", "fl_x"),
    "fy": ("fy", "fl_y"),
    "cx": ("cx", "ppx"),
    "cy": ("cy", "ppy"),
    "skew": ("skew", "skew_coefficient"),
    "focal": ("focal_length",),
    "centre": ("centre", "center", "principal_point"),
    "distortion": (
        *("distortions", "distortion", "distortion_coefficients", "distortion_coeffs"),
        *("dist_coeffs", "dist_coeff", "dist_coefs", "dist_coef", "dist", "D", "coeffs"),
    ),
    **{name: (name,) for name in COEFFICIENTS},
    "size": ("size", "image_size", "img_size", "resolution"),
    "width": ("image_width", "img_width", "width", "w"),
    "height": ("image_height", "img_height", "height", "h"),
    "rotation": ("rotation", "rvec", "R"),
    "translation": ("translation", "tvec", "T", "t"),
    "position": ("position",),
    "projection": ("P",),
    "extrinsics": ("extrinsics",),
    "lens": (
        *("fisheye", "is_fisheye", "fisheye_model", "lens", "lens_type", "lens_model", "model"),
        *("camera_model", "camera_type", "distortion_model", "distortion_type", "projection_model"),
    ),
}
"""A camera's entries, and the names that programs give them, whose capitals and underscores do not
count. A matrix is (3, 3) or fx, fy, cx, cy, pixels; a rotation, world to camera, is a Rodrigues
vector or (3, 3); a translation, or the camera's position in the world, is in metres."""

OTHER_LENSES = ("fisheye", "equi", "kannala", "omni", "spherical", "fov", "eucm", "inverse")
"""Words in the names of lens models whose coefficients have another meaning."""

LARGEST_SKEW = 0.01
"""Share of fx; pixels of cameras are square."""

OWN_AXES = 15.0
"""Largest angle, degrees, between the axes of a camera and of a world that was defined by it. In a
world whose z is up, such a camera would look into the sky."""

MOST_NUMBERS = 64
"""Numbers of one of a file's entries; calibrations have far less."""


def plain_key(name: object) -> str:
    """Return a name in lower case without underscores."""
    return str(name).lower().replace("_", "")


ENTRIES = {plain_key(name): key for key, names in KEYS.items() for name in names}
"""The entry of ``KEYS`` that each name means."""


def has_lens(table: dict[str, Any]) -> bool:
    """Return whether a table with plain keys has a camera's focal lengths and centre."""
    ways = (("matrix",), ("fx", "fy", "cx", "cy"), ("focal", "centre"))
    return any(all(_entry(table, key) is not None for key in way) for way in ways)


def _entry(table: dict[str, Any], key: str) -> Any:
    return next((table[plain_key(name)] for name in KEYS[key] if plain_key(name) in table), None)


def _entry_numbers(
    table: dict[str, Any], where: str, key: str, *counts: int
) -> NDArray[np.float64]:
    """Return an entry's numbers, of which there must be one of ``counts``; none without it."""
    entry = _entry(table, key)
    if entry is None:
        return np.empty(0)
    found = _numbers(entry, f"{where}: {key}")
    if len(found) not in counts:
        expected = " or ".join(map(str, counts))
        raise AnatomyError(f"{where}: expected {expected} numbers as {key}, got {len(found)}")
    return found


def camera_of_table(
    table: dict[str, Any],
    name: str,
    image_size: tuple[int, int] | None,
    path: Path,
    placed: bool,
) -> Camera:
    """Return the camera of a table with plain keys.

    Args:
        table: the table.
        name: the camera's name.
        image_size: (width, height) pixels, for a table that does not state it.
        path: the file, for messages.
        placed: whether the table's place in the world counts.

    Raises:
        AnatomyError: when the table lacks the image's size, or has numbers or a lens that
            ``Camera`` cannot hold or no camera has (``check_lens``).
    """
    where = f"{path}: camera {name}"
    numbers = partial(_entry_numbers, table, where)
    focal, centre = _lens(numbers, where)
    k1, k2, k3, p1, p2 = _distortion(table, where)
    sides = np.concatenate([numbers("width", 1), numbers("height", 1)])
    size = next((s for s in (numbers("size", 2), sides) if len(s) == 2), image_size)
    if size is None:
        raise AnatomyError(f"{where}: does not say the image's size; give it (image_size=)")
    rotation, position = np.eye(3), np.zeros(3)
    if placed:
        rotation = _rotation(table, where)
        stated, translation = numbers("position", 3), numbers("translation", 3)
        if len(stated):
            position = stated
        elif len(translation):
            position = -rotation.T @ translation
    try:
        camera = Camera(
            rotation=rotation,
            position=position,
            focal_length=focal,
            centre=centre,
            width=round(size[0]),
            height=round(size[1]),
            radial=np.array([k1, k2, k3]),
            # OpenCV's p1 leans with y and p2 with x.
            tangential=np.array([p2, p1]),
            name=name,
        )
    except (AnatomyError, ValueError, OverflowError) as error:
        raise AnatomyError(f"{path}: {error}") from None
    check_lens(camera, where)
    return camera


def _lens(
    numbers: Callable[..., NDArray[np.float64]], where: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return focal lengths (2,) and centre (2,), pixels."""
    matrix = numbers("matrix", 4, 9)
    if len(matrix) == 9:
        skewed = abs(matrix[1]) > LARGEST_SKEW * abs(matrix[0])
        if skewed or not np.allclose(matrix[[3, 6, 7, 8]], [0, 0, 0, 1]):
            rows = matrix.reshape(3, 3).tolist()
            raise AnatomyError(f"{where}: expected the matrix fx 0 cx, 0 fy cy, 0 0 1, got {rows}")
        return matrix[[0, 4]], matrix[[2, 5]]
    if not len(matrix):
        matrix = np.concatenate([numbers(key, 1) for key in ("fx", "fy", "cx", "cy")])
    if len(matrix) == 4:
        focal, centre = matrix[:2], matrix[2:]
    else:
        focal, centre = np.broadcast_to(numbers("focal", 1, 2), 2), numbers("centre", 2)
    for skew in numbers("skew", 1):
        if abs(skew) > LARGEST_SKEW * abs(focal[0]):
            raise AnatomyError(
                f"{where}: expected square pixels, got a skew of {skew:g} beside fx of {focal[0]:g}"
            )
    return focal, centre


def _distortion(table: dict[str, Any], where: str) -> tuple[float, ...]:
    """Return k1, k2, k3, p1, p2."""
    unknown = [key for key in table if "distortion" in key and key not in ENTRIES]
    if unknown:
        known = ", ".join(KEYS["distortion"])
        raise AnatomyError(
            f"{where}: expected the distortion under one of the names {known}, "
            f"got {unknown[0]!r:.40}"
        )
    found = _entry_numbers(table, where, "distortion", 0, 1, 2, 4, 5, 8, 12, 14)
    if not len(found):
        single = [_entry_numbers(table, where, name, 1) for name in COEFFICIENTS]
        found = np.array([one[0] if len(one) else 0.0 for one in single])
    for name in KEYS["lens"]:
        stated = table.get(plain_key(name), False)
        stated = stated[0] if isinstance(stated, list) and len(stated) == 1 else stated
        said = str(stated).lower()
        fisheye = "fisheye" in name and said not in ("false", "0", "none", "no")
        other = next((word for word in OTHER_LENSES if word in said), None)
        # Intel's inverse model without coefficients is a lens like any other.
        if fisheye or (other and not (other == "inverse" and not found.any())):
            raise AnatomyError(
                f"{where}: is a fisheye lens or the like, not read ({name}: {shown(stated)})"
            )
    k1, k2, p1, p2, k3, *others = np.pad(found, (0, 14 - len(found)))
    if any(others):
        raise AnatomyError(
            f"{where}: expected the distortion k1, k2, p1, p2, k3, got {len(found)} numbers"
        )
    return k1, k2, k3, p1, p2


def _rotation(table: dict[str, Any], where: str) -> NDArray[np.float64]:
    """Return the rotation matrix (3, 3) of a Rodrigues vector, or of nine numbers."""
    # Beside a projection matrix, as in ROS's messages, R turns the picture and not the camera.
    values = _entry_numbers(table, where, "rotation", 3, 9)
    if not len(values) or _entry(table, "projection") is not None:
        return np.eye(3)
    if len(values) == 9:
        return values.reshape(3, 3)
    # Imported here, so that only reading a vector waits for SciPy.
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(values).as_matrix()


def is_world(table: dict[str, Any], where: str) -> bool:
    """Return whether a camera states that its axes are nearly those of the world."""
    if _entry(table, "rotation") is None:
        return False
    cosine = (np.trace(_rotation(table, where)) - 1) / 2
    return bool(cosine > math.cos(math.radians(OWN_AXES)))


def _numbers(entry: Any, where: str) -> NDArray[np.float64]:
    """Return the numbers in nested lists, a table with ``data``, or a text, row after row."""
    found: list[float] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict) and "data" in value:
            collect(value["data"])
        elif isinstance(value, list):
            for one in value:
                collect(one)
        elif len(found) < MOST_NUMBERS:
            try:
                number = float(value)
            except (TypeError, ValueError, OverflowError):
                number = None
            # JSON's true is 1 to float().
            if number is None or isinstance(value, bool):
                raise AnatomyError(f"{where}: expected numbers, got {shown(value)}")
            if not math.isfinite(number):
                raise AnatomyError(f"{where}: expected finite numbers, got {number:g}")
            found.append(number)
        else:
            raise AnatomyError(f"{where}: expected fewer than {MOST_NUMBERS} numbers")

    collect(entry)
    return np.array(found)
