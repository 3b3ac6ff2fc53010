import numpy as np
import pytest

from anatomy_tf.anatomy import angle_between


@pytest.mark.parametrize(
    ("a", "b", "degrees"),
    [
        ([1, 0, 0], [0, 5, 0], 90),
        ([1, 0, 0], [-2, 0, 0], 180),
        ([0, 0, 3], [0, 0, 1], 0),
        ([1, 0, 0], [1, 1, 0], 45),
        ([1, 1e-9, 0], [1, 0, 0], np.degrees(1e-9)),
    ],
)
def test_angles_of_any_lengths(a, b, degrees):
    assert angle_between(a, b) == pytest.approx(degrees, rel=1e-6)


def test_a_vector_without_length_has_no_angle():
    found = angle_between([[0, 0, 0], [0, 1, 0], [np.nan, 0, 0]], [0, 1, 0])
    np.testing.assert_array_equal(found, [np.nan, 0, np.nan])
