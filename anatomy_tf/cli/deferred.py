"""Verbs below a verb."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from anatomy_tf.cli.help_text import flowing


def deferred(function: Callable[..., None]) -> Callable[..., functools.partial[None]]:
    """Return a function of the same arguments that returns the call instead of making it.

    tyro builds a verb's arguments before it runs the verb, and takes a ``ValueError`` of building
    them, which every ``AnatomyError`` is, for wrong usage.
    """

    @functools.wraps(function)
    def with_arguments(*positional: Any, **named: Any) -> functools.partial[None]:
        return functools.partial(function, *positional, **named)

    with_arguments.__doc__ = flowing(function.__doc__)
    return with_arguments
