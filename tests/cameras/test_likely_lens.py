import dataclasses

import numpy as np
import pytest

from anatomy_tf.cameras import Camera, check_lens
from anatomy_tf.errors import AnatomyError

PHONE = Camera.pinhole(1600, 1920, 1080)


def test_a_usual_lens_and_a_wide_one():
    check_lens(PHONE, "here")
    check_lens(Camera.from_field_of_view(130, 1920, 1080), "here")


def test_millimetres_are_no_pixels():
    with pytest.raises(AnatomyError, match=r"here: .* in pixels, got 24 for .* in millimetres"):
        check_lens(Camera.pinhole(24, 1920, 1080), "here")


@pytest.mark.parametrize(
    ("width", "height"),
    [(1080, 1920), (640, 480), (3840, 2160)],
)
def test_a_size_of_other_images(width, height):
    # The centre is 960, 540.
    other = dataclasses.replace(PHONE, width=width, height=height)
    with pytest.raises(AnatomyError, match=f"here: .* fits the image of {width}x{height}"):
        check_lens(other, "here")


@pytest.mark.parametrize("centre", [(700, 400), (300, 500), (1700, 200), (960, 1000)])
def test_a_picture_that_was_cut_out(centre):
    check_lens(dataclasses.replace(PHONE, centre=np.array(centre)), "here")
