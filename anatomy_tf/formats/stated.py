"""What a recording must say about itself, in its file or by the caller."""

from __future__ import annotations

import math
from pathlib import Path

from anatomy_tf.errors import AnatomyError


class NotStatedError(AnatomyError):
    """Neither a file nor the caller says something.

    Attributes:
        fact: ``"fps"`` or ``"image_size"``.
    """

    def __init__(self, message: str, fact: str) -> None:
        super().__init__(message)
        self.fact = fact


def required_fps(given: float | None, path: Path) -> float:
    """The frame rate.

    Raises:
        NotStatedError: when nobody says it.
        AnatomyError: when it is not a positive number.
    """
    if given is None:
        raise NotStatedError(
            f"{path}: does not say its frame rate; give it with --fps (fps=)", "fps"
        )
    if not (math.isfinite(given) and given > 0):
        raise AnatomyError(f"{path}: expected a positive frame rate, got {given}")
    return float(given)


def required_image_size(given: tuple[int, int] | None, path: Path) -> tuple[int, int]:
    """(width, height) of the image in pixels.

    Raises:
        NotStatedError: when nobody says it.
        AnatomyError: when it is not two positive numbers.
    """
    if given is None:
        raise NotStatedError(
            f"{path}: does not say its image size; give it with --image-size WxH "
            "(image_size=(width, height))",
            "image_size",
        )
    if len(given) != 2 or not all(math.isfinite(side) and side > 0 for side in given):
        raise AnatomyError(
            f"{path}: expected an image size of two positive numbers (width, height), got {given}"
        )
    return given
