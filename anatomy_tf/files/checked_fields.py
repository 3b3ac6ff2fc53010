"""Dataclasses of settings whose fields are checked when one is built.

The annotation of a field states its type and, with ``Annotated``, its range:

    @dataclasses.dataclass(frozen=True)
    class Settings(CheckedFields):
        cameras: Count = 4
        share: Share = 0.5
        seconds: Positive | None = None
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_RATE, is_number, is_whole


@dataclasses.dataclass(frozen=True)
class Rule:
    """A condition on a field's value, for ``Annotated``.

    Attributes:
        holds: function from a value of the right type to whether it is accepted.
        words: the condition in words, which follow the type's in the message.
    """

    holds: Callable[[Any], Any]
    words: str


@dataclasses.dataclass(frozen=True)
class Described:
    """The words for a field's type and range, for ``Annotated``, instead of those made from it."""

    words: str


def at_least(least: float) -> Rule:
    """Return the rule that a number is this or larger."""
    return Rule(lambda value: value >= least, f"of at least {least:,}")


def above(bound: float) -> Rule:
    """Return the rule that a number is larger than this."""
    return Rule(lambda value: value > bound, f"above {bound:,}")


def at_most(most: float) -> Rule:
    """Return the rule that a number is this or smaller."""
    return Rule(lambda value: value <= most, f"at most {most:,}")


def between(least: float, most: float) -> Rule:
    """Return the rule that a number is in this range, both ends included."""
    return Rule(lambda value: least <= value <= most, f"from {least:,} to {most:,}")


def below(bound: float) -> Rule:
    """Return the rule that a number is smaller than this."""
    return Rule(lambda value: value < bound, f"below {bound:,}")


ODD = Rule(lambda value: value % 2 == 1, "odd")
NOT_EMPTY = Rule(len, "not empty")
RISING = Rule(lambda pair: pair[0] <= pair[1], "in rising order")

Count = Annotated[int, at_least(1)]
Seed = Annotated[int, at_least(0)]
Positive = Annotated[float, above(0)]
NotNegative = Annotated[float, at_least(0)]
Share = Annotated[float, between(0, 1)]
FrameRate = Annotated[float, between(FRAME_RATE.least, FRAME_RATE.most)]
PositiveShare = Annotated[float, above(0), at_most(1)]
PositiveRange = Annotated[tuple[Positive, Positive], RISING]
"""(low, high), both above 0."""


class CheckedFields:
    """Base of dataclasses whose fields are checked by their annotations when one is built.

    Known annotations are ``bool``, ``int``, ``float`` (finite; an ``int`` will do), ``None``,
    ``Literal``, other classes, unions, ``tuple``, ``dict`` and ``Mapping``, and each of these in
    ``Annotated`` with ``Rule``. Numbers of NumPy become Python's, lists and arrays become
    tuples, and a single number becomes a tuple of one where a tuple of any length is expected.

    Raises:
        AnatomyError: naming the class and the field, what was expected and what came.
    """

    def __post_init__(self) -> None:
        owner: Any = type(self)
        hints = _hints(owner)
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            given = getattr(self, field.name)
            try:
                value = _checked(given, hints[field.name])
            except _UnfitError:
                raise AnatomyError(
                    f"{owner.__name__}.{field.name}: expected "
                    f"{described(hints[field.name])}, got {given!r}"
                ) from None
            if value is not given:
                object.__setattr__(self, field.name, value)


def field_description(owner: type, field: str) -> str:
    """Return the type and range of a dataclass's field in words, such as ``true or false``."""
    return described(_hints(owner)[field])


def described(hint: Any) -> str:
    """Return an annotation in words, such as ``a whole number of at least 1 or None``."""
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        words = next((m.words for m in hint.__metadata__ if isinstance(m, Described)), None)
        if words is not None:
            return words
        kind = described(arms[0])
        if arms[0] in _WORDS:
            return f"{kind} {' and '.join(rule.words for rule in _rules(hint))}"
        return ", ".join([kind, *(rule.words for rule in _rules(hint))])
    if origin in _UNIONS:
        return " or ".join(described(arm) for arm in arms)
    if origin is Literal:
        return " or ".join(repr(choice) for choice in arms)
    if origin is tuple:
        if arms[-1] is Ellipsis:
            return f"a list, each item {described(arms[0])}"
        return f"({', '.join(map(described, arms))})"
    if origin in (Mapping, dict):
        return f"a dict, each value {described(arms[1])}"
    return _WORDS.get(hint) or str(getattr(hint, "__name__", hint))


_UNIONS = (typing.Union, types.UnionType)
_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a finite number",
    str: "text",
    Path: "a path",
    types.NoneType: "None",
}


class _UnfitError(Exception):
    """Raised where a value does not fit an annotation."""


@functools.cache
def _hints(owner: Any) -> dict[str, Any]:
    return typing.get_type_hints(owner, include_extras=True)


def _rules(hint: Any) -> list[Rule]:
    return [marking for marking in hint.__metadata__ if isinstance(marking, Rule)]


def _checked(value: Any, hint: Any) -> Any:
    """Return a value that fits an annotation; raise ``_UnfitError`` for another."""
    if isinstance(value, np.generic):
        value = value.item()
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        value = _checked(value, arms[0])
        if not all(rule.holds(value) for rule in _rules(hint)):
            raise _UnfitError
        return value
    if origin in _UNIONS:
        for arm in arms:
            try:
                return _checked(value, arm)
            except _UnfitError:
                continue
        raise _UnfitError
    if origin is tuple:
        return _checked_tuple(value, arms)
    if origin in (Mapping, dict):
        if not isinstance(value, Mapping):
            raise _UnfitError
        for key, item in value.items():
            _checked(key, arms[0])
            _checked(item, arms[1])
        return value
    if origin is Literal:
        # True equals 1, but is another choice.
        fits = any(type(value) is type(choice) and value == choice for choice in arms)
    elif hint is int:
        fits = is_whole(value)
    elif hint is float:
        fits = is_number(value) and math.isfinite(value)
    else:
        fits = isinstance(value, hint)
    if not fits:
        raise _UnfitError
    return value


def _checked_tuple(value: Any, arms: tuple[Any, ...]) -> tuple[Any, ...]:
    if arms[-1] is Ellipsis and is_number(value):
        value = (value,)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise _UnfitError
    kinds = arms[:1] * len(value) if arms[-1] is Ellipsis else arms
    if len(kinds) != len(value):
        raise _UnfitError
    items = tuple(_checked(item, kind) for item, kind in zip(value, kinds, strict=True))
    if isinstance(value, tuple) and all(a is b for a, b in zip(items, value, strict=True)):
        return value
    return items
