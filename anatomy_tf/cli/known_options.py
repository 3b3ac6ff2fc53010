"""The options and arguments that a verb has, and a check that no others are given."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args, get_type_hints

import tyro

from anatomy_tf.errors import AnatomyError


def check_options(prog: str, function: Callable[..., None], arguments: Sequence[str]) -> None:
    """Refuse an option that a verb does not have, and arguments beyond those it takes.

    tyro takes an option that stands before the input for a missing input.

    Args:
        prog: the verb, as its help names it.
        function: of the verb.
        arguments: what follows the verb.

    Raises:
        AnatomyError: naming the option, and the known one that is most like it, or the argument.
    """
    known = {"-h", "--help", *option_names(function)}
    hints = get_type_hints(function, include_extras=True).values()
    takes = sum(map(_is_positional, hints))
    # Those after an option may be its values.
    given = list(itertools.takewhile(lambda each: not each.startswith("-"), arguments))
    if len(given) > takes:
        output = "; the output follows --output" if "--output" in known else ""
        few = {0: "no argument", 1: "one argument"}.get(takes, f"{takes} arguments")
        raise AnatomyError(
            f"{prog}: expected {few} before the options, got also {given[takes]}{output}"
        )
    for argument in itertools.takewhile(lambda each: each != "--", arguments):
        option = argument.partition("=")[0]
        # A dash before a digit is a number's sign, and one alone a stream.
        if not re.match("--?[A-Za-z]", option) or option.replace("_", "-") in known:
            continue
        likely = difflib.get_close_matches(option, sorted(known), 1)
        meant = f"did you mean {likely[0]}? " if likely else ""
        raise AnatomyError(f"unknown option {option}; {meant}{prog} --help lists the options")


def option_names(function: Callable[..., None]) -> Iterator[str]:
    """Yield the options of a verb, such as ``--flip`` and ``--no-flip``.

    Args:
        function: of the verb. A parameter whose default is a dataclass is a group of options.
    """
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        if dataclasses.is_dataclass(parameter.default):
            kind = type(parameter.default)
            for option, hint in get_type_hints(kind, include_extras=True).items():
                yield from _flags(option, hint)
        else:
            yield from _flags(name, hints[name])


def _is_positional(hint: Any) -> bool:
    return tyro.conf.Positional in getattr(hint, "__metadata__", ())


def _flags(name: str, hint: Any) -> Iterator[str]:
    if _is_positional(hint):
        return
    metadata = getattr(hint, "__metadata__", ())
    flag = name.replace("_", "-")
    yield f"--{flag}"
    plain = get_args(hint)[0] if metadata else hint
    if plain is bool and tyro.conf.FlagCreatePairsOff not in metadata:
        yield f"--no-{flag}"
