"""What a recording must say about itself, in its file or by the caller."""

from __future__ import annotations

import math
from pathlib import Path

from anatomy_tf.errors import AnatomyError


def required_fps(given: float | None, path: Path) -> float:
    """The frame rate.

    Raises:
        AnatomyError: when nobody says it, or it is not a positive number.
    """
    if given is None:
        raise AnatomyError(f"{path}: does not say its frame rate; give it with --fps (fps=)")
    if not (math.isfinite(given) and given > 0):
        raise AnatomyError(f"{path}: expected a positive frame rate, got {given}")
    return float(given)


def required_image_size(given: tuple[int, int] | None, path: Path) -> tuple[int, int]:
    """(width, height) of the image in pixels.

    Raises:
        AnatomyError: when nobody says it, or it is not two positive numbers.
    """
    if given is None:
        raise AnatomyError(
            f"{path}: does not say its image size; give it with --image-size WxH "
            "(image_size=(width, height))"
        )
    if len(given) != 2 or not all(math.isfinite(side) and side > 0 for side in given):
        raise AnatomyError(
            f"{path}: expected an image size of two positive numbers (width, height), got {given}"
        )
    return given
