import contextlib
import json

import numpy as np
import pytest

from anatomy_tf.serving.refusal import RefusedError
from anatomy_tf.serving.rest_messages import (
    Route,
    plain_values,
    predict_body,
    read_path,
    read_predict,
)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/models/compact", Route("compact", None, "")),
        ("/v1/models/compact:predict", Route("compact", None, ":predict")),
        ("/v1/models/a.b/versions/12:predict", Route("a.b", 12, ":predict")),
        ("/v1/models/compact/metadata", Route("compact", None, "/metadata")),
        ("/v1/models/compact/versions/3/metadata", Route("compact", 3, "/metadata")),
        ("/v1/models/a/labels/stable:predict", Route("a", None, ":predict", "stable")),
    ],
)
def test_paths(path, route):
    assert read_path(path) == route


@pytest.mark.parametrize(
    "path", ["/", "/v1/models/", "/v1/models/a:classify", "/v1/models/a/versions/x", "/v2/models/a"]
)
def test_other_paths_are_not_found(path):
    with pytest.raises(RefusedError, match=r"expected /v1/models/NAME") as refusal:
        read_path(path)
    assert refusal.value.code == "NOT_FOUND"


@pytest.mark.parametrize(
    "value",
    [b"1" + b"0" * 400, b"{}", b"[{}]", b"[[1], 2]", b"[" * 80 + b"]" * 80, b'["a", 1e400]'],
)
def test_values_that_are_no_array(value):
    with contextlib.suppress(RefusedError):
        (inputs,) = read_predict(b'{"inputs": {"x": ' + value + b"}}").requests
        assert inputs["x"].dtype == object, "only text"


def read(body):
    return read_predict(json.dumps(body).encode())


def test_inputs_by_name():
    body = read({"signature_name": "lift", "inputs": {"x": [[1, None]], "name": "n", "b": True}})
    (inputs,) = body.requests
    assert (body.signature, body.rows) == ("lift", False)
    np.testing.assert_array_equal(inputs["x"], [[1, np.nan]])
    assert inputs["name"].item() == "n"
    assert inputs["b"].item() is True


def test_rows_become_a_batch():
    (inputs,) = read({"instances": [{"x": [1, 2], "y": 3}, {"x": [4, 5], "y": 6}]}).requests
    assert inputs["x"].tolist() == [[1, 2], [4, 5]]
    assert inputs["y"].tolist() == [3, 6]


def test_rows_of_unequal_length_become_a_request_each():
    body = read({"instances": [{"x": [1, 2]}, {"x": [4]}]})
    assert [inputs["x"].tolist() for inputs in body.requests] == [[[1, 2]], [[4]]]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("nonsense", "expected {"),
        ({"inputs": {}, "instances": []}, "expected {"),
        ({"inputs": [1]}, "object of named inputs"),
        ({"instances": []}, "objects of the same named inputs"),
        ({"instances": [[1], [2]]}, "objects of the same named inputs"),
        ({"instances": [{"x": 1}, {"y": 1}]}, "objects of the same named inputs"),
        ({"inputs": {"x": [[1], [2, 3]]}}, "x: expected numbers or text, in lists of the same"),
        ({"inputs": {"x": [{"a": 1}]}}, "x: expected numbers or text"),
        ({"inputs": {"x": {"b64": "?"}}}, "base64"),
        ({"inputs": {}, "signature_name": 3}, "signature_name to be text"),
    ],
)
def test_other_bodies_are_refused(body, told):
    with pytest.raises(RefusedError, match="expected") as refusal:
        read(body)
    assert told in str(refusal.value)
    assert refusal.value.code == "INVALID_ARGUMENT"


def test_no_json():
    with pytest.raises(RefusedError, match="expected JSON"):
        read_predict(b"{")


def test_bytes_come_and_go_as_base64():
    (inputs,) = read({"inputs": {"x": {"b64": "/w=="}}}).requests
    assert inputs["x"].item() == b"\xff"
    assert predict_body([inputs], rows=False) == {"outputs": {"b64": "/w=="}}


def test_answers_as_one_and_row_by_row():
    outputs = {"a": np.array([[1.5], [2]], np.float32), "b": np.array([b"x", b"y"], object)}
    assert predict_body([outputs], rows=False) == {
        "outputs": {"a": [[1.5], [2.0]], "b": ["x", "y"]}
    }
    assert predict_body([outputs], rows=True) == {
        "predictions": [{"a": [1.5], "b": "x"}, {"a": [2.0], "b": "y"}]
    }
    with pytest.raises(RefusedError, match="this signature answers without rows"):
        predict_body([{"a": np.zeros(())}], rows=True)
    only = {"a": np.array([1, 2])}
    assert predict_body([only, only], rows=True) == {"predictions": [1, 2, 1, 2]}


def test_numbers_lose_nothing_and_take_few_digits():
    rng = np.random.default_rng(0)
    values = (rng.standard_normal(2000) * 10.0 ** rng.integers(-30, 30, 2000)).astype(np.float32)
    values[:6] = 0, np.nan, np.inf, -np.inf, 1e-45, 3.4e38
    text = json.dumps(plain_values(values))
    np.testing.assert_array_equal(np.array(json.loads(text), np.float32), values)
    assert plain_values(np.array([0.1, -2], np.float32)) == [0.100000001, -2]
