"""Equality of dataclasses that hold arrays."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


class EqualFields:
    """Base of dataclasses (``eq=False``) that are equal where all their fields are.

    A dataclass compares the tuple of its fields, which fails where one is an array. Here arrays are
    equal with the same shape and numbers; NaN, which stands for what is not known, equals NaN.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in dataclasses.fields(self)]  # type: ignore[arg-type]
        return all(_equal(getattr(self, name), getattr(other, name)) for name in names)

    # Arrays can change, and with them the hash would.
    __hash__ = None  # type: ignore[assignment]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")
    arrays = isinstance(one, np.ndarray) or isinstance(other, np.ndarray)
    return not arrays and bool(one == other)
