"""How the options of a verb are shown."""

from __future__ import annotations

import functools

import tyro


def stated(default: str) -> str:
    """Return the note on a default; nothing for ``None``, which the option's own text explains."""
    return "" if default in ("", "None") else f"(default: {default})"


arg = functools.partial(tyro.conf.arg, help_behavior_hint=stated)
"""Settings of an option, such as ``metavar``."""
