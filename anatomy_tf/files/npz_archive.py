"""Reading npz and npy files: no array is read before its claimed size is checked.

An npz is a zip of ``.npy`` members. Sizes that a file claims are checked against each other and
against the file's own size first, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
import sys
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import ARCHIVE_BYTES
from anatomy_tf.files.paths import check_file, file_size
from anatomy_tf.files.plain_pickle import read_plain_pickle
from anatomy_tf.files.zip_sizes import check_zip_sizes

NUMBER, INTEGER, TEXT, TRUTH = "fiu", "iu", "U", "b"
KIND_NAMES = {NUMBER: "numbers", INTEGER: "integers", TEXT: "text", TRUTH: "truth values"}
"""Kinds of ``dtype`` in words."""

_CHUNK = 16 << 20

_HEADERS: dict[tuple[int, int], Callable[..., Any]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def read_npz(
    path: str | Path, names: Collection[str] | None = None, *, objects: bool = False
) -> dict[str, Any]:
    """Return the arrays of an npz file.

    Args:
        path: the file.
        names: which arrays to read, of those that are there; ``None`` reads all.
        objects: also read pickled arrays of plain data (``files.plain_pickle``), as in the archives
            of VideoPose3D; an array of one object is returned as the object. Without it they are
            refused.

    Returns:
        Name to array, in the file's order.

    Raises:
        AnatomyError: when the file is missing, damaged or no npz, claims sizes that disagree or are
            beyond the limits, or holds pickled objects that are not allowed or not plain data.
    """
    with _opened(Path(path)) as (archive, members):
        return {
            name: _read_member(archive, member, Path(path), objects)
            for name, member in members.items()
            if names is None or name in names
        }


def read_npy(path: Path, *, objects: bool = False) -> Any:
    """Return the array of an npy file.

    Args:
        path: the file.
        objects: as for ``read_npz``.

    Raises:
        AnatomyError: when the file is missing, damaged or no npy, claims a size that it has not, or
            holds pickled objects that are not allowed or not plain data.
    """
    size = file_size(path)
    ARCHIVE_BYTES.check(size, path)
    with reading(path, "npy file"), path.open("rb") as file:
        return _read_array(file, size, str(path), objects)


def read_checked_npz(
    path: Path, shapes: Mapping[str, tuple[str, str]], required: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Return arrays of an npz file, checked against a table of types and shapes.

    Args:
        path: the file.
        shapes: the kinds of ``dtype``, such as ``"fiu"``, and the shape of each known array, such
            as ``"(people, 2)"``, where a word stands for any size. Other arrays are not read.
        required: the arrays that must be there.

    Raises:
        AnatomyError: when the file cannot be read, or an array is missing or has another type or
            shape; the message names it.
    """
    arrays = read_npz(path, shapes)
    missing = [name for name in required if name not in arrays]
    if missing:
        raise AnatomyError(f"{path}: expected the arrays {', '.join(missing)}, which are not there")
    for name, value in arrays.items():
        kinds, shape = shapes[name]
        if value.dtype.kind not in kinds:
            raise AnatomyError(
                f"{path}: expected {name} to hold {KIND_NAMES[kinds]}, got {value.dtype}"
            )
        sizes = [size.strip() for size in shape.strip("()").split(",") if size.strip()]
        fits = value.ndim == len(sizes) and all(
            not size.isdigit() or int(size) == came
            for size, came in zip(sizes, value.shape, strict=True)
        )
        if not fits:
            raise AnatomyError(f"{path}: expected {name} of shape {shape}, got {value.shape}")
    return arrays


def array_names(path: Path) -> tuple[str, ...]:
    """Return the names of an npz file's arrays, without reading them.

    Raises:
        AnatomyError: as ``read_npz``.
    """
    with _opened(path) as (_, members):
        return tuple(members)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    check_file(path)
    with reading(path, "npz file"), zipfile.ZipFile(path) as archive:
        check_zip_sizes(archive, path, ARCHIVE_BYTES)
        yield (
            archive,
            {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            },
        )


@dataclasses.dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, objects: bool) -> Any:
    where = f"{path}: array {info.filename.removesuffix('.npy')!r}"
    with archive.open(info) as file:
        return _read_array(file, info.file_size, where, objects)


def _read_array(file: IO[bytes], size: int, where: str, objects: bool) -> Any:
    header = _header(file, where)
    left = size - file.tell()
    if header.dtype.hasobject:
        if not objects:
            raise AnatomyError(f"{where} is pickled, which is not read here")
        array = read_plain_pickle(io.BytesIO(file.read()), where)
        if not isinstance(array, np.ndarray) or array.shape != header.shape:
            raise AnatomyError(f"{where}: its pickle holds no array {header.shape}")
        return array.item() if array.shape == () else array
    expected = math.prod(header.shape) * header.dtype.itemsize
    if expected != left:
        raise AnatomyError(
            f"{where}: expected {expected} bytes for shape {header.shape} of {header.dtype}, "
            f"got {left}"
        )
    content = np.empty(left, np.uint8)
    filled = 0
    while chunk := file.read(_CHUNK):
        content[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
        filled += len(chunk)
    if filled != left:
        raise AnatomyError(f"{where}: ends after {filled} of {left} bytes")
    order: Any = "F" if header.fortran else "C"
    array = np.ndarray(header.shape, header.dtype, content, order=order)
    if header.dtype.kind == TEXT:
        letters = content.view(np.dtype(np.uint32).newbyteorder(header.dtype.byteorder))
        # Python makes texts of other numbers, too, and fails when it shows them.
        if letters.size and letters.max() > sys.maxunicode:
            raise AnatomyError(f"{where}: expected text, got numbers that are no letters")
    return array


def _header(file: IO[bytes], where: str) -> _Header:
    version = npy.read_magic(file)
    if version not in _HEADERS:
        raise AnatomyError(f"{where}: expected npy version 1 or 2, got {version}")
    shape, fortran, dtype = _HEADERS[version](file)
    if any(type(count) is not int or count < 0 for count in shape):
        raise AnatomyError(f"{where}: expected a shape of numbers from 0, got {shape}")
    if dtype.itemsize == 0 and not dtype.hasobject and math.prod(shape):
        raise AnatomyError(f"{where}: shape {shape} of empty elements")
    return _Header(shape, fortran, dtype)
