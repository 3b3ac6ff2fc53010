"""Arrays of an npz file; what its sizes may claim."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import npz_archive, zip_sizes
from anatomy_tf.files.npz_archive import read_npz

POSITIONS = {"S1": {"Walking": np.arange(6, dtype=np.float32).reshape(2, 3)}}


def write_member(path: Path, header: dict | bytes, content: bytes = b"", **options) -> None:
    """An npz with one array ``a`` whose header may lie."""
    buffer = io.BytesIO()
    if isinstance(header, bytes):
        buffer.write(header)
    else:
        np.lib.format.write_array_header_1_0(buffer, header)
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("a.npy", buffer.getvalue() + content)


def header(shape, descr="<f4") -> dict:
    return {"descr": descr, "fortran_order": False, "shape": shape}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_come_back_in_order_writable_and_by_name(tmp_path, save):
    arrays = {
        "b": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "text": np.array(["x", "yz"]),
        "a": np.array(3),
        "empty": np.zeros((0, 4), np.float32),
    }
    save(tmp_path / "x.npz", **arrays)
    ours = read_npz(tmp_path / "x.npz")
    assert list(ours) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(ours[name], array)
        assert ours[name].dtype == array.dtype and ours[name].flags.writeable
    assert list(read_npz(tmp_path / "x.npz", ("a", "unknown"))) == ["a"]


def test_an_array_longer_than_a_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(npz_archive, "_CHUNK", 7)
    np.savez_compressed(tmp_path / "x.npz", a=np.arange(100))
    np.testing.assert_array_equal(read_npz(tmp_path / "x.npz")["a"], np.arange(100))


def test_pickled_dicts_come_only_when_asked_for(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", positions_3d=POSITIONS, many=np.array([{}, 1], object))
    ours = read_npz(tmp_path / "x.npz", objects=True)
    np.testing.assert_array_equal(ours["positions_3d"]["S1"]["Walking"], POSITIONS["S1"]["Walking"])
    assert ours["many"].tolist() == [{}, 1]
    with pytest.raises(AnatomyError, match=r"x\.npz: array 'positions_3d' is pickled"):
        read_npz(tmp_path / "x.npz")


class Hostile:
    def __reduce__(self):
        return (os.system, ("touch /tmp/anatomy-tf-was-here",))


def test_a_hostile_member_is_refused_by_name(tmp_path):
    np.savez(tmp_path / "x.npz", positions_3d=np.array({"S1": Hostile()}, object))
    with pytest.raises(AnatomyError, match=rf"array 'positions_3d': refused.*{os.name}\.system"):
        read_npz(tmp_path / "x.npz", objects=True)
    assert not Path("/tmp/anatomy-tf-was-here").exists()


@pytest.mark.parametrize(
    ("lie", "content", "message"),
    [
        (header((10**12,)), b"1234", "expected 4000000000000 bytes .* got 4"),
        (header((2,)), b"1234", r"expected 8 bytes for shape \(2,\) of float32, got 4"),
        (header((1,)), b"12345678", "expected 4 bytes"),
        (header((10**9,), "<U0"), b"", "empty elements"),
        (header((True, 1)), b"1234", r"a shape of numbers from 0, got \(True, 1\)"),
        (header((-1,)), b"", r"a shape of numbers from 0, got \(-1,\)"),
        (b"\x93NUMPY\x03\x00", b"", "npy version 1 or 2"),
        (b"not numpy", b"", "not a readable npz file"),
        (header((1,), "|O"), b"junk", "not a readable pickle"),
    ],
)
def test_headers_that_lie(tmp_path, lie, content, message):
    write_member(tmp_path / "x.npz", lie, content)
    with pytest.raises(AnatomyError, match=message) as caught:
        read_npz(tmp_path / "x.npz", objects=True)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    zeros = bytes(zip_sizes.SMALL)
    path = tmp_path / "x.npz"
    write_member(path, header((len(zeros) // 4,)), zeros, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises(AnatomyError, match=r"refused, its \d+ bytes claim to hold 671"):
        read_npz(path)


def test_a_directory_entry_that_claims_less_than_there_is(tmp_path):
    path = tmp_path / "x.npz"
    write_member(path, header((1000,)), bytes(4000), compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    true = (4000 + 128).to_bytes(4, "little")
    assert content.count(true) == 2
    path.write_bytes(content.replace(true, (200).to_bytes(4, "little")))
    with pytest.raises(AnatomyError, match="not a readable npz file"):
        read_npz(path)


def test_no_file_and_no_zip(tmp_path):
    with pytest.raises(AnatomyError, match="no such file"):
        read_npz(tmp_path / "x.npz")
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04junk")
    with pytest.raises(AnatomyError, match="not a readable npz file"):
        read_npz(tmp_path / "x.npz")


def good() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.arange(40.0), positions_3d=np.array(POSITIONS, object))
    return buffer.getvalue()


GOOD = good()


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, len(GOOD)),
)
def test_damaged_archives_load_or_are_refused(tmp_path, changes, cut):
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    (tmp_path / "x.npz").write_bytes(content[:cut])
    try:
        arrays = read_npz(tmp_path / "x.npz", objects=True)
    except AnatomyError as error:
        assert "x.npz" in str(error) and "\n" not in str(error)
    else:
        assert all(np.asarray(value).size <= 40 for value in arrays.values())


def test_numbers_that_are_no_letters_are_no_text(tmp_path: Path) -> None:
    damaged = np.array([0x7FFFFFFF, 65], np.uint32).view("<U1")
    np.savez(tmp_path / "a.npz", names=damaged)
    with pytest.raises(AnatomyError, match="'names': expected text, got numbers that are no lett"):
        read_npz(tmp_path / "a.npz")
