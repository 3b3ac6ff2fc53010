"""Reading cameras from the files of calibration programs.

| suffix | written by |
| --- | --- |
| ``.toml`` | Pose2Sim, Sports2D: a table for each camera |
| ``.yaml``, ``.yml``, ``.xml``, ``.json`` | OpenCV's FileStorage; ROS's camera_info (YAML) |
| ``.json`` | one object, or an object of cameras by name, with the keys below |

A camera is a table with a camera matrix, and where they are known distortion coefficients, the
image's size and the place in the world, under the names of ``KEYS``.

Distortion is OpenCV's k1, k2, p1, p2, k3. Its tangential part is projected as in ``Camera``, which
counts p times the pixel once where OpenCV counts it twice. With p below 0.001, as for lenses of
phones, a point in a picture of 1088 x 1920 is at most half a pixel off OpenCV's.
"""

from __future__ import annotations

import json
import math
import tomllib
import xml.etree.ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.limits import CONFIG_BYTES
from anatomy_tf.files.paths import check_input
from anatomy_tf.files.text_file import read_text

KEYS = {
    "matrix": ("matrix", "camera_matrix", "cameraMatrix", "intrinsic_matrix", "K"),
    "distortion": (
        *("distortions", "distortion", "distortion_coefficients"),
        *("distCoeffs", "dist_coeffs", "dist", "D"),
    ),
    "size": ("size", "image_size", "imageSize", "resolution"),
    "width": ("image_width", "width"),
    "height": ("image_height", "height"),
    "rotation": ("rotation", "rvec", "R"),
    "translation": ("translation", "tvec", "T", "t"),
}
"""A camera's entries, and the names that programs give them. A matrix is (3, 3), pixels; a
rotation, world to camera, is a Rodrigues vector or (3, 3); a translation is in metres."""

MOST_NUMBERS = 64
"""Numbers of one of a file's entries; calibrations have far less."""

DEEPEST = 20
"""Levels of a YAML file; calibrations have four."""


def load_camera(
    path: str | Path, name: str | None = None, image_size: tuple[int, int] | None = None
) -> Camera:
    """Read one camera of a calibration file.

    Args:
        path: ends in one of ``READERS``.
        name: name of the camera, where the file has several.
        image_size: (width, height) pixels, for a file that does not state it.

    Raises:
        AnatomyError: when the file cannot be read, has no camera ``name`` or several cameras
            without one, lacks a camera matrix or the image's size, or has a lens that ``Camera``
            cannot hold.

    Example:
        >>> camera = load_camera("Calib_scene.toml", "cam_02")  # doctest: +SKIP
    """
    path = check_input(path)
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise AnatomyError(
            f"{path}: expected a camera file that ends in {', '.join(READERS)}, "
            f"got {path.suffix or 'no suffix'}"
        )
    cameras = _cameras(_read(path, read), path)
    if name is None and len(cameras) > 1:
        raise AnatomyError(f"{path}: has the cameras {', '.join(cameras)}; say which one")
    if name is not None and name not in cameras:
        raise AnatomyError(f"{path}: has the cameras {', '.join(cameras)}, not {name!r:.40}")
    chosen = next(iter(cameras)) if name is None else name
    with reading(path, "camera file"):
        return _camera(cameras[chosen], chosen, image_size, path)


def _read(path: Path, read: Callable[[str], Any]) -> Any:
    text = read_text(path, most=CONFIG_BYTES)
    with reading(path, "camera file"):
        return read(text)


def _yaml(text: str) -> Any:
    yaml = extra_module("yaml", "cameras", "reading .yaml needs", package="pyyaml")

    class Loader(yaml.SafeLoader):  # type: ignore[name-defined]
        """A loader that reads OpenCV's tags, such as ``!!opencv-matrix``, as plain tables.

        It refuses what takes PyYAML's time or a reader's of what PyYAML gives: deep nesting and
        aliases.
        """

        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent) or self.depth > DEEPEST:
                raise ValueError(f"expected no aliases and at most {DEEPEST} levels")
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    Loader.add_multi_constructor(
        "tag:yaml.org,2002:opencv-", lambda loader, _, node: loader.construct_mapping(node, True)
    )
    # OpenCV's first line, which is no directive of YAML.
    text = text.removeprefix("%YAML:1.0")
    try:
        return yaml.load(text, Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _xml(text: str) -> Any:
    def content(element: xml.etree.ElementTree.Element) -> Any:
        return {child.tag: content(child) for child in element} or (element.text or "").split()

    return content(xml.etree.ElementTree.fromstring(text))


READERS: dict[str, Callable[[str], Any]] = {
    ".toml": tomllib.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".xml": _xml,
    ".json": json.loads,
}
"""Text to nested tables, by suffix."""


def _cameras(content: Any, path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables with a camera matrix by name: the whole file, or tables in it."""
    if isinstance(content, dict) and _entry(content, "matrix") is not None:
        return {str(content.get("name", path.stem)): content}
    tables = content.items() if isinstance(content, dict) else ()
    cameras = {
        str(name): table
        for name, table in tables
        if isinstance(table, dict) and _entry(table, "matrix") is not None
    }
    if not cameras:
        raise AnatomyError(
            f"{path}: expected a camera matrix, under one of the names {', '.join(KEYS['matrix'])}"
        )
    return cameras


def _entry(table: dict[str, Any], key: str) -> Any:
    return next((table[name] for name in KEYS[key] if name in table), None)


def _camera(
    table: dict[str, Any], name: str, image_size: tuple[int, int] | None, path: Path
) -> Camera:
    where = f"{path}: camera {name}"

    def numbers(key: str, *counts: int, default: ArrayLike = ()) -> NDArray[np.float64]:
        entry = _entry(table, key)
        if entry is None:
            return np.array(default, np.float64)
        found = _numbers(entry, f"{where}: {key}")
        if len(found) not in counts:
            expected = " or ".join(map(str, counts))
            raise AnatomyError(f"{where}: expected {expected} numbers as {key}, got {len(found)}")
        return found

    if table.get("fisheye", False) not in (False, 0, ["0"], ["false"]):
        raise AnatomyError(f"{where}: is a fisheye lens, which is not read")
    matrix = numbers("matrix", 9)
    if not np.allclose(matrix[[3, 6, 7, 8]], [0, 0, 0, 1]):
        rows = matrix.reshape(3, 3).tolist()
        raise AnatomyError(f"{where}: expected the matrix fx 0 cx, 0 fy cy, 0 0 1, got {rows}")
    distortion = numbers("distortion", 0, 1, 2, 4, 5, 8, 12, 14)
    k1, k2, p1, p2, k3, *others = np.pad(distortion, (0, 14 - len(distortion)))
    if any(others):
        raise AnatomyError(
            f"{where}: expected the distortion k1, k2, p1, p2, k3, got {len(distortion)} numbers"
        )
    sides = np.concatenate([numbers("width", 1), numbers("height", 1)])
    size = next((s for s in (numbers("size", 2), sides) if len(s) == 2), image_size)
    if size is None:
        raise AnatomyError(f"{where}: does not say the image's size; give it (image_size=)")
    rotation = _rotation(numbers("rotation", 3, 9, default=np.eye(3).ravel()))
    translation = numbers("translation", 3, default=(0, 0, 0))
    try:
        return Camera(
            rotation=rotation,
            position=-rotation.T @ translation,
            focal_length=matrix[[0, 4]],
            centre=matrix[[2, 5]],
            width=round(size[0]),
            height=round(size[1]),
            radial=np.array([k1, k2, k3]),
            # OpenCV's p1 leans with y and p2 with x.
            tangential=np.array([p2, p1]),
            name=name,
        )
    except (AnatomyError, ValueError, OverflowError) as error:
        raise AnatomyError(f"{path}: {error}") from None


def _rotation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation matrix (3, 3) of a Rodrigues vector, or of nine numbers."""
    if len(values) == 9:
        return values.reshape(3, 3)
    # Imported here, so that only reading a vector waits for SciPy.
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(values).as_matrix()


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
                raise AnatomyError(f"{where}: expected numbers, got {shown(value)}") from None
            if not math.isfinite(number):
                raise AnatomyError(f"{where}: expected finite numbers, got {number:g}")
            found.append(number)
        else:
            raise AnatomyError(f"{where}: expected fewer than {MOST_NUMBERS} numbers")

    collect(entry)
    return np.array(found)
