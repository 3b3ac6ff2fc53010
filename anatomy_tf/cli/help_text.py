"""Docstrings as help texts."""

from __future__ import annotations

import inspect
import re


def flowing(docstring: str | None) -> str | None:
    """Return a docstring with one line for each paragraph and each entry of ``Args:``.

    tyro shows some of the line breaks where the source has them.
    """
    if not docstring:
        return docstring
    text = re.sub(r"\n {8,}(?=\S)", " ", inspect.cleandoc(docstring))
    return re.sub(r"(?<=\S)\n(?=[^\s-])", " ", text)
