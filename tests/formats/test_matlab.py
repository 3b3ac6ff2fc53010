import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.matlab import read_matlab


def cells(*values):
    found = np.empty((len(values), 1), object)
    for index, value in enumerate(values):
        found[index, 0] = value
    return found


def written(arrays, *, packed=False):
    file = io.BytesIO()
    scipy.io.savemat(file, arrays, do_compression=packed)
    return file.getvalue()


def read(folder: Path, content: bytes, *names: str):
    path = folder / "f.mat"
    path.write_bytes(content)
    return read_matlab(path, names)


TINY = written({"c": cells(np.ones((1, 3)), np.ones((1, 3))), "n": np.arange(2, dtype=np.uint8)})
DTYPES = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")


@pytest.mark.parametrize("packed", [False, True])
def test_what_scipy_writes_is_read(tmp_path, packed):
    arrays = {dtype: np.arange(24).reshape(2, 3, 4).astype(dtype) for dtype in DTYPES}
    arrays["cells"] = cells(np.eye(3), np.zeros((0, 2)), np.float32([[1, 2]]))
    arrays["text"] = "not asked for"
    found = read(tmp_path, written(arrays, packed=packed), "cells", "absent", *DTYPES)
    assert sorted(found) == sorted(["cells", *DTYPES])
    for dtype in DTYPES:
        assert found[dtype].dtype == dtype
        np.testing.assert_array_equal(found[dtype], arrays[dtype])
    assert found["cells"].shape == (3, 1)
    for one, other in zip(found["cells"].ravel(), arrays["cells"].ravel(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def element(order, kind, content):
    return struct.pack(f"{order}II", kind, len(content)) + content + b"\0" * (-len(content) % 8)


@pytest.mark.parametrize(("order", "mark"), [("<", b"IM"), (">", b"MI")])
def test_numbers_in_a_smaller_type_by_a_machine_of_either_order(tmp_path, order, mark):
    # MATLAB stores a double array of small whole numbers as bytes; four fit into the tag.
    flags = element(order, 6, struct.pack(f"{order}II", 6, 0))
    shape = element(order, 5, struct.pack(f"{order}ii", 1, 3))
    name = struct.pack(f"{order}I", 1 << 16 | 1) + b"a\0\0\0"
    numbers = struct.pack(f"{order}I", 3 << 16 | 1) + bytes([1, 2, 255, 0])
    head = b"MATLAB 5.0".ljust(124) + struct.pack(f"{order}H", 0x0100) + mark
    found = read(tmp_path, head + element(order, 14, flags + shape + name + numbers), "a")
    assert found["a"].dtype == np.float64
    assert found["a"].tolist() == [[1, 2, -1]]


def test_a_cell_that_was_never_set_is_empty(tmp_path):
    content = bytearray(TINY)
    start = content.index(struct.pack("<I", 14), 128 + 8)
    size = struct.unpack_from("<I", content, start + 4)[0]
    content[start : start + 8 + size] = struct.pack("<II", 14, 0)
    struct.pack_into("<I", content, 132, struct.unpack_from("<I", content, 132)[0] - size)
    assert [cell.shape for cell in read(tmp_path, bytes(content), "c")["c"].ravel()] == [
        (0, 0),
        (1, 3),
    ]


def test_the_type_that_crashes_scipy_is_refused(tmp_path):
    # With this byte 0 SciPy 1.17's loadmat ends the process by a segmentation fault.
    content = bytearray(TINY)
    assert content[224] == 9
    content[224] = 0
    with pytest.raises(AnatomyError, match=r"f.mat: not a readable MATLAB file \(numbers of type"):
        read(tmp_path, bytes(content), "c")


def test_any_byte_may_be_wrong(tmp_path):
    # 17 of these files end the process in SciPy 1.17.
    refused = 0
    for place in range(len(TINY)):
        for value in (0, 5, 255):
            content = bytearray(TINY)
            content[place] = value
            try:
                read(tmp_path, bytes(content), "c", "n")
            except AnatomyError as error:
                assert "\n" not in str(error)
                refused += 1
    assert refused > 200


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"a": "text"}, "a holds no plain numbers"),
        ({"a": {"field": 1.0}}, "a holds no plain numbers"),
        ({"a": np.ones(2) * 1j}, "a holds no plain numbers"),
        ({"a": cells("text")}, "a cell holds no plain numbers"),
        ({"a": cells(cells(np.ones(2)))}, "a cell holds no plain numbers"),
    ],
)
def test_anything_but_numbers_is_refused(tmp_path, arrays, reason):
    with pytest.raises(AnatomyError, match=reason):
        read(tmp_path, written(arrays), "a")
    assert read(tmp_path, written(arrays), "b") == {}


def test_small_files_that_claim_much_are_refused(tmp_path):
    bomb = zlib.compress(struct.pack("<II", 14, 1 << 30) + bytes(1 << 20))
    content = TINY[:128] + struct.pack("<II", 15, len(bomb)) + bomb
    with pytest.raises(AnatomyError, match="an array without flags"):
        read(tmp_path, content, "a")
    whole = bytearray(zlib.decompress(written({"a": np.ones(9)}, packed=True)[136:]))
    struct.pack_into("<I", whole, 4, 1 << 30)
    bomb = zlib.compress(bytes(whole))
    content = TINY[:128] + struct.pack("<II", 15, len(bomb)) + bomb
    with pytest.raises(AnatomyError, match="bytes claim to hold 1073741832 uncompressed"):
        read(tmp_path, content, "a")


def test_packed_content_is_held_against_its_checksum(tmp_path):
    content = bytearray(written({"a": np.ones(9)}, packed=True))
    content[-1] ^= 1
    with pytest.raises(AnatomyError, match="incorrect data check"):
        read(tmp_path, bytes(content), "a")


@pytest.mark.parametrize("packed", [False, True])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, packed, data):
    arrays = {"c": cells(np.ones((1, 3)), np.ones((2, 3))), "n": np.arange(9)}
    content = bytearray(written(arrays, packed=packed))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(1, 6))):
        if content:
            place = data.draw(st.integers(0, len(content) - 1))
            piece = data.draw(st.binary(min_size=1, max_size=4))
            content[place : place + len(piece)] = piece
    try:
        found = read(tmp_path_factory.getbasetemp(), bytes(content), "c", "n")
    except AnatomyError as error:
        assert "\n" not in str(error)
    else:
        assert all(value.dtype.kind in "fiuO" for value in found.values())
