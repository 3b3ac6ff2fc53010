"""Docstrings as help texts."""

from __future__ import annotations

import inspect
import re


def flowing(docstring: str | None) -> str | None:
    """Return a docstring with one line for each entry of ``Args:``.

    tyro shows the line breaks of these entries where the source has them.
    """
    return docstring and re.sub(r"\n {8,}(?=\S)", " ", inspect.cleandoc(docstring))
