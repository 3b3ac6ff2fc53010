"""What the options and arguments of a verb take."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import tyro

from anatomy_tf.errors import AnatomyError

_NUMBERS = {int: "whole number", float: "number"}
_Group = type(tyro.conf.create_mutex_group(required=False))


@dataclasses.dataclass(frozen=True)
class Parameter:
    """An option or an argument of a verb.

    Attributes:
        shown: its name in messages, such as ``--height`` or ``INPUT``.
        flags: what it is called by, such as ``--flip`` and ``--no-flip``; empty for an argument.
        forms: the values that it takes, as alternatives: the kind of each value, or a kind and
            ``...`` for any number of them. A flag takes none.
        metavar: what a value is, for the help.
        required: whether it must be given.
        group: what only one parameter may be given of; ``None`` for most.
    """

    shown: str
    flags: tuple[str, ...]
    forms: tuple[tuple[Any, ...], ...]
    metavar: str
    required: bool
    group: object | None = None

    @property
    def count(self) -> int | None:
        """How many values it takes; ``None`` for all those before the next option."""
        (length, *others) = {len(form) for form in self.forms}
        return None if others or ... in self.forms[0] else length

    def check(self, values: Sequence[str]) -> None:
        """Refuse values that it does not take.

        Raises:
            AnatomyError: saying what was expected and what came.
        """
        if not any(_fits(values, form) for form in self.forms):
            expected = " or ".join(dict.fromkeys(map(self._described, self.forms)))
            came = repr(" ".join(values))[:80] if values else "nothing"
            raise AnatomyError(f"{self.shown}: expected {expected}, got {came}")

    def _described(self, form: tuple[Any, ...]) -> str:
        if not form:
            return "no value"
        kind, *others = form
        if get_origin(kind) is Literal:
            *first, last = map(str, get_args(kind))
            return f"{', '.join(first)} or {last}" if first else last
        if kind not in _NUMBERS:
            return self.metavar or "a value"
        if others:
            return f"{'' if ... in others else f'{len(form)} '}{_NUMBERS[kind]}s"
        return f"a {_NUMBERS[kind]}"


def parameters(function: Callable[..., None]) -> Iterator[Parameter]:
    """Yield the options and arguments of a verb.

    Args:
        function: of the verb. A parameter whose default is a dataclass is a group of options.
    """
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        if dataclasses.is_dataclass(parameter.default):
            group = type(parameter.default)
            for option, hint in get_type_hints(group, include_extras=True).items():
                yield _parameter(option, hint, required=False)
        else:
            yield _parameter(name, hints[name], required=parameter.default is parameter.empty)


def _parameter(name: str, hint: Any, *, required: bool) -> Parameter:
    metadata = getattr(hint, "__metadata__", ())
    plain = get_args(hint)[0] if metadata else hint
    metavar = next((m for each in metadata if (m := getattr(each, "metavar", None))), "")
    if tyro.conf.Positional in metadata:
        return Parameter(metavar or name.upper(), (), _forms(plain), metavar, required)
    flag = f"--{name.replace('_', '-')}"
    flags: tuple[str, ...] = (flag,)
    forms = _forms(plain)
    if plain is bool:
        forms = ((),)
        if tyro.conf.FlagCreatePairsOff not in metadata:
            flags = (flag, f"--no-{flag[2:]}")
    elif tyro.conf.UseAppendAction in metadata:
        # Given again for each value.
        forms = tuple(form[:1] for form in forms)
    group = next((each for each in metadata if isinstance(each, _Group)), None)
    return Parameter(flag, flags, forms, metavar, required, group)


def _forms(plain: Any) -> tuple[tuple[Any, ...], ...]:
    union = get_origin(plain) in (Union, types.UnionType)
    kinds = get_args(plain) if union else (plain,)
    return tuple(
        get_args(kind) if get_origin(kind) is tuple else (kind,)
        for kind in kinds
        if kind is not type(None)
    )


def _fits(values: Sequence[str], form: tuple[Any, ...]) -> bool:
    if form[1:] == (...,):
        return bool(values) and all(_is(value, form[0]) for value in values)
    return len(values) == len(form) and all(map(_is, values, form))


def _is(value: str, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind in _NUMBERS:
        try:
            kind(value)
        except ValueError:
            return False
    return True
