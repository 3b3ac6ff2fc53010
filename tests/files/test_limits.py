import math

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import (
    FRAME_NUMBER,
    FRAME_RATE,
    IMAGE_SIDE,
    JSON_BYTES,
    PIXEL,
    SINGLE,
    check_single,
    is_number,
    is_whole,
)


@pytest.mark.parametrize(
    ("limit", "value", "line"),
    [
        (FRAME_RATE, 0.001, "a: expected a frame rate of 1 to 1,000 frames a second, got 0.001"),
        (FRAME_RATE, math.nan, "1,000 frames a second, got nan"),
        (FRAME_RATE, math.inf, "1,000 frames a second, got inf"),
        (IMAGE_SIDE, 15, "an image size of 16 to 65,536 pixels a side, got 15"),
        (IMAGE_SIDE, 10**400, "got a number beyond 10^15"),
        (JSON_BYTES, 10 << 30, "a JSON file of at most 536,870,912 bytes, got 10,737,418,240"),
        (FRAME_NUMBER, -1, "a frame number of 0 to 1,000,000,000,000,000, got -1"),
    ],
)
def test_a_line_says_limit_value_and_place(limit, value, line):
    with pytest.raises(AnatomyError) as caught:
        limit.check(value, "a")
    assert str(caught.value).startswith("a: ") and str(caught.value).endswith(line)


@pytest.mark.parametrize(
    ("limit", "value"), [(FRAME_RATE, 1), (FRAME_RATE, 1000.0), (IMAGE_SIDE, 16)]
)
def test_the_ends_are_within(limit, value):
    assert limit.holds(value)
    limit.check(value, "a")


def test_each_number_of_an_array_is_held_against_it():
    found = FRAME_RATE.holds(np.array([0.5, 1, 30, 1001, math.nan, math.inf]))
    assert found.tolist() == [False, True, True, False, False, False]


@pytest.mark.parametrize(("number", "shown"), [(-1e6 - 1, "-1,000,001"), (2e6, "2,000,000")])
def test_the_first_number_of_an_array_beyond_it_is_said(number, shown):
    PIXEL.check_each(np.array([[math.nan, -1e6], [1e6, 0]]), "a")
    with pytest.raises(AnatomyError, match=f"^a: expected a coordinate of .* pixels, got {shown}$"):
        PIXEL.check_each(np.array([[math.nan, 5], [number, 3e6]]), "a")


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_that_single_precision_does_not_hold_are_refused(sign):
    check_single(np.array([sign * float(np.finfo(np.float32).max), math.nan]), "a")
    assert float(np.finfo(np.float32).max) == SINGLE
    line = r"^a: expected numbers of at most 3\.4e\+38, got a larger one$"
    with pytest.raises(AnatomyError, match=line):
        check_single(np.array([0, sign * 3.5e38]), "a")


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (3, True, True),
        (np.int64(3), True, True),
        (np.uint8(3), True, True),
        (3.0, True, False),
        (np.float32(3), True, False),
        (math.nan, True, False),
        (True, False, False),
        (np.True_, False, False),
        ("3", False, False),
        (3j, False, False),
        (None, False, False),
        (np.array([3]), False, False),
    ],
)
def test_what_is_a_number_and_what_is_whole(value, number, whole):
    assert (is_number(value), is_whole(value)) == (number, whole)
