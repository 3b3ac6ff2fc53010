"""Reading cameras from the files of calibration programs.

| suffix | written by |
| --- | --- |
| ``.toml`` | Pose2Sim, Sports2D, Caliscope, Anipose, FreeMoCap: a table for each camera |
| ``.yaml``, ``.yml`` | OpenCV's FileStorage, ROS's camera_info, Kalibr |
| ``.xml``, ``.json`` | OpenCV's FileStorage |
| ``.json`` | one object (also NeRF's transforms), or objects of cameras by name or in a list |
| ``.npz`` | ``np.savez`` of what OpenCV's ``calibrateCamera`` returns |

Each camera is a table (``camera_table``). What it does not state it has from the table around it.

Programs without a floor, as Anipose and FreeMoCap, take the first camera's axes for the world,
whose z is not up. Where the axes of one of a file's cameras are the world's, all cameras are read
without their place in it.
"""

from __future__ import annotations

import collections
import re
import tomllib
import xml.etree.ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import parsed_json
from anatomy_tf.files.limits import CALIBRATION_BYTES, CONFIG_BYTES, Limit
from anatomy_tf.files.npz_archive import array_names, read_npz
from anatomy_tf.files.paths import check_input
from anatomy_tf.files.text_file import read_text
from anatomy_tf.formats.motion.camera_table import (
    ENTRIES,
    KEYS,
    MOST_NUMBERS,
    camera_of_table,
    has_lens,
    is_world,
    plain_key,
)
from anatomy_tf.formats.stated import required_image_size

DEEPEST = 20
"""Levels of a YAML or TOML file; calibrations have four."""

_KEY_AND_DOT = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_KEY_AND_DOT}){{{DEEPEST}}}")


def load_camera(
    path: str | Path, name: str | None = None, image_size: tuple[int, int] | None = None
) -> Camera:
    """Read one camera of a calibration file.

    Args:
        path: ends in one of ``READERS``.
        name: name of the camera, where the file has several.
        image_size: (width, height) pixels, for a file that does not state it.

    Raises:
        AnatomyError: when ``image_size`` is no such pair; or when the file cannot be read, has no
            camera ``name`` or several cameras without one, lacks a camera matrix or the image's
            size, or has a lens that ``Camera`` cannot hold or no camera has (``check_lens``).

    Example:
        >>> camera = load_camera("Calib_scene.toml", "cam_02")  # doctest: +SKIP
    """
    path = check_input(path)
    if image_size is not None:
        image_size = required_image_size(image_size, path)
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise AnatomyError(
            f"{path}: expected a camera file that ends in {', '.join(READERS)}, "
            f"got {path.suffix or 'no suffix'}"
        )
    with reading(path, "camera file"):
        content = read(path)
    cameras = _cameras(content, path)
    if name is None and len(cameras) > 1:
        raise AnatomyError(f"{path}: has the cameras {', '.join(cameras)}; say which one")
    # Anipose numbers its tables and names the cameras in them.
    named = [key for key, table in cameras.items() if name in (None, key, table.get("name"))]
    if not named:
        raise AnatomyError(f"{path}: has the cameras {', '.join(cameras)}, not {name!r:.40}")
    if len(named) > 1:
        raise AnatomyError(
            f"{path}: has two cameras {name!r:.40}, {', '.join(named)}; say which one"
        )
    with reading(path, "camera file"):
        placed = not any(is_world(table, f"{path}: camera {key}") for key, table in cameras.items())
        return camera_of_table(cameras[named[0]], named[0], image_size, path, placed)


def _text(parse: Callable[[str], Any], most: Limit = CONFIG_BYTES) -> Callable[[Path], Any]:
    return lambda path: parse(read_text(path, most=most))


def _npz(path: Path) -> Any:
    names = [name for name in array_names(path) if plain_key(name) in ENTRIES]
    # One number more than allowed is enough to refuse the entry.
    return {n: v.ravel()[: MOST_NUMBERS + 1].tolist() for n, v in read_npz(path, names).items()}


def _toml(text: str) -> Any:
    # The time that Python's reader takes grows with the square of a key's parts.
    if _DEEP_KEY.search(text):
        raise ValueError(f"expected at most {DEEPEST} levels")
    return tomllib.loads(text)


def _yaml(text: str) -> Any:
    yaml = extra_module("yaml", "cameras", "reading .yaml needs", package="pyyaml")

    class Loader(yaml.SafeLoader):  # type: ignore[name-defined]
        """A loader that reads OpenCV's tags, such as ``!!opencv-matrix``, as plain tables.

        It refuses keys that are there twice, of which YAML's reader keeps the last, and deep
        nesting and aliases, by which a small file takes much time to read.
        """

        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent) or self.depth > DEEPEST:
                raise ValueError(f"expected no aliases and at most {DEEPEST} levels")
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            entries = node.value if node.id == "mapping" else []
            names = collections.Counter(key.value for key, _ in entries if key.id == "scalar")
            for name, count in names.most_common(1):
                if count > 1:
                    raise ValueError(f"the key {name!r:.40} is twice in one table")
            return node

    Loader.add_multi_constructor(
        "tag:yaml.org,2002:opencv-", lambda loader, _, node: loader.construct_mapping(node, True)
    )
    # OpenCV's first line, which is no directive of YAML.
    text = text.removeprefix("%YAML:1.0")
    try:
        documents = [one for one in yaml.load_all(text, Loader) if one is not None]  # a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    if len(documents) > 1:
        raise ValueError(f"expected one document, got {len(documents)}")
    return documents[0] if documents else None


def _xml(text: str) -> Any:
    def content(element: xml.etree.ElementTree.Element) -> Any:
        found: dict[str, list[Any]] = {}
        for child in element:
            found.setdefault(child.tag, []).append(content(child))
        tables = {tag: same[0] if len(same) == 1 else same for tag, same in found.items()}
        return tables or (element.text or "").split()

    return content(xml.etree.ElementTree.fromstring(text))


READERS: dict[str, Callable[[Path], Any]] = {
    ".toml": _text(_toml, CALIBRATION_BYTES),
    ".yaml": _text(_yaml, CALIBRATION_BYTES),
    ".yml": _text(_yaml, CALIBRATION_BYTES),
    ".xml": _text(_xml),
    ".json": _text(parsed_json),
    ".npz": _npz,
}
"""File to nested tables, by suffix."""


def _cameras(content: Any, path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables with a camera's lens by name: the whole file, or tables and lists in it.

    Their keys are plain.
    """
    cameras: dict[str, dict[str, Any]] = {}
    for name, table in _tables(content, path.stem, {}, 0):
        if name in cameras:
            raise AnatomyError(f"{path}: has two cameras {name!r:.40}")
        cameras[name] = table
    if not cameras:
        raise AnatomyError(
            f"{path}: expected a camera matrix, under one of the names "
            f"{', '.join(KEYS['matrix'])}, or fx, fy, cx, cy"
        )
    return cameras


def _tables(
    content: Any, name: str, around: dict[str, Any], depth: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    if depth > DEEPEST:
        return
    if isinstance(content, list):
        inner = [
            (one.get("name", i), one) for i, one in enumerate(content) if isinstance(one, dict)
        ]
    elif isinstance(content, dict):
        table = around | _flat(content)
        if has_lens(table):
            yield (str(table.get("name", name)) if depth == 0 else name), table
            return
        around = {key: value for key, value in table.items() if key in ENTRIES}
        inner = list(content.items())
    else:
        return
    for key, value in inner:
        yield from _tables(value, str(key), around, depth + 1)


def _flat(content: dict[Any, Any]) -> dict[str, Any]:
    """Return a table with plain keys and the entries of tables such as ``intrinsics`` in it."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if plain_key(key) in ENTRIES and isinstance(value, dict) and "data" not in value:
            flat |= {plain_key(inner): entry for inner, entry in value.items()}
        else:
            flat[plain_key(key)] = value
    return flat
