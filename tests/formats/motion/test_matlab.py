import io

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion import matlab
from anatomy_tf.formats.motion.matlab import read_matlab

# Each file is read in a process of its own.
pytestmark = pytest.mark.slow


def cells(*values):
    found = np.empty((len(values), 1), object)
    for index, value in enumerate(values):
        found[index, 0] = value
    return found


def written(arrays, *, packed=False):
    file = io.BytesIO()
    scipy.io.savemat(file, arrays, do_compression=packed)
    return file.getvalue()


def read(folder, content, *names):
    path = folder / "f.mat"
    path.write_bytes(content)
    return read_matlab(path, names)


TINY = written({"c": cells(np.ones((1, 3)), np.ones((1, 3))), "n": np.arange(2, dtype=np.uint8)})


@pytest.mark.parametrize("packed", [False, True])
def test_numbers_and_cells_are_read(tmp_path, packed):
    arrays = {dtype: np.arange(24).reshape(2, 3, 4).astype(dtype) for dtype in ("f8", "f4", "i4")}
    arrays["cells"] = cells(np.eye(3), np.zeros((0, 2)), np.float32([[1, 2]]))
    arrays["text"] = "not asked for"
    found = read(tmp_path, written(arrays, packed=packed), "cells", "absent", "f8", "f4", "i4")
    assert sorted(found) == ["cells", "f4", "f8", "i4"]
    for dtype in ("f8", "f4", "i4"):
        assert found[dtype].dtype == dtype
        np.testing.assert_array_equal(found[dtype], arrays[dtype])
    for one, other in zip(found["cells"].ravel(), arrays["cells"].ravel(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_file_that_crashes_scipy_gets_a_line_and_the_next_is_read(tmp_path):
    # With this byte 0 SciPy 1.17's loadmat ends the process by a segmentation fault.
    content = bytearray(TINY)
    assert content[224] == 9
    content[224] = 0
    with pytest.raises(AnatomyError, match=r"f\.mat: not a readable MATLAB file \(.+\)$") as raised:
        read(tmp_path, bytes(content), "c")
    assert "\n" not in str(raised.value)
    assert sorted(read(tmp_path, TINY, "c", "n")) == ["c", "n"]


def test_what_is_no_file_or_another_version_gets_a_line(tmp_path):
    with pytest.raises(AnatomyError, match=r"none\.mat: no such file"):
        read_matlab(tmp_path / "none.mat", ["a"])
    with pytest.raises(AnatomyError, match=r"f\.mat: not a readable MATLAB file"):
        read(tmp_path, b"nothing of the kind", "a")
    head = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(384) + b"\x89HDF\r\n\x1a\n"
    with pytest.raises(AnatomyError, match=r"expected MATLAB v5 to v7, got v7\.3"):
        read(tmp_path, head, "a")


@pytest.mark.parametrize(
    "arrays",
    [
        {"a": "text"},
        {"a": {"field": 1.0}},
        {"a": np.ones(2) * 1j},
        {"a": cells("text")},
        {"a": cells(cells(np.ones(2)))},
    ],
)
def test_anything_but_numbers_is_refused(tmp_path, arrays, monkeypatch):
    def here(parser, path, *names, expected):
        return parser(str(path), *names)

    monkeypatch.setattr(matlab, "read_apart", here)
    with pytest.raises(AnatomyError, match="a holds no plain numbers"):
        read(tmp_path, written(arrays), "a")
    assert read(tmp_path, written(arrays), "b") == {}


# The same files every time: each costs the start of a process, most of a second.
@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, data):
    arrays = {"c": cells(np.ones((1, 3)), np.ones((2, 3))), "n": np.arange(9)}
    content = bytearray(written(arrays, packed=data.draw(st.booleans())))
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


def test_a_few_cells_that_claim_to_be_a_thousand_million_get_a_line(tmp_path):
    # Without a limit SciPy fills 11 GB with them and does not come to its end.
    content = bytearray(TINY)
    place = content.index(np.array([2, 1], "<i4").tobytes())
    content[place : place + 8] = np.array([1 << 30, 2], "<i4").tobytes()
    with pytest.raises(AnatomyError, match=r"f\.mat: not a readable MATLAB file"):
        read(tmp_path, bytes(content), "c")
