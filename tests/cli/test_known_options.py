"""What a verb is given, as tyro gets it; ``test_cli_main`` has what is refused."""

import functools
import importlib

import pytest
import tyro

from anatomy_tf.cli.known_options import checked_arguments
from anatomy_tf.errors import AnatomyError


def function(verb: str):
    return getattr(importlib.import_module(f"anatomy_tf.cli.{verb}"), verb)


@pytest.mark.parametrize(
    ("verb", "given", "passed"),
    [
        ("lift", "--up 0 -1 0 k.npz --no-flip", "k.npz --up 0 -1 0 --no-flip"),
        # An option with any number of values leaves the input, if that stands last.
        ("lift", "--camera a.yaml left k.npz", "k.npz --camera a.yaml left"),
        ("lift", "--camera a.yaml k.npz", "k.npz --camera a.yaml"),
        ("lift", "--camera a.yaml left --flip k.npz", "k.npz --camera a.yaml left --flip"),
        ("lift", "--height=-1 k.npz --output=a=b.npz", "k.npz --height=-1 --output=a=b.npz"),
        ("lift", "--min_score .5 -- -k.npz", "--min_score .5 -- -k.npz"),
        ("train", "--seeds 0 1 x.py", "x.py --seeds 0 1"),
        ("evaluate", "--set a=1 x.py --model a --set b=2", "x.py --set a=1 --set b=2 --model a"),
        ("lift", "--flip k.npz --no-flip", "k.npz --flip --no-flip"),
        ("lift", "a b c --help", "a b c --help"),
    ],
)
def test_the_options_come_last(verb, given, passed):
    arguments = checked_arguments(verb, function(verb), given.split())
    assert arguments == passed.split()
    if "--help" not in arguments:
        # tyro takes them.
        tyro.cli(quiet(function(verb)), args=arguments)


def quiet(verb):
    """Return a function that takes what a verb takes and does nothing."""

    @functools.wraps(verb)
    def nothing(*values, **options):
        pass

    return nothing


def test_arguments_behind_two_dashes_count():
    with pytest.raises(AnatomyError, match=r"lift: expected one argument .*, got also -b;"):
        checked_arguments("lift", function("lift"), ["a", "--", "-b"])
