"""A check that a verb is given what it takes; tyro's errors are pages in a box."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Collection, Sequence

from anatomy_tf.cli.parameters import Parameter, parameters
from anatomy_tf.errors import AnatomyError

_HELP = {"-h", "--help"}


def checked_arguments(
    prog: str, function: Callable[..., None], arguments: Sequence[str]
) -> list[str]:
    """Return the arguments of a verb, its options last; refuse, in one line, what it does not take.

    Args:
        prog: the verb, as its help names it.
        function: of the verb.
        arguments: what follows the verb.

    Raises:
        AnatomyError: naming the option or argument, what was expected and what came, or what is
            missing; of an unknown option, the known one that is most like it.
    """
    taken = list(parameters(function))
    options = {flag: one for one in taken for flag in one.flags}
    before, after = _divided(arguments)
    for argument in filter(_is_option, before):
        check_known("option", argument.partition("=")[0], {*options, *_HELP}, prog)
    if _HELP & set(before):
        return list(arguments)
    places = [one for one in taken if not one.flags]
    needed = sum(one.required for one in places) - len(after)
    given, beside = _given(before, options, needed)
    values = beside + after
    if len(values) > len(places):
        few = {0: "no argument", 1: "one argument"}.get(len(places), f"{len(places)} arguments")
        output = "; the output follows --output" if "--output" in options else ""
        raise AnatomyError(
            f"{prog}: expected {few} beside the options, got also {values[len(places)]}{output}"
        )
    there = {*places[: len(values)], *given}
    missing = [one.shown for one in taken if one.required and one not in there]
    if missing:
        raise AnatomyError(f"{prog}: missing {' and '.join(missing)}; see {prog} --help")
    for first, second in itertools.combinations(given, 2):
        if first.group is not None and first.group is second.group:
            raise AnatomyError(f"expected one of {first.shown} and {second.shown}, got both")
    spelled = [part for parts in given.values() for part in parts]
    return [*beside, *spelled, *arguments[len(before) :]]


def _divided(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before and after ``--``, behind which none is an option."""
    before = list(itertools.takewhile(lambda each: each != "--", arguments))
    return before, list(arguments[len(before) + 1 :])


def _is_option(argument: str) -> bool:
    # A dash before a digit is a number's sign, and one alone a stream.
    return re.match("--?[A-Za-z]", argument) is not None


def check_known(kind: str, word: str, known: Collection[str], prog: str) -> None:
    """Refuse a word that is none of those known, naming the one that is most like it.

    Args:
        kind: what the word is, such as ``"option"``.
        word: as it came; underscores count as dashes.
        known: all such words.
        prog: the command whose help lists them.

    Raises:
        AnatomyError: when the word is not known.
    """
    if word.replace("_", "-") not in known:
        likely = difflib.get_close_matches(word, sorted(known), 1)
        meant = f"did you mean {likely[0]}? " if likely else ""
        raise AnatomyError(f"unknown {kind} {word:.40}; {meant}{prog} --help lists the {kind}s")


def _given(
    arguments: Sequence[str], options: dict[str, Parameter], needed: int
) -> tuple[dict[Parameter, list[str]], list[str]]:
    """Return the options that are given, as they are spelled, and the arguments beside them.

    Args:
        arguments: what follows the verb.
        options: those of the verb, by flag.
        needed: how many arguments beside the options there must be. The last option leaves them,
            where it takes any number of values.

    Raises:
        AnatomyError: for values that an option does not take.
    """
    given: dict[Parameter, list[str]] = {}
    others: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if not _is_option(argument):
            others.append(argument)
            continue
        name, equals, value = argument.partition("=")
        one = options[name.replace("_", "-")]
        values = []
        if not equals:
            values = list(itertools.takewhile(lambda each: not _is_option(each), rest))
            left = max(0, needed - len(others)) if len(values) == len(rest) else 0
            values = values[: max(1, len(values) - left) if one.count is None else one.count]
            del rest[: len(values)]
        one.check([value] if equals else values)
        given.setdefault(one, []).extend([argument, *values])
    return given, others
