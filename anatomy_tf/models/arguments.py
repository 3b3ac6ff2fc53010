"""Checks of the arguments that models share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_number, is_whole


def odd_widths(widths: Any) -> tuple[int, ...]:
    """Return the widths of the temporal convolutions as a tuple.

    Raises:
        AnatomyError: unless they are one or more odd whole numbers.
    """
    given = tuple(widths) if isinstance(widths, Iterable) else (widths,)
    if not given or not all(is_whole(w) and w > 0 and w % 2 for w in given):
        raise AnatomyError(f"filter_widths: expected odd whole numbers, got {widths!r}")
    return tuple(int(w) for w in given)


def check_counts(config: Any, *fields: str) -> None:
    """Raise ``AnatomyError`` for a field that is no whole number of at least 1."""
    for field in fields:
        value = getattr(config, field)
        if not is_whole(value) or value < 1:
            raise AnatomyError(f"{field}: expected a whole number above 0, got {value!r}")


def check_switches(config: Any, *fields: str) -> None:
    """Raise ``AnatomyError`` for a field that is neither true nor false."""
    for field in fields:
        value = getattr(config, field)
        if not isinstance(value, bool):
            raise AnatomyError(f"{field}: expected true or false, got {value!r}")


def check_positive(config: Any, *fields: str) -> None:
    """Raise ``AnatomyError`` for a field that is no finite number above 0."""
    for field in fields:
        value = getattr(config, field)
        if not _finite(value) or value <= 0:
            raise AnatomyError(f"{field}: expected a number above 0, got {value!r}")


def check_rates(config: Any) -> None:
    """Raise ``AnatomyError`` unless ``dropout`` is a share and ``fps`` above 0."""
    if not _finite(config.dropout) or not 0 <= config.dropout < 1:
        raise AnatomyError(f"dropout: expected at least 0 and below 1, got {config.dropout!r}")
    check_positive(config, "fps")


def _finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)
