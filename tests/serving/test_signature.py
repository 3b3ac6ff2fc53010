import numpy as np
import pytest

from anatomy_tf.serving.refusal import HTTP_STATUS, PASSING, RefusedError
from anatomy_tf.serving.signature import Signature, TensorShape

FLOAT, INT = np.dtype(np.float32), np.dtype(np.int32)
LIFT = Signature(
    "lift",
    {
        "pixels": TensorShape(FLOAT, (None, None, 3, 2)),
        "fps": TensorShape(FLOAT, (None,)),
        "frames": TensorShape(INT, (None,)),
    },
    {"positions": TensorShape(FLOAT, (None, None, 3, 3))},
)


def inputs(rows=2, frames=4):
    return {"pixels": np.zeros((rows, frames, 3, 2)), "fps": np.full(rows, 50)}


def refused(values, signature=LIFT):
    with pytest.raises(RefusedError) as refusal:
        signature.checked(values)
    assert refusal.value.code == "INVALID_ARGUMENT"
    return str(refusal.value)


def test_inputs_come_in_order_and_of_the_functions_types():
    found = LIFT.checked({"fps": [25, 50], "pixels": np.zeros((2, 4, 3, 2), int)})
    assert list(found) == ["pixels", "fps", "frames"]
    assert [value.dtype for value in found.values()] == [FLOAT, FLOAT, INT]
    assert found["frames"].tolist() == [4, 4]


def test_what_is_missing_or_unknown_is_named_with_what_was_expected():
    told = "expected pixels float32 (any, any, 3, 2), fps float32 (any), frames int32 (any)"
    assert refused({"pixels": np.zeros((2, 4, 3, 2))}) == f"lift: fps is missing; {told}"
    assert refused({**inputs(), "speed": 1}) == f"lift: unknown input speed; {told}"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("pixels", np.zeros((2, 4, 5, 2)), "(any, any, 3, 2), got the shape (2, 4, 5, 2)"),
        ("pixels", np.zeros((4, 3, 2)), "got the shape (4, 3, 2)"),
        ("fps", ["a", "b"], "expected fps float32 (any), got text"),
        ("frames", [1.5, 2], "expected frames int32 (any), got float64"),
        ("frames", [0, 4], "expected frames between 1 and 4, the padded length, got [0, 4]"),
        ("frames", [5, 4], "expected frames between 1 and 4"),
        ("fps", [50], "expected the same number of rows, got pixels 2, fps 1"),
        ("pixels", np.zeros((2, 0, 3, 2)), "expected at least one frame"),
    ],
)
def test_what_does_not_fit_is_refused(name, value, told):
    assert told in refused({**inputs(), name: value})


def test_no_rows_are_refused():
    assert "at least one row" in refused(inputs(rows=0))


def test_whole_numbers_may_come_as_json_has_them():
    assert LIFT.checked({**inputs(), "frames": np.array([1.0, 4.0])})["frames"].dtype == INT


def test_strings():
    named = Signature("named", {"name": TensorShape(np.dtype(object), ())}, {})
    assert named.checked({"name": "x"})["name"].item() == "x"
    assert "expected name string ()" in refused({"name": 3}, named)


def test_codes_have_a_status_and_survive_a_process():
    import pickle

    refusal = pickle.loads(pickle.dumps(RefusedError("NOT_FOUND", "no model")))
    assert (refusal.code, str(refusal)) == ("NOT_FOUND", "no model")
    assert set(PASSING) <= set(HTTP_STATUS)
