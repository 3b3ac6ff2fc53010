"""What ``--image-size`` and ``--fps`` state of a video."""

from __future__ import annotations

import re

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_RATE, IMAGE_SIDE
from anatomy_tf.formats.stated import parsed_rate


def parse_size(text: str | None) -> tuple[int, int] | None:
    """Return width and height, pixels, of ``WxH``.

    Raises:
        AnatomyError: when the text is something else, or a side is outside ``files.limits``.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,6})\s*[xX\u00d7*,: ]\s*([0-9]{1,6})", text.strip())
    if not match:
        raise AnatomyError(
            f"--image-size: expected WIDTHxHEIGHT in pixels, such as 1920x1080, got {text!r}"
        )
    sides = int(match[1]), int(match[2])
    for side in sides:
        IMAGE_SIDE.check(side, "--image-size")
    return sides


def parse_rate(text: str | None) -> float | None:
    """Return frames a second of a number or a fraction such as ``30000/1001``.

    Raises:
        AnatomyError: when the text is something else, or the rate is outside ``files.limits``.
    """
    if text is None:
        return None
    rate = parsed_rate(text)
    if rate is None:
        raise AnatomyError(
            f"--fps: expected a number or fraction, such as 25 or 30000/1001, got {text!r:.40}"
        )
    FRAME_RATE.check(rate, "--fps")
    return rate
