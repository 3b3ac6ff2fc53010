"""Human3.6M's ``metadata.xml``: its cameras and the names of its clips."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import CONFIG_BYTES
from anatomy_tf.files.regular_file import read_bytes

SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
"""The people whose 3D positions are published."""

CAMERAS = ("54138969", "55011271", "58860488", "60457274")
"""In the order of the file, of VideoPose3D's archives and of the paper."""

IMAGE_SIZES = ((1000, 1002), (1000, 1000), (1000, 1000), (1000, 1002))
FPS = 50.0

ACTIONS = (
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing"),
    *("Purchases", "Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking"),
    "WalkTogether",
)
"""The 15 actions as papers write them; files may say TakingPhoto and WalkingDog."""

_RENAMED = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}
_PEOPLE, _EXTRINSICS, _INTRINSICS = 11, 6, 9


@dataclasses.dataclass(frozen=True)
class Human36mMetadata:
    """What the file says of the seven people.

    Args:
        cameras: subject to its four cameras in the order of ``CAMERAS``.
        clips: subject to the names of its clips as its files have them, such as
            ``"Directions 1"``.
    """

    cameras: Mapping[str, tuple[Camera, ...]]
    clips: Mapping[str, tuple[str, ...]]


def canonical_clip(name: str) -> str:
    """``"WalkingDog 1"`` as VideoPose3D's archives and papers name it: ``"WalkDog 1"``."""
    action, space, take = name.partition(" ")
    return _RENAMED.get(action, action) + space + take


def clip_action(name: str) -> str:
    """The action of a clip: ``"WalkingDog 1"`` is one of ``"WalkDog"``."""
    return canonical_clip(name).partition(" ")[0]


def load_human36m_metadata(path: str | Path) -> Human36mMetadata:
    """Read cameras and clip names.

    ``w0`` is one vector: for each camera and each of 11 people three angles (radians, the rotation
    world to camera is Rx Ry Rz) and the camera's place (mm); then for each camera f (2), c (2), k1,
    k2, k3, p1, p2.

    Raises:
        AnatomyError: for a file that is missing, damaged or lacks one of these.
    """
    path = Path(path)
    root = _parse(path)
    vector = _vector(path, root)
    needed = len(CAMERAS) * (_PEOPLE * _EXTRINSICS + _INTRINSICS)
    if len(vector) < needed or not np.isfinite(vector[:needed]).all():
        raise AnatomyError(
            f"{path}: expected {needed} finite numbers in w0 (4 cameras, 11 people), "
            f"got {int(np.isfinite(vector).sum())}"
        )
    names = [element.text for element in root.findall("dbcameras/index2id/*")]
    if names and tuple(names) != CAMERAS:
        raise AnatomyError(
            f"{path}: expected the cameras {', '.join(CAMERAS)}, got {', '.join(map(str, names))}"
        )
    try:
        cameras = {
            subject: tuple(_camera(vector, subject, index) for index in range(len(CAMERAS)))
            for subject in SUBJECTS
        }
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {error}") from None
    return Human36mMetadata(cameras, _clips(path, root))


def _parse(path: Path) -> ElementTree.Element:
    content = read_bytes(path, CONFIG_BYTES)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise AnatomyError(f"{path}: declares a document type, which Human3.6M's does not")
    with reading(path, "XML file"):
        return ElementTree.fromstring(content)


def _vector(path: Path, root: ElementTree.Element) -> NDArray[np.float64]:
    text = (root.findtext("w0") or "").strip()
    try:
        return np.array(
            [float(word) for word in re.split(r"[\s,;]+", text.strip("[] \n\t")) if word]
        )
    except ValueError:
        raise AnatomyError(f"{path}: w0 is no list of numbers") from None


def _camera(vector: NDArray[np.float64], subject: str, index: int) -> Camera:
    person = int(subject[1:]) - 1
    start = _EXTRINSICS * (index * _PEOPLE + person)
    x, y, z = vector[start : start + 3]
    place = vector[start + 3 : start + _EXTRINSICS] / 1000
    start = len(CAMERAS) * _PEOPLE * _EXTRINSICS + _INTRINSICS * index
    lens = vector[start : start + _INTRINSICS]
    about_x = [[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]]
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_z = [[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]]
    width, height = IMAGE_SIZES[index]
    return Camera(
        rotation=np.array(about_x) @ about_y @ about_z,
        position=place,
        focal_length=lens[:2],
        centre=lens[2:4],
        width=width,
        height=height,
        radial=lens[4:7],
        tangential=lens[7:],
        name=CAMERAS[index],
    )


def _clips(path: Path, root: ElementTree.Element) -> dict[str, tuple[str, ...]]:
    """Names of the clips by the table whose first row names the people."""
    rows = [[(cell.text or "").strip() for cell in row] for row in root.findall("mapping/tr")]
    header = next((row for row in rows if set(SUBJECTS) <= set(row)), None)
    if header is None:
        raise AnatomyError(f"{path}: expected a table 'mapping' with the people S1 to S11")
    clips = {}
    for subject in SUBJECTS:
        column = header.index(subject)
        cells = [row[column] for row in rows if len(row) > column]
        clips[subject] = tuple(dict.fromkeys(c for c in cells if clip_action(c) in ACTIONS))
        if not clips[subject]:
            raise AnatomyError(f"{path}: the table 'mapping' names no clip of {subject}")
        for name in clips[subject]:
            if not re.fullmatch(r"[A-Za-z]+( \d)?", name):
                raise AnatomyError(f"{path}: {name!r} is no name of a clip")
    return clips
