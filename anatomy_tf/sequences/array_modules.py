"""What NumPy and ``keras.ops`` call differently."""

from __future__ import annotations

from typing import Any

import numpy as np


def cast(values: Any, dtype: str, xp: Any) -> Any:
    """Return values of another dtype.

    Args:
        values: an array of NumPy, or a tensor.
        dtype: such as ``"float32"``.
        xp: NumPy or ``keras.ops``.
    """
    return np.asarray(values, dtype) if xp is np else xp.cast(values, dtype)
