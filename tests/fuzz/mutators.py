"""Damaged copies of good input: of its bytes, its numbers, its JSON values and its archives."""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import binary_mutators as binary
import numpy as np

BINARY = (
    (binary.is_mat, binary.mat),
    (binary.is_hdf5, binary.hdf5),
    (binary.is_c3d, binary.c3d),
)
"""How a format is seen, and what damages it where it hurts."""

ODD_TEXTS = (
    *("NaN", "Infinity", "-Infinity", "1e400", "-1", "0", "1" + "0" * 400, "0.1", "1e-300"),
    *('""', '"x"', "null", "true", "[]", "{}", "[[[[1]]]]", '"\\ud800"', '"=1+1"', '"a\\nb"'),
    *("2147483648", "9007199254740993", '{"b64": "/w=="}', "[" * 2000),
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**31, 2**63, 10**400, 0.5, 1e300, float("nan"), float("inf")),
    *("", "x", "\ud800", "a\nb", "=1+1", "9" * 5000, [], [[]], {}, {"a": 1}, [None], [1, "x"]),
)
ODD_BYTES = (b"\xff\xff\xff\x7f", b"\xff" * 8, b"\0" * 8, b"\x80\0\0\0", b"PK\5\6", b"\x89HDF")
NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?")


def mutated(content: bytes, random: random.Random) -> bytes:
    """Return a damaged copy."""
    possible: list[Callable[[bytes, random.Random], bytes]] = [_flip, _cut, _overwrite, _repeat]
    if content[:1] in (b"{", b"["):
        possible += [_value, _value, _value, _text]
    elif content[:2] == b"PK":
        possible += [_member, _member, _member]
    elif known := next((m for sees, m in BINARY if sees(content)), None):
        possible += [known] * 12
    elif b"\0" not in content[:4096] and NUMBER.search(content[:4096]):
        possible += [_text, _text, _line]
    return random.choice(possible)(content, random)


def _flip(content: bytes, random: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 8))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(content: bytes, random: random.Random) -> bytes:
    return content[: random.randrange(len(content))]


def _overwrite(content: bytes, random: random.Random) -> bytes:
    place, odd = random.randrange(len(content)), random.choice(ODD_BYTES)
    return content[:place] + odd + content[place + len(odd) :]


def _repeat(content: bytes, random: random.Random) -> bytes:
    start, stop = sorted(random.randrange(len(content)) for _ in range(2))
    return content[:stop] + content[start:]


def _text(content: bytes, random: random.Random) -> bytes:
    """Put something odd in the place of a number."""
    found = list(NUMBER.finditer(content))
    if not found:
        return _flip(content, random)
    place = random.choice(found)
    return content[: place.start()] + random.choice(ODD_TEXTS).encode() + content[place.end() :]


def _line(content: bytes, random: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    place = random.randrange(len(lines))
    changed = random.choice(([], [lines[place]] * 2, [lines[place][: len(lines[place]) // 2]]))
    return b"".join(lines[:place] + changed + lines[place + 1 :])


def _value(content: bytes, random: random.Random) -> bytes:
    """Put something odd in the place of a JSON value, or take it away."""
    try:
        whole = json.loads(content)
    except ValueError:
        return _flip(content, random)
    inside, key = None, None
    value = whole
    while isinstance(value, dict | list) and value and (inside is None or random.random() < 0.8):
        inside = value
        key = random.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = value[key]
    if inside is None:
        whole = random.choice(ODD_VALUES)
    elif random.random() < 0.2:
        del inside[key]
    else:
        inside[key] = random.choice(ODD_VALUES)
    return json.dumps(whole).encode()


def _member(content: bytes, random: random.Random) -> bytes:
    """Damage a member of a zip archive, whose checksum then fits again."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError):
        return _flip(content, random)
    name = random.choice(list(members))
    if random.random() < 0.1:
        del members[name]
    elif name.endswith(".npy") and random.random() < 0.6:
        members[name] = _array(members[name], random)
    elif members[name]:
        members[name] = mutated(members[name], random)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", random.choice((0, zipfile.ZIP_DEFLATED))) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return packed.getvalue()


def _array(content: bytes, random: random.Random) -> bytes:
    """Return another array as an npy member: of another type, shape or value."""
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError:
        return _flip(content, random)
    number = array.dtype.kind in "fiu"
    odd: list[Any] = [np.array(0), np.array("x"), array[..., None], array[:0] if array.ndim else 1]
    if number:
        odd += [array.astype(np.complex64), array.astype(str), -array.astype(np.float64)]
        odd += [np.full(array.shape, value) for value in (np.nan, np.inf, 1e300, -1, 2.0**40)]
    out = io.BytesIO()
    np.save(out, np.asarray(random.choice(odd)), allow_pickle=False)
    return out.getvalue()
