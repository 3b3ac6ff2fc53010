"""Reading pickles of plain data from elsewhere, by an allow-list.

A pickle is a program that may call any function by name. Here a name stands for a builder of this
module or is refused, so that nothing can come out but dicts, lists, tuples, text, bytes, numbers
and NumPy arrays of numbers, text or such objects. NumPy's own restoring code never sees the file's
bytes: its parts are collected, checked, and built into arrays here.
"""

from __future__ import annotations

import dataclasses
import io
import math
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import PICKLE_BYTES, PICKLE_ENTRIES
from anatomy_tf.files.regular_file import read_bytes

PLAIN_TYPES = (str, bytes, bool, int, float, type(None))
DEEPEST = 50
"""Largest depth of nested containers; known archives need five."""

_ELEMENT = re.compile(r"[biufSUO]\d*|\?")


def load_plain_pickle(path: str | Path) -> Any:
    """Return the content of a pickle file of plain data.

    Returns:
        Dicts, lists, tuples, text, bytes, numbers and NumPy arrays and scalars.

    Raises:
        AnatomyError: for a missing, too large or damaged file, or one that refers to anything else;
            the message names it.
    """
    path = Path(path)
    return read_plain_pickle(io.BytesIO(read_bytes(path, PICKLE_BYTES)), str(path))


def read_plain_pickle(file: BinaryIO, where: str) -> Any:
    """Return the content of one pickle that is in memory.

    Args:
        file: at the beginning of the pickle. A file on disk would let a wrong length in the pickle
            reserve that much memory.
        where: what to call it in messages.

    Raises:
        AnatomyError: as ``load_plain_pickle``.
    """
    try:
        loaded = _PlainUnpickler(file, encoding="latin1").load()
        return _Finisher().finish(loaded, DEEPEST)
    except _RefusedError as error:
        raise AnatomyError(f"{where}: refused, the pickle {error}") from None
    # A damaged pickle can make the unpickler raise anything.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise AnatomyError(f"{where}: not a readable pickle ({reason})") from None


class _RefusedError(Exception):
    """Raised where a pickle asks for something that is not plain data."""


@dataclasses.dataclass(eq=False)
class _Dtype:
    """Stands for ``numpy.dtype`` until its state is known."""

    code: str
    byte_order: str = "="

    def __setstate__(self, state: Any) -> None:
        _, order, *parts = state
        # A subarray, field names or fields.
        if order not in ("<", ">", "|", "=") or any(part is not None for part in parts[:3]):
            raise _RefusedError("has an array of records")
        self.byte_order = order

    def dtype(self) -> np.dtype[Any]:
        order: Any = "=" if self.byte_order == "|" else self.byte_order
        return np.dtype(self.code).newbyteorder(order)


@dataclasses.dataclass(eq=False)
class _Array:
    """Stands for a NumPy array until its state is known."""

    value: Any = None
    """A finished array, or the list of an object array's elements."""

    shape: tuple[int, ...] = ()

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, content = state
        self.shape = _shape(shape)
        if _is_object(dtype):
            if not isinstance(content, list) or len(content) != math.prod(self.shape):
                raise _RefusedError("has an object array whose shape and elements disagree")
            self.value = content
        else:
            self.value = _from_bytes(content, dtype, self.shape, "F" if fortran else "C")


def _shown(value: Any) -> str:
    """Return text or a number for a message, else only the type: a hostile repr may never end."""
    return f"{value!r:.60}" if isinstance(value, str | int) else type(value).__name__.strip("_")


def _is_object(dtype: Any) -> bool:
    if not isinstance(dtype, _Dtype):
        raise _RefusedError("has an array without a type")
    return dtype.code.startswith("O")


def _shape(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise _RefusedError(f"has an array of shape {_shown(shape)}")
    return shape


def _from_bytes(content: Any, dtype: _Dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
    # Python 2 wrote bytes as text.
    raw = content.encode("latin1") if isinstance(content, str) else content
    if not isinstance(raw, bytes | bytearray):
        raise _RefusedError(f"has an array of {type(raw).__name__}")
    found = dtype.dtype()
    if len(raw) != math.prod(shape) * found.itemsize:
        raise _RefusedError(f"has {len(raw)} bytes for an array of shape {shape!s:.60} of {found}")
    if found.itemsize == 0:
        raise _RefusedError(f"has an array of empty elements, shape {shape!s:.60}")
    values: np.ndarray = np.ndarray(shape, found, raw, order="F" if order == "F" else "C")
    return values.astype(found.newbyteorder("="))


def _dtype(code: Any, *_: Any) -> _Dtype:
    if not isinstance(code, str) or not _ELEMENT.fullmatch(code):
        raise _RefusedError(f"has an array of type {_shown(code)}")
    return _Dtype(code)


def _reconstruct(kind: Any, *_: Any) -> _Array:
    if kind is not _ndarray:
        raise _RefusedError("has an array of a class of its own")
    return _Array()


def _ndarray(*_: Any) -> Any:
    raise _RefusedError("calls numpy.ndarray")


def _from_buffer(content: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    if _is_object(dtype):
        raise _RefusedError("has an object array of bytes")
    return _Array(_from_bytes(content, dtype, _shape(shape), order))


def _scalar(dtype: Any, content: Any = b"") -> Any:
    if _is_object(dtype):
        raise _RefusedError("has a scalar object")
    return _from_bytes(content, dtype, (), "C")[()]


def _encode(text: Any, encoding: Any = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise _RefusedError(f"encodes text as {_shown(encoding)}")
    return text.encode("latin1")


def _bytes(*content: Any) -> bytes:
    # How protocol 2 writes b"".
    if content:
        raise _RefusedError("makes bytes of something else")
    return b""


_NUMPY_NAMES: dict[tuple[str, str], Callable[..., Any]] = {
    ("multiarray", "_reconstruct"): _reconstruct,
    ("multiarray", "scalar"): _scalar,
    ("numeric", "_frombuffer"): _from_buffer,
}
_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): _dtype,
    ("numpy", "ndarray"): _ndarray,
    ("_codecs", "encode"): _encode,
    ("builtins", "bytes"): _bytes,
    ("__builtin__", "bytes"): _bytes,
    # NumPy 1 and NumPy 2.
    **{
        (f"numpy.{core}.{module}", name): builder
        for core in ("core", "_core")
        for (module, name), builder in _NUMPY_NAMES.items()
    },
}


# The implementation in Python: the one in C reserves 34 GB for four bytes that say so.
_Unpickler: Any = pickle._Unpickler


class _PlainUnpickler(_Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _RefusedError(
                f"names {' '.join(f'{module}.{name}'.split())}, which is no plain data"
            ) from None

    def _build(self) -> None:
        # It would change the attributes of this module's builders, for the whole process.
        if not isinstance(self.stack[-2], _Array | _Dtype):
            raise _RefusedError("gives a state to what has none")
        super().load_build()

    def _bytearray(self) -> None:
        # Python's own makes room for the claimed length before it reads.
        length = int.from_bytes(self.read(8), "little")
        self.append(bytearray(self.read(min(length, sys.maxsize))))

    dispatch: ClassVar[Any] = {
        **_Unpickler.dispatch,
        pickle.BUILD[0]: _build,
        pickle.BYTEARRAY8[0]: _bytearray,
    }


class _Finisher:
    """A converter of placeholders into arrays, which converts each object once.

    It refuses a pickle of too many objects. One that stands in several places counts in each.
    """

    def __init__(self) -> None:
        self._done: dict[int, tuple[Any, int]] = {}
        self._begun: set[int] = set()
        self._entries = 0

    def finish(self, value: Any, depth: int) -> Any:
        self._entries += 1
        if isinstance(value, (*PLAIN_TYPES, np.generic)):
            return value
        if depth == 0:
            raise _RefusedError(f"is nested deeper than {DEEPEST}")
        if id(value) not in self._done:
            if id(value) in self._begun:
                raise _RefusedError("holds an object that holds itself")
            self._begun.add(id(value))
            before = self._entries
            finished = self._finished(value, depth - 1)
            self._done[id(value)] = finished, self._entries - before
        else:
            self._entries += self._done[id(value)][1]
        if not PICKLE_ENTRIES.holds(self._entries):
            raise _RefusedError(f"has more than {PICKLE_ENTRIES.most:,} {PICKLE_ENTRIES.unit}")
        return self._done[id(value)][0]

    def _finished(self, value: Any, depth: int) -> Any:
        if type(value) is dict:
            # A key cannot hold an array, so it is finished as it is or refused.
            return {self.finish(k, depth): self.finish(v, depth) for k, v in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self.finish(element, depth) for element in value)
        if isinstance(value, _Array):
            if not isinstance(value.value, list):
                return value.value
            flat = np.empty(len(value.value), object)
            for index, element in enumerate(value.value):
                flat[index] = self.finish(element, depth)
            # NumPy pickles objects row by row, whatever the array's order in memory.
            return flat.reshape(value.shape)
        raise _RefusedError(f"holds {type(value).__name__.strip('_')}, which is no plain data")
