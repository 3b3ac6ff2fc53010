"""Arrays of numbers, made of what a caller gives."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.number_arrays import number_array


class Tensor:
    """An array of a library that does not give it away."""

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        raise RuntimeError("it is on a GPU")


@pytest.mark.parametrize(
    "values", [[[1, 2]], [[True, 2.0]], np.array([[1, 2]], object), np.array([[1, 2]], ">f2")]
)
def test_numbers_of_any_kind(values: object) -> None:
    array = number_array(values, np.float32, "points")
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, [[1, 2]])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [(np.ones(2, np.float32), np.float32), (np.ones(2), np.float64), ([1, 2], np.float64)],
)
def test_a_precision_is_kept(values: object, dtype: type) -> None:
    assert number_array(values, None, "here").dtype == dtype


def test_what_is_masked_or_none_is_nan() -> None:
    masked = np.ma.masked_array([1, 2], [False, True])
    for values in (masked, [1, None]):
        array = number_array(values, np.float32, "points")
        assert type(array) is np.ndarray
        np.testing.assert_array_equal(array, [1, np.nan])


@pytest.mark.parametrize(
    "values",
    ["x", ["1"], [1j], [[1], [1, 2]], {}, [1e300], np.zeros(2, "M8[s]"), Tensor(), (x for x in [])],
)
def test_what_is_no_array_of_numbers_is_one_line(values: object) -> None:
    with pytest.raises(AnatomyError, match=r"^points: expected "):
        number_array(values, np.float32, "points")
