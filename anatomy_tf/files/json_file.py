"""JSON of foreign origin: read and checked, any fault in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError

_HEAD = 1 << 18


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises:
        AnatomyError: when the file cannot be read or is no JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise AnatomyError(f"{path}: not valid JSON ({reason})") from None


def number_array(
    values: Any, shape: tuple[int | None, ...], where: str, *, gaps: bool = False
) -> NDArray[np.float64]:
    """Nested lists of numbers as an array.

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


def json_head(path: Path, pattern: str) -> bool:
    """Whether a file begins like JSON of some kind, without reading all of it.

    Args:
        path: an existing path; a folder is no such file.
        pattern: regular expression that must match at the first character that is no blank.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    return re.match(r"\s*" + pattern, head.removeprefix("\ufeff")) is not None
