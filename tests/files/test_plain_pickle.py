"""Plain data comes back equal; anything else is refused by name and never called."""

import codecs
import dataclasses
import io
import os
import pickle
import sys
import tracemalloc
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import plain_pickle
from anatomy_tf.files.plain_pickle import load_plain_pickle, read_plain_pickle


def read(content: bytes):
    return read_plain_pickle(io.BytesIO(content), "the file")


def same(ours, theirs) -> bool:
    if isinstance(theirs, np.ndarray):
        return (
            ours.dtype.kind == theirs.dtype.kind
            and ours.shape == theirs.shape
            and all(same(a, b) for a, b in zip(ours.flat, theirs.flat, strict=True))
        )
    if isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list | tuple):
        return type(ours) is type(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and (ours == theirs or theirs != theirs)


ARCHIVE = {
    "positions": {"S1": {"Directions 1": np.arange(12, dtype=np.float32).reshape(2, 2, 3)}},
    "list": [np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.zeros((0, 3)), (1, 2.5, None)],
    "objects": np.array([{"a": np.ones(2)}, [True, b"", b"xy"]], object),
    "objects in columns": np.asfortranarray(np.array([[1, "a", 2.5], [None, b"x", ()]], object)),
    "text": np.array(["a", "bcd"]),
    "big endian": np.arange(3, dtype=">i4"),
    "scalar": np.float32(3.5),
    7: np.bool_(True),
}


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_gives_the_data_back(protocol):
    assert same(read(pickle.dumps(ARCHIVE, protocol)), ARCHIVE)


def test_the_names_of_numpy_1_are_known():
    content = pickle.dumps(ARCHIVE, 2)
    old = content.replace(b"numpy._core.", b"numpy.core.")
    assert old != content
    assert same(read(old), ARCHIVE)


def test_an_array_written_by_python_2_has_its_bytes_as_text():
    content = pickle.dumps(np.array([1, 300], np.int16), 2)
    assert b"_codecs" in content  # Python 3's way round the same limit of protocol 2
    by_python_2 = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
        b"(I1\n(I2\ntcnumpy\ndtype\n(S'i2'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
        b"I00\nS'\\x01\\x00,\\x01'\ntb."
    )
    np.testing.assert_array_equal(read(by_python_2), [1, 300])


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.one_of(
            hnp.floating_dtypes(),
            hnp.integer_dtypes(),
            hnp.boolean_dtypes(),
            hnp.unicode_string_dtypes(max_len=4),
        ),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=3),
    ),
    st.integers(0, 5),
)
def test_any_array_of_numbers_or_text_comes_back(array, protocol):
    ours = read(pickle.dumps({"a": array}, protocol))["a"]
    np.testing.assert_array_equal(ours, array)
    assert ours.flags.writeable


class Hostile:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def test_a_pickle_that_calls_the_system_is_refused_by_name_and_not_run(tmp_path):
    marker = tmp_path / "ran"
    path = tmp_path / "score.pkl"
    path.write_bytes(pickle.dumps({"S1": Hostile(os.system, f"touch {marker}")}))
    with pytest.raises(AnatomyError, match=rf"score\.pkl: refused.* names {os.name}\.system,"):
        load_plain_pickle(path)
    assert not marker.exists()


class OwnArray(np.ndarray):
    pass


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(OrderedDict(a=1)), r"names collections\.OrderedDict"),
        (pickle.dumps(Hostile(eval, "1")), r"names builtins\.eval"),
        (pickle.dumps(np.ones(2).view(OwnArray)), r"names .*\.OwnArray"),
        (pickle.dumps(1j), r"names builtins\.complex"),
        (b"cnumpy\nload\n.", r"names numpy\.load"),
        (b"cos\nsystem\n(S'ls'\ntR.", r"names os\.system"),
        (b"(S'ls'\nios\nsystem\n.", r"names os\.system"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", r"names os\.system"),
        (b"cnumpy\ndtype\n.", "holds function"),
        (pickle.dumps({1, 2}), "holds set"),
        (pickle.dumps(np.zeros(2, [("a", "f4")])), "type|records"),
        (pickle.dumps(np.array(["2020"], "M8[D]")), "array of type"),
        (pickle.dumps(np.ones(2, complex)), "array of type"),
        # A state for a builder itself: (None, {"__defaults__": ...}).
        (b"c_codecs\nencode\n(N}S'__defaults__'\n(I1\ntstb.", "gives a state"),
        (b"cnumpy\nndarray\n(I100000\ntR.", r"calls numpy\.ndarray"),
        (b"c_codecs\nencode\n(S'a'\nS'rot13'\ntR.", "encodes text as 'rot13'"),
    ],
)
def test_anything_else_is_refused_in_one_line(content, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        read(content)
    assert str(caught.value).startswith("the file: ") and "\n" not in str(caught.value)
    assert plain_pickle._encode.__defaults__ == ("latin1",)


def test_a_message_never_writes_out_what_it_refuses():
    """A list that is two to the power of thirty elements when written out, as an array's type."""
    nested = b"]" + 30 * b"q\x00h\x00\x86"
    with pytest.raises(AnatomyError, match="array of type tuple"):
        read(b"cnumpy\ndtype\n" + nested + b"\x85R.")


def array_pickle(shape: bytes, dtype: bytes, content: bytes) -> bytes:
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n"
        + shape
        + b"cnumpy\ndtype\n(S'"
        + dtype
        + b"'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
        + b"I00\n"
        + content
        + b"tb."
    )


@pytest.mark.parametrize(
    ("shape", "dtype", "content", "message"),
    [
        (b"(I99999999999\nt", b"f8", b"S'abc'\n", "3 bytes for an array of shape"),
        (b"(I-1\nt", b"f8", b"S''\n", "array of shape"),
        (b"(I2\nt", b"O8", b"(lI1\na", "shape and elements disagree"),
        (b"(I9999999999\nt", b"U0", b"S''\n", "empty elements"),
        (b"(I1\nt", b"f8", b"I5\n", "array of int"),
        (b"(I1\nt", b"V8", b"S'12345678'\n", "array of type 'V8'"),
        (b"(I1\nt", b"f3", b"S'123'\n", "not a readable pickle"),
    ],
)
def test_arrays_whose_parts_disagree(shape, dtype, content, message):
    with pytest.raises(AnatomyError, match=message):
        read(array_pickle(shape, dtype, content))


def test_a_few_bytes_cannot_fill_the_memory():
    # Memo index 4294967295, which pickle's implementation in C makes room for.
    assert read(b"\x80\x04Nr\xff\xff\xff\xff.") is None
    for opcode in (pickle.BINBYTES8, pickle.BYTEARRAY8, pickle.BINUNICODE8, pickle.FRAME):
        tracemalloc.start()
        with pytest.raises(AnatomyError, match="not a readable pickle"):
            read(b"\x80\x05" + opcode + (1 << 34).to_bytes(8, "little") + b"abc.")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.stop()


def test_bytearrays_are_read_as_protocol_5_writes_them():
    array = np.arange(50_000.0)
    assert pickle.BYTEARRAY8 in pickle.dumps(bytearray(9), 5)
    assert same(read(pickle.dumps({"a": array}, 5)), {"a": array})


def test_objects_that_stand_in_many_places_are_counted_in_each():
    value = [1.0]
    for _ in range(7):
        value = [value] * 10
    assert read_plain_pickle(io.BytesIO(pickle.dumps(value)), "x.pkl") == value
    # Ten times as many, in 200 bytes.
    with pytest.raises(AnatomyError, match=r"x.pkl: refused, .* more than 100,000,000 objects"):
        read_plain_pickle(io.BytesIO(pickle.dumps([value] * 10)), "x.pkl")


def test_shared_and_nested_containers():
    shared: list = [1]
    for _ in range(20):
        shared = [shared, shared]  # two to the power of twenty leaves, twenty-one lists
    assert read(pickle.dumps(shared))[0] is not None
    cycle: list = []
    cycle.append(cycle)
    with pytest.raises(AnatomyError, match="holds itself"):
        read(pickle.dumps(cycle))
    deep: list = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(AnatomyError, match="nested deeper than 50"):
        read(pickle.dumps(deep))


GOOD = pickle.dumps(ARCHIVE)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_pickles_load_or_are_refused(data):
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    # Python loads it for the texts of protocol 0, which damaged bytes may announce.
    codecs.lookup("raw_unicode_escape")
    modules = set(sys.modules)
    for damaged in (bytes(content), GOOD[:cut]):
        try:
            read(damaged)
        except AnatomyError as error:
            assert "\n" not in str(error)
        else:
            assert damaged != GOOD[:cut] or cut == len(GOOD)
    assert set(sys.modules) == modules


def test_missing_and_too_large_files(tmp_path, monkeypatch):
    with pytest.raises(AnatomyError, match="no such file"):
        load_plain_pickle(tmp_path / "none.pkl")
    path = tmp_path / "score.pkl"
    path.write_bytes(GOOD)
    assert same(load_plain_pickle(path), ARCHIVE)
    limit = dataclasses.replace(plain_pickle.PICKLE_BYTES, most=10)
    monkeypatch.setattr(plain_pickle, "PICKLE_BYTES", limit)
    with pytest.raises(AnatomyError, match="at most 10 bytes"):
        load_plain_pickle(path)
