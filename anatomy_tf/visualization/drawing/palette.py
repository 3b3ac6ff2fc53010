"""The colours of every drawing: blue is the person's left, orange the right."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb``; left and right differ for every common colour blindness."""

    left: str
    right: str
    middle: str
    truth: str
    page: str
    panel: str
    grid: str
    text: str
    faint: str


LIGHT = Palette(
    left="#1f77d4",
    right="#e2581b",
    middle="#4d5766",
    truth="#12a150",
    page="#ffffff",
    panel="#f4f6f8",
    grid="#aab4c0",
    text="#1d2530",
    faint="#697586",
)
DARK = Palette(
    left="#5cb0ff",
    right="#ff9157",
    middle="#c5ced9",
    truth="#4ade80",
    page="#0f141a",
    panel="#171e26",
    grid="#465361",
    text="#e8edf3",
    faint="#93a0af",
)
