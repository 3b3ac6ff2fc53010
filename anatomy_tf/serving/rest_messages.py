"""Conversion between TensorFlow Serving's REST messages and arrays."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.guard import reading
from anatomy_tf.serving.refusal import RefusedError, invalid, refusing
from anatomy_tf.serving.signature import Arrays

B64 = "b64"
"""The key that marks bytes that are no text."""

_PATH = re.compile(
    r"/v1/models/(?P<model>[^/:]+)(/versions/(?P<version>[0-9]{1,18})|/labels/(?P<label>[^/:]+))?"
    r"(?P<verb>:[a-z]+|/metadata)?"
)


@dataclasses.dataclass(frozen=True)
class Route:
    """The parts of a path.

    Attributes:
        model: the model's name.
        version: ``None`` means the newest, or the label's.
        label: the name of a version; empty where the path has none.
        verb: ``":predict"``, ``"/metadata"`` or ``""`` for the status.
    """

    model: str
    version: int | None
    verb: str
    label: str = ""


def read_path(path: str) -> Route:
    """Parse a path into its parts.

    Raises:
        RefusedError: for a path outside the API.
    """
    match = _PATH.fullmatch(path)
    if match is None or match["verb"] not in (None, ":predict", "/metadata"):
        raise RefusedError(
            "NOT_FOUND",
            f"no {path}; expected /v1/models/NAME[/versions/N or /labels/LABEL], followed by "
            ":predict, /metadata or nothing for its status",
        )
    version = None if match["version"] is None else int(match["version"])
    return Route(match["model"], version, match["verb"] or "", match["label"] or "")


@dataclasses.dataclass(frozen=True)
class PredictBody:
    """The body of ``:predict``.

    Attributes:
        signature: ``""`` means the default one.
        requests: inputs by name, with rows. Rows of unequal length are a request each.
        rows: whether the body came, and is answered, row by row ("instances").
    """

    signature: str
    requests: Sequence[Arrays]
    rows: bool


def read_predict(body: bytes) -> PredictBody:
    """Parse the body of ``:predict`` into arrays.

    Raises:
        RefusedError: saying what was expected.
    """
    with refusing(), reading("body", "request"):
        return _predict_body(body)


def _predict_body(body: bytes) -> PredictBody:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"expected JSON: {error}") from None
    if not isinstance(parsed, dict) or ("instances" in parsed) == ("inputs" in parsed):
        raise invalid('expected {"signature_name": ..., "inputs": {...}} or "instances": [...]')
    if B64.encode() in body:
        parsed = _decoded(parsed)
    signature = parsed.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid(f"expected signature_name to be text, got {signature!r}")
    if "inputs" in parsed:
        inputs = parsed["inputs"]
        if not isinstance(inputs, dict):
            raise invalid('expected "inputs" to be an object of named inputs')
        return PredictBody(signature, [{n: _array(n, v) for n, v in inputs.items()}], rows=False)
    instances = parsed["instances"]
    named = isinstance(instances, list) and all(isinstance(row, dict) for row in instances)
    if not named or not instances or len({frozenset(row) for row in instances}) > 1:
        raise invalid('expected "instances" to be objects of the same named inputs')
    rows = [{name: _array(name, value)[None] for name, value in row.items()} for row in instances]
    alike = all(
        len({(row[name].shape, row[name].dtype.kind) for row in rows}) == 1 for name in rows[0]
    )
    if alike:
        rows = [{name: np.concatenate([row[name] for row in rows]) for name in rows[0]}]
    return PredictBody(signature, rows, rows=True)


def _array(name: str, value: Any) -> NDArray[Any]:
    """Return an input as an array; null among numbers becomes NaN."""
    try:
        array = np.array(value)
        if array.dtype == object:
            array = np.array(value, np.float64)
    except (ValueError, TypeError, OverflowError):
        raise invalid(
            f"{name}: expected numbers or text, in lists of the same length side by side"
        ) from None
    if array.dtype.kind not in "fiuUSb":
        raise invalid(f"{name}: expected numbers or text")
    return array.astype(object) if array.dtype.kind in "US" else array


def _decoded(value: Any) -> Any:
    """Return the value with ``{"b64": ...}`` replaced by bytes."""
    if isinstance(value, list):
        return [_decoded(part) for part in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) != {B64}:
        return {name: _decoded(part) for name, part in value.items()}
    try:
        return base64.b64decode(value[B64], validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise invalid('expected base64 in {"b64": ...}') from None


def predict_body(answers: Sequence[Arrays], rows: bool) -> dict[str, Any]:
    """Return the answer to ``:predict``, row by row if the request came so.

    A single output is returned without its name.

    Raises:
        RefusedError: when rows are wanted of a signature that has none.
    """
    if not rows:
        (outputs,) = answers
        plain = {name: _answered(value) for name, value in outputs.items()}
        return {"outputs": next(iter(plain.values())) if len(plain) == 1 else plain}
    predictions = []
    for outputs in answers:
        if len({value.shape[:1] for value in outputs.values()} | {()}) != 2:
            raise invalid('"instances": this signature answers without rows; send "inputs"')
        plain = {name: _answered(value) for name, value in outputs.items()}
        names = list(plain)
        for row in zip(*plain.values(), strict=True):
            predictions.append(row[0] if len(names) == 1 else dict(zip(names, row, strict=True)))
    return {"predictions": predictions}


def _answered(value: NDArray[Any]) -> Any:
    """Return an output as nested lists, with null for NaN, which JSON does not have."""
    plain = plain_values(value)
    if value.dtype.kind != "f" or not np.isnan(value).any():
        return plain
    found = np.array(plain, object)
    found[np.isnan(value)] = None
    return found.tolist()


def plain_values(value: NDArray[Any]) -> Any:
    """Return nested lists of numbers and text; float32 has enough digits to restore it exactly."""
    if value.dtype == np.float32:
        return _rounded(value).tolist()
    return _as_text(value.tolist()) if value.dtype.kind in "OSU" else value.tolist()


def _rounded(value: NDArray[np.float32]) -> NDArray[np.float64]:
    """Round to nine significant digits, which is half the text of a float64."""
    exact = value.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10 ** (8 - np.floor(np.log10(np.abs(exact))))
        rounded = np.round(exact * scale) / scale
    return np.where(np.isfinite(rounded), rounded, exact)


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(part) for part in value]
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {B64: base64.b64encode(value).decode()}
