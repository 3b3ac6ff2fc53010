import csv
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import number_array


class OfALibraryError(Exception):
    """Such as protobuf's, which is no built-in exception."""


def raising(error: Exception) -> None:
    raise error


FAULTS = {
    "no zip": lambda: zipfile.ZipFile(__file__),
    "damaged zlib": lambda: zlib.decompress(b"x"),
    "no JSON": lambda: json.loads("{"),
    "deep JSON": lambda: json.loads("[" * 100_000),
    "huge number": lambda: float(10**400),
    "many digits": lambda: int("1" * 5000),
    "cut off": lambda: struct.unpack("<i", b"x"),
    "a quote that never ends": lambda: list(csv.reader(['"' + "x" * 200_000])),
    "no memory": lambda: np.empty(1 << 60),
    "the system": lambda: open("/nowhere/at/all"),  # noqa: PTH123, SIM115
    "a library's own": lambda: raising(OfALibraryError("of another version\nand more")),
    "a library's type error": lambda: json.loads(3),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_whatever_a_library_raises_is_one_line(fault):
    with pytest.raises(AnatomyError, match=r"^a\.xyz: ") as caught, reading("a.xyz", "xyz file"):
        fault()
    assert str(caught.value).isprintable()


def test_our_own_line_stays():
    with pytest.raises(AnatomyError, match=r"^frame 3 is wrong$"), reading("a.xyz", "xyz file"):
        raise AnatomyError("frame 3 is wrong")


def test_a_programming_error_shows():
    wrong = None
    with pytest.raises(TypeError), reading("a.xyz", "xyz file"):
        # Called with a shape that is none: the fault is the caller's, in this package's code.
        number_array([1.0], wrong, "a")


def test_an_error_prints_on_one_line():
    assert str(AnatomyError("a\nb\x1b[1m\ud800é")) == r"a b\x1b[1m\ud800é"
