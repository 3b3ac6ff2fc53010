"""Arrays of numbers, made of what a caller of the package gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from anatomy_tf.errors import AnatomyError


def number_array(values: Any, dtype: DTypeLike | None, where: str) -> NDArray[Any]:
    """Return values as an array of floating-point numbers.

    Args:
        values: an array of any library, a masked array, whose masked entries become NaN, or nested
            lists; ``None`` becomes NaN.
        dtype: of the result; ``None`` keeps that of floating-point numbers, and makes others
            float64.
        where: the values' name and place, for the message.

    Raises:
        AnatomyError: for text, dates, complex numbers, lists of unequal length, numbers that the
            dtype does not hold, and whatever else NumPy makes no array of.
    """
    try:
        array = np.ma.asanyarray(values) if np.ma.isMaskedArray(values) else np.asarray(values)
        if array.dtype.kind not in "fiubO":
            raise AnatomyError(f"{where}: expected numbers, got {array.dtype}")
        if dtype is None:
            dtype = array.dtype if array.dtype.kind == "f" else np.float64
        with np.errstate(over="raise"):
            numbers = array.astype(dtype)
    except AnatomyError:
        raise
    except Exception as error:
        # Other libraries' arrays raise what they like.
        raise AnatomyError(f"{where}: expected an array of numbers ({error})") from None
    if np.ma.isMaskedArray(numbers):
        return np.asarray(numbers.filled(np.nan))
    return np.asarray(numbers)
