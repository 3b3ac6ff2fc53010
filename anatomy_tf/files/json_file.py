"""Reading and checking JSON files from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import JSON_BYTES, Limit
from anatomy_tf.files.regular_file import read_bytes

_BETWEEN = re.compile(r"[\s,]+")

_LONGEST_NUMBER = 40
"""Characters; Python reads numbers of any length."""


def read_json(path: Path, *, most: Limit = JSON_BYTES, many: bool = False) -> Any:
    """Return the content of a JSON file, in any of Unicode's encodings.

    Args:
        path: the file.
        most: the limit of its size.
        many: whether the file may also hold several JSON values, one a line or one after the other
            as programs append them; they come as a list.

    Raises:
        AnatomyError: when the file cannot be read, is too large or is no JSON, or an object has a
            key twice.
    """
    content = read_bytes(path, most)
    if not content.strip():
        raise AnatomyError(f"{path}: not a readable JSON file (it is empty)")
    with reading(path, "JSON file"):
        try:
            return parsed_json(content)
        except json.JSONDecodeError as error:
            if not many or error.msg != "Extra data":
                raise
        return _values(content.decode(json.detect_encoding(content)))


def parsed_json(text: str | bytes, **options: Any) -> Any:
    """Return the value that a JSON text holds.

    Python keeps the last of several values with one key, and so loses a camera or a person. To look
    takes a quarter of the time of parsing objects of four numbers, as MediaPipe's.

    Args:
        text: the text.
        options: of ``json.loads``.

    Raises:
        ValueError: when it is no JSON, or an object has a key twice, with different values.
    """
    return json.loads(text, object_pairs_hook=_object, **options)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; raises ``ValueError`` naming a key with two values."""
    whole = dict(pairs)
    if len(whole) < len(pairs):
        twice = next((key for key, value in pairs if whole[key] != value), None)
        if twice is not None:
            raise ValueError(f"the key {twice!r:.40} is twice in one object")
    return whole


def number_in(text: str) -> float | None:
    """Return the number that a text spells, such as ``"0.5"``; ``None`` for other text."""
    # Python reads 1_2 as 12.
    if "_" in text or len(text) > _LONGEST_NUMBER:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _values(text: str) -> list[Any]:
    """Return the JSON values that follow each other in a text."""
    decoder, values, place = json.JSONDecoder(object_pairs_hook=_object), [], 0
    while place < len(text):
        begin = _BETWEEN.match(text, place)
        place = begin.end() if begin else place
        if place < len(text):
            value, place = decoder.raw_decode(text, place)
            values.append(value)
    return values


def number_array(
    values: Any, shape: tuple[int | None, ...], where: str, *, gaps: bool = False
) -> NDArray[np.float64]:
    """Return nested lists of numbers as an array.

    Args:
        values: what JSON gave.
        shape: the expected shape; ``None`` stands for any size.
        where: what the values are, for messages.
        gaps: whether ``null`` and NaN may stand for a missing number; both become NaN.

    Raises:
        AnatomyError: for anything but lists of finite numbers of this shape.
    """
    allowed = {int, float, type(None)} if gaps else {int, float}
    if not _holds(values, len(shape), allowed):
        raise AnatomyError(f"{where}: expected {_described(shape)}")
    try:
        array = np.array(values, np.float64)
    except OverflowError:
        raise AnatomyError(f"{where}: a number is too large") from None
    except ValueError:
        raise AnatomyError(f"{where}: expected {_described(shape)}, all rows alike") from None
    fits = array.ndim == len(shape) and all(
        size is None or size == came for size, came in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise AnatomyError(f"{where}: expected {_described(shape)}, got shape {array.shape}")
    unusable = np.isinf(array) if gaps else ~np.isfinite(array)
    if unusable.any():
        raise AnatomyError(f"{where}: a number is NaN or infinite")
    return array


def _holds(values: Any, depth: int, allowed: set[type]) -> bool:
    if not isinstance(values, list):
        return False
    if depth == 1:
        return set(map(type, values)) <= allowed
    return all(_holds(value, depth - 1, allowed) for value in values)


def _described(shape: tuple[int | None, ...]) -> str:
    sizes = " x ".join("n" if size is None else str(size) for size in shape)
    return f"a list of {sizes} numbers"


def shown(value: Any) -> str:
    """Return a JSON value for a message, cut to 40 characters; a list or object only by kind."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    # Python refuses to write out a number of thousands of digits.
    huge = isinstance(value, int) and abs(value) >= 10**40
    return "a number of more than 40 digits" if huge else f"{value!r:.40}"
