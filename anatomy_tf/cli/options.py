"""How the options of a verb are shown, and a check that none is without effect."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import tyro

from anatomy_tf.errors import AnatomyError


def stated(default: str) -> str:
    """Return the note on a default; nothing for ``None``, which the option's own text explains."""
    return "" if default in ("", "None") else f"(default: {default})"


arg = functools.partial(tyro.conf.arg, help_behavior_hint=stated)
"""Settings of an option, such as ``metavar``."""


def given(group: Any) -> dict[str, Any]:
    """Return the options of a group, a dataclass, that differ from their defaults, by flag."""
    return {
        f"--{option.name.replace('_', '-')}": getattr(group, option.name)
        for option in dataclasses.fields(group)
        if getattr(group, option.name) != option.default
    }


def check_unused(options: Mapping[str, Any], why: str) -> None:
    """Refuse options that would have no effect; call this before the long work.

    Args:
        options: values by flag; ``None`` and false stand for an option that was not given.
        why: what the message says after the flag.

    Raises:
        AnatomyError: naming the first option that was given.
    """
    for flag, value in options.items():
        if value is not None and value is not False:
            raise AnatomyError(f"{flag} {why}")
