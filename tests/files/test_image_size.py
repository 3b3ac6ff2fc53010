"""The size of an image."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.image_size import checked_size


def test_width_and_height() -> None:
    for size in ((1280, 720), [1280, 720.0], np.array([1280, 720])):
        assert checked_size(size, "a") == (1280, 720)


@pytest.mark.parametrize("size", [None, 1280, (1280,), (1, 2, 3), "1280x720", [10**5000] * 3])
def test_what_is_no_size(size: object) -> None:
    with pytest.raises(AnatomyError, match=r"^a: expected an image size \(width, height\), got "):
        checked_size(size, "a")


@pytest.mark.parametrize(
    ("side", "message"),
    [(8, "16 to 65,536 pixels a side, got 8"), (99.5, "whole pixels, got 99.5")],
)
def test_what_is_no_side(side: float, message: str) -> None:
    with pytest.raises(AnatomyError, match=message):
        checked_size((100, side), "a")
