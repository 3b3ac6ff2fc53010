"""The options that a verb has, and a check that no other is given."""

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
    """Refuse an option that a verb does not have.

    tyro takes one that stands before the input for a missing input.

    Args:
        prog: the verb, as its help names it.
        function: of the verb.
        arguments: what follows the verb.

    Raises:
        AnatomyError: naming the option, and the known one that is most like it.
    """
    known = {"-h", "--help", *option_names(function)}
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


def _flags(name: str, hint: Any) -> Iterator[str]:
    metadata = getattr(hint, "__metadata__", ())
    if tyro.conf.Positional in metadata:
        return
    flag = name.replace("_", "-")
    yield f"--{flag}"
    plain = get_args(hint)[0] if metadata else hint
    if plain is bool and tyro.conf.FlagCreatePairsOff not in metadata:
        yield f"--no-{flag}"
