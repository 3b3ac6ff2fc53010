"""Numeric arrays and cells of MATLAB's MAT files, versions 5 to 7.

The layout is MathWorks' "MAT-File Format" (Level 5). SciPy's reader is not used: version 1.17
crashes the process on many damaged files. Here no size is believed before it was compared with the
bytes that are there.
"""

from __future__ import annotations

import dataclasses
import math
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.npz_archive import COMPRESSION_LIMIT, SMALL

_HEADER = 128
_ORDERS = {b"IM": "<", b"MI": ">"}
"""The last two bytes of the header as written by a machine of each byte order."""

_VERSION_5, _VERSION_7_3 = 0x0100, 0x0200
_HDF5 = b"\x89HDF\r\n\x1a\n"
_TAG = 8

_MATRIX, _COMPRESSED, _INT8, _INT32, _UINT32 = 14, 15, 1, 5, 6
_STORED = {
    **{_INT8: "i1", 2: "u1", 3: "i2", 4: "u2", _INT32: "i4", _UINT32: "u4"},
    **{7: "f4", 9: "f8", 12: "i8", 13: "u8"},
}
"""How numbers lie in the file, by the element's type."""

_CELLS = 1
_NUMERIC = {
    **{6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"},
    **{14: "i8", 15: "u8"},
}
"""What an array's numbers are, by its class; they may lie in the file as a smaller type."""

_COMPLEX = 0x0800
_SLACK = 1 << 12
_MOST_AXES = 32
_LARGEST = 1 << 48
_NAME_WITHIN = 1024
"""Bytes in which a variable's flags, dimensions and name lie."""


def read_matlab(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Reads variables of a MAT file, version 5 to 7.

    Args:
        path: the file.
        names: which variables to read, of those that are there.

    Returns:
        Name to array; one of cells is of objects, each a numeric array. Arrays may be read-only.

    Raises:
        AnatomyError: when the file cannot be read, is damaged or of version 4 or 7.3, or when a
            variable of these names holds anything else, such as text or a struct.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    try:
        return _variables(memoryview(content), names)
    except _DamagedError as error:
        raise AnatomyError(f"{path}: not a readable MATLAB file ({error})") from None
    except _OtherVersionError:
        raise AnatomyError(
            f"{path}: expected MATLAB v5 to v7, got v7.3 (HDF5); save it with -v7"
        ) from None


class _DamagedError(Exception):
    """The bytes are not as the format has them."""


class _OtherVersionError(Exception):
    """The file is HDF5."""


@dataclasses.dataclass(frozen=True)
class _Matrix:
    """The beginning of an array, and the bytes that hold its values."""

    name: str
    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    content: memoryview


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Reads elements in the file's byte order."""

    order: str

    def elements(self, content: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
        """Type, bytes and what follows, of one element after another."""
        while content:
            kind, inner, content = self.element(content)
            yield kind, inner, content

    def element(self, content: memoryview) -> tuple[int, memoryview, memoryview]:
        """Type and bytes of the first element, and what follows it."""
        if len(content) < _TAG:
            raise _DamagedError(f"{len(content)} bytes where an element begins")
        kind, size = self.integers(content[:_TAG], "u4")
        if kind >> 16:
            # Up to four bytes lie in the tag itself.
            kind, size = kind & 0xFFFF, kind >> 16
            if size > 4:
                raise _DamagedError(f"an element of {size} bytes in a tag")
            return kind, content[4 : 4 + size], content[_TAG:]
        if size > len(content) - _TAG:
            raise _DamagedError(f"ends after {len(content) - _TAG} of {size} bytes of an element")
        padding = 0 if kind == _COMPRESSED else -size % 8
        return kind, content[_TAG : _TAG + size], content[_TAG + size + padding :]

    def integers(self, content: memoryview, stored: str) -> list[int]:
        if len(content) % int(stored[1]):
            raise _DamagedError(f"{len(content)} bytes of {stored}")
        values: list[int] = np.frombuffer(content, self.order + stored).tolist()
        return values

    def matrix(self, content: memoryview) -> _Matrix:
        """Of the bytes of an array's element."""
        kind, flags, content = self.element(content)
        if kind != _UINT32 or len(flags) != 8:
            raise _DamagedError("an array without flags")
        flag = self.integers(flags, "u4")[0]
        kind, sizes, content = self.element(content)
        shape = tuple(self.integers(sizes, "i4")) if kind == _INT32 else ()
        if not 2 <= len(shape) <= _MOST_AXES or min(shape) < 0:
            raise _DamagedError("an array without dimensions")
        # Also of an empty one: NumPy refuses axes that no array could have beside others.
        if math.prod(max(1, length) for length in shape) > _LARGEST:
            raise _DamagedError(f"an array of {shape}")
        kind, name, content = self.element(content)
        if kind != _INT8:
            raise _DamagedError("an array without a name")
        text = bytes(name).decode("ascii", "replace")
        return _Matrix(text, flag & 0xFF, bool(flag & _COMPLEX), shape, content)

    def values(self, matrix: _Matrix) -> NDArray[Any]:
        """The numbers or cells of an array."""
        if matrix.kind == _CELLS:
            return self._cells(matrix)
        return self._numbers(matrix)

    def _cells(self, matrix: _Matrix) -> NDArray[Any]:
        count = math.prod(matrix.shape)
        if count * _TAG > len(matrix.content):
            raise _DamagedError(f"{count} cells in {len(matrix.content)} bytes")
        cells = np.empty(count, object)
        content = matrix.content
        for index in range(count):
            kind, inner, content = self.element(content)
            if kind != _MATRIX:
                raise _DamagedError(f"a cell of type {kind}")
            # MATLAB writes a cell that was never set without anything in it.
            cells[index] = self._numbers(self.matrix(inner)) if inner else np.zeros((0, 0))
        return cells.reshape(matrix.shape, order="F")

    def _numbers(self, matrix: _Matrix) -> NDArray[Any]:
        if matrix.kind not in _NUMERIC or matrix.is_complex:
            raise _DamagedError(f"{matrix.name or 'a cell'} holds no plain numbers")
        stored, inner, _ = self.element(matrix.content)
        if stored not in _STORED:
            raise _DamagedError(f"numbers of type {stored}")
        dtype, wanted = np.dtype(self.order + _STORED[stored]), np.dtype(_NUMERIC[matrix.kind])
        if len(inner) != math.prod(matrix.shape) * dtype.itemsize:
            raise _DamagedError(f"{len(inner)} bytes for {matrix.shape} of {dtype}")
        if dtype.kind == "f" and wanted.kind != "f":
            raise _DamagedError(f"{wanted} stored as {dtype}")
        flat = np.frombuffer(inner, dtype).astype(wanted, copy=False)
        return flat.reshape(matrix.shape, order="F")


def _variables(content: memoryview, names: Collection[str]) -> dict[str, NDArray[Any]]:
    head = bytes(content[:_HEADER])
    order = _ORDERS.get(head[126:])
    version = np.frombuffer(head[124:126], f"{order}u2")[0] if order else None
    if version == _VERSION_7_3 or head.startswith(_HDF5):
        raise _OtherVersionError
    if order is None or version != _VERSION_5:
        raise _DamagedError("it does not begin like one of version 5 to 7")
    reader = _Reader(order)
    found = {}
    for kind, inner, _ in reader.elements(content[_HEADER:]):
        if kind == _COMPRESSED:
            # The name comes first, so that what is not asked for is not unpacked.
            name = reader.matrix(_unpacked(inner, _NAME_WITHIN)[_TAG:]).name
            if name not in names:
                continue
            claimed = _claimed(inner, reader)
            # One more, so that zlib comes to the end and compares its checksum.
            whole = _unpacked(inner, claimed + 1)
            if len(whole) != claimed:
                raise _DamagedError(f"{name} does not unpack to {claimed} bytes")
            kind, inner, _ = reader.element(whole)
        if kind != _MATRIX:
            continue
        matrix = reader.matrix(inner)
        if matrix.name in names:
            found[matrix.name] = reader.values(matrix)
    return found


def _claimed(packed: memoryview, reader: _Reader) -> int:
    """Bytes that a packed element says to hold, its tag among them."""
    claimed = _TAG + reader.integers(_unpacked(packed, _TAG), "u4")[1]
    if claimed > max(SMALL, COMPRESSION_LIMIT * len(packed)):
        raise _DamagedError(f"{len(packed)} bytes claim to hold {claimed} uncompressed")
    return claimed


def _unpacked(packed: memoryview, most: int) -> memoryview:
    """At most so many bytes of what zlib packed; what packs them is not much longer than they."""
    try:
        unpacked = memoryview(zlib.decompressobj().decompress(packed[: most + _SLACK], most))
    except zlib.error as error:
        raise _DamagedError(str(error)) from None
    if len(unpacked) < _TAG:
        raise _DamagedError(f"{len(unpacked)} bytes in a packed element")
    return unpacked
