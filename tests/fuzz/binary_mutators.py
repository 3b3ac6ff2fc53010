"""Damaged copies of binary files, where their formats have sizes, types and shapes.

A bit that flips anywhere mostly hits the numbers of frames; a parser is surprised by a header.
"""

import io
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

SIZES = (0, 1, 2, 7, 127, 128, 255, 256, 2**15 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)

_MAT_HEADER, _MAT_PACKED = 128, 15
"""Bytes before the first element, and the type of one that zlib packed ("MAT-File Format")."""

_C3D_BLOCK = 512


def is_mat(content: bytes) -> bool:
    """Return whether a file is of MATLAB, version 5 to 7."""
    return content.startswith(b"MATLAB 5.0")


def is_c3d(content: bytes) -> bool:
    """Return whether a file looks like C3D."""
    return content[1:2] == b"\x50" and len(content) % _C3D_BLOCK == 0


def is_hdf5(content: bytes) -> bool:
    """Return whether a file is HDF5, which may begin after some other header."""
    return any(content[start : start + 4] == b"\x89HDF" for start in (0, 512))


def mat(content: bytes, random: random.Random) -> bytes:
    """Damage tags, flags, dimensions or numbers of a variable, packed or not."""
    elements = _mat_elements(content)
    place = random.randrange(len(elements))
    kind, data = elements[place]
    if kind == _MAT_PACKED and random.random() < 0.9:
        inner = _word(zlib.decompress(data), random, 4, near=random.choice((16, 64, 256, 1 << 20)))
        packed = random.random() < 0.5
        # Without the packing's checksum, an element follows as it is.
        elements[place] = (kind, zlib.compress(inner)) if packed else (None, inner)
    else:
        elements[place] = (random.choice((*SIZES, 14, 15)) & 0xFFFFFFFF, data)
    out = content[:_MAT_HEADER]
    for kind, data in elements:
        out += data if kind is None else struct.pack("<II", kind, len(data)) + data
    return out


def _mat_elements(content: bytes) -> list[tuple[int | None, bytes]]:
    found: list[tuple[int | None, bytes]] = []
    at = _MAT_HEADER
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<II", content, at)
        found.append((kind, content[at + 8 : at + 8 + size]))
        at += 8 + size
    return found


def c3d(content: bytes, random: random.Random) -> bytes:
    """Damage the header's words, or lengths, types and dimensions of the parameters."""
    block = _C3D_BLOCK
    if random.random() < 0.4:
        return _word(content, random, random.choice((1, 2, 4)), near=24)
    start = (content[0] - 1) * block
    end = min(len(content), start + max(1, content[start + 2]) * block)
    damaged = _word(content[start:end], random, random.choice((1, 1, 2)), near=end - start)
    return content[:start] + damaged + content[end:]


def _word(content: bytes, random: random.Random, size: int, near: int) -> bytes:
    """Put another number in the place of one of the first words."""
    words = min(len(content), near) // size
    place = random.randrange(max(words, 1)) * size
    number = (random.choice(SIZES) % (1 << 8 * size)).to_bytes(size, "little")
    return content[:place] + number + content[place + size :]


def hdf5(content: bytes, random: random.Random) -> bytes:
    """Damage HDF5's own records, or put other arrays, groups and attributes in its names."""
    if random.random() < 0.5:
        # Superblock, object headers, heaps and trees lie where these signatures do.
        marks = (b"\x89HDF", b"OHDR", b"TREE", b"HEAP", b"SNOD", b"GCOL", b"FRHP", b"\x01\x00")
        found = [at for mark in marks if (at := content.find(mark, random.randrange(4096))) >= 0]
        at = random.choice(found or [0])
        damaged = _word(content[at:], random, random.choice((1, 2, 4, 8)), near=160)
        return content[:at] + damaged
    import h5py

    store = io.BytesIO(content)
    with h5py.File(store, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = random.choice(names)
        _change(file, name, random)
    return store.getvalue()


def _change(file: Any, name: str, random: random.Random) -> None:
    """Change an object of an HDF5 file, or one of its attributes."""
    import h5py

    item = file[name]
    attributes = list(item.attrs)
    if attributes and random.random() < 0.5:
        key = random.choice(attributes)
        item.attrs[key] = random.choice(
            (1e300, "x", "{}", "[]", json.dumps({"nodes": 3}), b"\xff", np.zeros((2, 2)), 10**18)
        )
        return
    values = item[()] if isinstance(item, h5py.Dataset) else None
    del file[name]
    if values is None or random.random() < 0.1:
        return
    odd: list[Callable[[], Any]] = [
        lambda: np.zeros(0),
        lambda: "text",
        lambda: np.asarray(values)[..., None],
        lambda: np.asarray(values)[:1] if np.ndim(values) else np.float64(values),
        lambda: np.zeros(np.shape(values), np.int8),
        lambda: np.full(np.shape(values), np.nan),
        lambda: [b"\xff{", b"[]", b'{"a": [1]}'],
    ]
    fields = getattr(np.asarray(values).dtype, "names", None)
    if fields and np.size(values):
        odd += [lambda: _other_field(values, random)] * 6
    replaced = random.choice(odd)()
    if random.random() < 0.1:
        file[name] = h5py.ExternalLink("/etc/passwd", "/")
    elif isinstance(replaced, list):
        file.create_dataset(name, data=replaced, dtype=h5py.string_dtype())
    else:
        file[name] = replaced


def _other_field(values: Any, random: random.Random) -> Any:
    """Return a copy of a table with an odd number in one cell."""
    table = np.array(values)
    field = random.choice([name for name in table.dtype.names if table.dtype[name].kind in "fiu"])
    kind = table.dtype[field]
    numbers = (-1, 0, 1, 5, 2**31 - 1, 2**62, np.nan, np.inf, 1e300)
    if kind.kind != "f":
        limits = np.iinfo(kind)
        numbers = (limits.min, 0, 1, 5, limits.max)
    with np.errstate(all="ignore"):
        table[field][random.randrange(len(table))] = random.choice(numbers)
    return table
