"""Functions whose names differ between NumPy and ``keras.ops``."""

from __future__ import annotations

from typing import Any

import numpy as np


def cast(values: Any, dtype: str, xp: Any) -> Any:
    """Return values as another dtype.

    Args:
        values: a NumPy array or a tensor.
        dtype: such as ``"float32"``.
        xp: NumPy or ``keras.ops``.
    """
    return np.asarray(values, dtype) if xp is np else xp.cast(values, dtype)
