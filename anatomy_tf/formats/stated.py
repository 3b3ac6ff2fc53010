"""The facts of a recording that its file or the caller must state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.image_size import checked_size
from anatomy_tf.files.limits import FRAME_NUMBER, FRAME_RATE, is_number, is_whole

_SIZE_KEYS = (
    ("width", "height"),
    ("canvas_width", "canvas_height"),
    ("image_width", "image_height"),
    ("frame_width", "frame_height"),
    ("video_width", "video_height"),
    ("img_width", "img_height"),
    ("w", "h"),
)
_PAIR_KEYS = ("image_size", "img_size", "resolution", "frame_size", "video_size", "size")
_SHAPE_KEYS = ("shape", "image_shape", "img_shape", "frame_shape", "video_shape")
"""Names of a picture's shape in NumPy: height, width and channels."""
_SIDES = re.compile(r"([0-9]{2,6}) ?[x*] ?([0-9]{2,6})")
_RATE_KEYS = ("fps", "frame_rate", "framerate", "frames_per_second", "video_fps", "r_frame_rate")
INSIDE = (
    *("metadata", "meta", "meta_data", "info", "video", "video_info", "video_metadata"),
    *("video_properties", "settings", "source", "header", "config", "camera", "properties"),
)
"""Names of an object inside which a file's facts may stand."""
ANY_INSIDE = frozenset(INSIDE)
NAME_KEYS = (
    *(f"{word}_names" for word in ("joint", "keypoint", "keypoints", "landmark", "node", "point")),
    *("part_names", "body_part_names", "marker_names", "bodyparts", "body_parts", "nodes"),
    *("joints", "keypoints", "landmarks", "keypoint_id2name"),
)
"""Names of the list of joints' names in the order of each person's keypoints."""

_FEWEST_NAMES = 5
FACTS = (
    *(key for pair in _SIZE_KEYS for key in pair),
    *(*_PAIR_KEYS, *_SHAPE_KEYS, *_RATE_KEYS),
)
"""Names by which programs state a recording's size and rate."""
_OF_SIZE = frozenset(FACTS) - {*_RATE_KEYS}


class NotStatedError(AnatomyError):
    """Raised when neither the file nor the caller states a fact.

    Attributes:
        fact: the missing fact, ``"fps"`` or ``"image_size"``.
    """

    def __init__(self, message: str, fact: str) -> None:
        super().__init__(message)
        self.fact = fact


def required_fps(given: float | None, path: Path, timed: float | None = None) -> float:
    """Return the frame rate, checked to be stated and possible.

    Args:
        given: frames a second.
        path: the file, for messages.
        timed: frames a second by the file's times, for the message that none is stated.

    Raises:
        NotStatedError: when it is not stated.
        AnatomyError: when it is outside ``limits.FRAME_RATE``.
    """
    if given is None:
        about = f"; by its times it is {timed:.3g}" if timed else ""
        raise NotStatedError(
            f"{path}: does not say its frame rate; give it with --fps (fps=){about}", "fps"
        )
    FRAME_RATE.check(given, path)
    return float(given)


def required_image_size(given: tuple[int, int] | None, path: Path) -> tuple[int, int]:
    """Return (width, height) of the image in pixels, checked to be stated and possible.

    Raises:
        NotStatedError: when it is not stated.
        AnatomyError: when it is not two numbers, or one is outside ``limits.IMAGE_SIDE``.
    """
    if given is None:
        raise NotStatedError(
            f"{path}: does not say its image size; give it with --image-size WxH "
            "(image_size=(width, height))",
            "image_size",
        )
    return checked_size(given, path)


def check_next_frame(before: float | None, number: float, where: object) -> None:
    """Check that a frame's number is one more than that before it, in files that hold every frame.

    Args:
        before: the number of the frame before; ``None`` for the first.
        number: the frame's number.
        where: the file and place, for messages.

    Raises:
        AnatomyError: when frames are missing, or in another order.
    """
    if before is not None and number != before + 1:
        raise AnatomyError(
            f"{where}: expected frame {before + 1:g} after {before:g}, got {number:g}"
        )


def check_first_frame(given: Any, where: object) -> int:
    """Return the number of a clip's first frame in its video, checked to be possible.

    Raises:
        AnatomyError: when it is no whole number from 0 on.
    """
    if not is_whole(given):
        raise AnatomyError(f"{where}: expected a whole number as first_frame, got {given!r:.40}")
    FRAME_NUMBER.check(int(given), where)
    return int(given)


def stated_size(content: Any) -> tuple[int, int] | None:
    """Return the (width, height) that a file's object states, by the names that programs use.

    Width and height are positive whole numbers, also as texts; other values are ignored.
    """
    for stating in _stating(content):
        # Files may have a million of such objects: only the keys that are there are looked at.
        if _OF_SIZE.isdisjoint(stating):
            continue
        pairs = [(stating[w], stating[h]) for w, h in _SIZE_KEYS if w in stating and h in stating]
        for value in [stating[key] for key in _PAIR_KEYS if key in stating]:
            if isinstance(value, dict):
                value = (value.get("width"), value.get("height"))
            if isinstance(value, str) and (written := _SIDES.fullmatch(value)):
                value = written.groups()
            if isinstance(value, list | tuple) and len(value) == 2:
                pairs.append((value[0], value[1]))
        shapes = (stating[key] for key in _SHAPE_KEYS if key in stating)
        pairs += [(s[1], s[0]) for s in shapes if isinstance(s, list) and len(s) == 3]
        for width, height in pairs:
            sides = [_whole(side) for side in (width, height)]
            if all(sides):
                return sides[0], sides[1]
    return None


def _stating(content: Any) -> list[dict[str, Any]]:
    """Return an object and the objects in it that may state its facts."""
    if not isinstance(content, dict):
        return []
    if ANY_INSIDE.isdisjoint(content):
        return [content]
    inside = (content.get(key) for key in INSIDE)
    return [content, *(value for value in inside if isinstance(value, dict))]


def stated_rate(content: Any) -> float | None:
    """Return the frames a second that a file's object states; ``None`` without a usable number."""
    stating = _stating(content)
    found: list[Any] = [_number(one[key]) for one in stating for key in _RATE_KEYS if key in one]
    return next((float(v) for v in found if is_number(v) and 0 < v < 1e6), None)


def stated_names(content: Any) -> tuple[str, ...] | None:
    """Return the joints' names that a file's object states, in the order of the keypoints.

    They are a list of texts, or an object of texts by number.
    """
    for stating in _stating(content):
        for key in NAME_KEYS:
            value = stating.get(key)
            if isinstance(value, dict) and all(map(str.isdecimal, value)):
                value = [value[number] for number in sorted(value, key=int)]
            names = value if isinstance(value, list) else []
            if len(names) >= _FEWEST_NAMES and all(isinstance(name, str) for name in names):
                return tuple(names)
    return None


def one_size(stating: Iterable[Any], path: Path) -> tuple[int, int] | None:
    """Return the image size that some objects of a file state; ``None`` where none does.

    Raises:
        AnatomyError: when they state different sizes.
    """
    sizes = sorted({size for size in map(stated_size, stating) if size is not None})
    if len(sizes) > 1:
        raise AnatomyError(f"{path}: expected images of one size, got {sizes[0]} and {sizes[1]}")
    return sizes[0] if sizes else None


def parsed_rate(text: str) -> float | None:
    """Return the frames a second of a number or a fraction such as ``30000/1001``.

    Returns:
        ``None`` for other text.
    """
    try:
        frames, *seconds = (float(part) for part in text.split("/", 1))
        return frames / seconds[0] if seconds else frames
    except (ValueError, ZeroDivisionError):
        return None


def _number(value: Any) -> Any:
    """Return the number in a text of at most 40 characters; other values as they are."""
    return parsed_rate(value) if isinstance(value, str) and len(value) <= 40 else value


def _whole(value: Any) -> int:
    value = _number(value)
    usable = is_number(value) and 0 < value < 1e6 and float(value).is_integer()
    return int(value) if usable else 0
