"""Inputs and outputs of a SavedModel's functions, and checks of requests against them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.serving.refusal import invalid

Arrays = Mapping[str, NDArray[Any]]

FRAMES = "frames"
"""The input with the number of frames that are the clip in each padded row."""


@dataclasses.dataclass(frozen=True)
class TensorShape:
    """Type and shape of an input or output.

    Attributes:
        dtype: NumPy's dtype; ``object`` for strings.
        shape: sizes of the axes; ``None`` allows any size.
    """

    dtype: np.dtype[Any]
    shape: tuple[int | None, ...]

    @property
    def has_rows(self) -> bool:
        """Whether the first axis counts clips."""
        return len(self.shape) > 0 and self.shape[0] is None

    @property
    def has_time(self) -> bool:
        """Whether the second axis counts frames."""
        return self.has_rows and len(self.shape) > 2 and self.shape[1] is None

    def __str__(self) -> str:
        sizes = ", ".join("any" if size is None else str(size) for size in self.shape)
        name = "string" if self.dtype == object else self.dtype.name
        return f"{name} ({sizes})"


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function that a SavedModel offers.

    Attributes:
        name: such as ``"lift"``.
        inputs: by name.
        outputs: by name.
    """

    name: str
    inputs: Mapping[str, TensorShape]
    outputs: Mapping[str, TensorShape]

    @functools.cached_property
    def batched(self) -> bool:
        """Whether rows of several requests can be computed together."""
        tensors = [*self.inputs.values(), *self.outputs.values()]
        return bool(self.inputs) and all(tensor.has_rows for tensor in tensors)

    @functools.cached_property
    def padded(self) -> bool:
        """Whether rows of unequal length can be computed together."""
        return self.batched and FRAMES in self.inputs

    def checked(self, values: Arrays) -> dict[str, NDArray[Any]]:
        """Return the inputs as the function takes them.

        ``frames`` may be left out; every row is then a clip without padding.

        Raises:
            RefusedError: saying what was expected, for a missing or unknown input, a wrong shape or
                type, or inputs that do not belong together.
        """
        known = ", ".join(f"{name} {tensor}" for name, tensor in self.inputs.items()) or "nothing"
        unknown = sorted(set(values) - set(self.inputs))
        if unknown:
            raise invalid(f"{self.name}: unknown input {', '.join(unknown)}; expected {known}")
        missing = [n for n in self.inputs if n not in values and not (n == FRAMES and self.padded)]
        if missing:
            raise invalid(f"{self.name}: {', '.join(missing)} is missing; expected {known}")
        found = {name: self._fitting(name, value) for name, value in values.items()}
        if self.batched:
            rows = _common_size(self, found, "rows", axis=0)
            if rows == 0:
                raise invalid(f"{self.name}: expected at least one row, got none")
            if self.padded:
                timed = {name: v for name, v in found.items() if self.inputs[name].has_time}
                length = _common_size(self, timed, "frames", axis=1)
                if length == 0:
                    raise invalid(f"{self.name}: expected at least one frame, got none")
                frames = found.setdefault(FRAMES, np.full(rows, length, np.int32))
                if not ((frames >= 1) & (frames <= length)).all():
                    raise invalid(
                        f"{self.name}: expected frames between 1 and {length}, the padded length, "
                        f"got {frames.tolist()}"
                    )
        return {name: found[name] for name in self.inputs}

    def _fitting(self, name: str, value: Any) -> NDArray[Any]:
        tensor = self.inputs[name]
        value = np.asarray(value)
        shape = value.shape
        fits = len(shape) == len(tensor.shape) and all(
            wanted in (None, size) for wanted, size in zip(tensor.shape, shape, strict=True)
        )
        if not fits:
            raise invalid(f"{self.name}: expected {name} {tensor}, got the shape {shape}")
        numbers = value.dtype.kind in "fiu"
        whole = value.dtype.kind in "iu" or (numbers and (value == np.trunc(value)).all())
        if (tensor.dtype.kind == "f" and not numbers) or (tensor.dtype.kind in "iu" and not whole):
            raise invalid(f"{self.name}: expected {name} {tensor}, got {_type_name(value)}")
        if tensor.dtype.kind in "iu":
            # A conversion would take 2**32 + 5 for 5.
            range_ = np.iinfo(tensor.dtype)
            if not ((value >= range_.min) & (value <= range_.max)).all():
                raise invalid(f"{self.name}: expected {name} {tensor}, got a number beyond it")
        if tensor.dtype.kind == "b" and value.dtype.kind != "b":
            raise invalid(f"{self.name}: expected {name} {tensor}, got {_type_name(value)}")
        if tensor.dtype == object and value.dtype.kind not in "OSU":
            raise invalid(f"{self.name}: expected {name} {tensor}, got {_type_name(value)}")
        with np.errstate(over="ignore"):
            # Infinity, which the checks of values refuse.
            return value.astype(tensor.dtype, copy=False)


def _common_size(signature: Signature, values: Arrays, what: str, axis: int) -> int:
    sizes = {name: value.shape[axis] for name, value in values.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise invalid(f"{signature.name}: expected the same number of {what}, got {told}")
    return next(iter(sizes.values()))


def _type_name(value: NDArray[Any]) -> str:
    return "text" if value.dtype.kind in "OSU" else value.dtype.name


def texts(values: NDArray[Any]) -> tuple[str, ...]:
    """Return the strings of a tensor, which holds them as bytes."""
    found = np.asarray(values).ravel().tolist()
    return tuple(
        text.decode(errors="replace") if isinstance(text, bytes) else str(text) for text in found
    )
