"""The size of an image, as a caller or a file gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.limits import IMAGE_SIDE


def checked_size(size: Any, where: object) -> tuple[int, int]:
    """Return an image's width and height, pixels.

    Args:
        size: a list or array of both.
        where: the file or the place in it, for the message.

    Raises:
        AnatomyError: for anything else, or a side that ``IMAGE_SIDE`` does not hold.
    """
    if not isinstance(size, Sequence | np.ndarray) or isinstance(size, str) or len(size) != 2:
        raise AnatomyError(f"{where}: expected an image size (width, height), got {shown(size)}")
    for side in size:
        IMAGE_SIDE.check(side, where)
        if side % 1:
            raise AnatomyError(f"{where}: expected an image size of whole pixels, got {side}")
    return int(size[0]), int(size[1])
