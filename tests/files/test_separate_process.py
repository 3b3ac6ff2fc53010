import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import separate_process
from anatomy_tf.files.separate_process import read_apart

pytestmark = pytest.mark.slow


def doubled(path: str, factor: str = "2") -> dict[str, np.ndarray]:
    return {"values": float(factor) * np.array(Path(path).read_text().split(), float)}


def crashing(path: str) -> dict[str, np.ndarray]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def leaving(path: str) -> dict[str, np.ndarray]:
    raise SystemExit(1)


def refusing(path: str) -> dict[str, np.ndarray]:
    raise AnatomyError("of another version")


def endless(path: str) -> dict[str, np.ndarray]:
    time.sleep(60)
    return {}


def computing(path: str) -> dict[str, np.ndarray]:
    while True:
        pass


def greedy(path: str) -> dict[str, np.ndarray]:
    return {"values": np.ones(1 << 30)}


@pytest.fixture
def file(tmp_path, monkeypatch):
    # The other process finds this module, too.
    monkeypatch.syspath_prepend(Path(__file__).parent)
    path = tmp_path / "a.txt"
    path.write_text("1 2.5")
    return path


def test_arrays_come_from_a_process_of_their_own(file):
    assert read_apart(doubled, file, expected="list")["values"].tolist() == [2, 5]
    assert read_apart(doubled, file, "-3", expected="list")["values"].tolist() == [-3, -7.5]


def test_modules_in_the_current_folder_are_not_run(file, monkeypatch):
    for name in ("numpy", "anatomy_tf", "runpy"):
        (file.parent / f"{name}.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(file.parent)
    # What is no text is on some people's path; Python passes it over.
    monkeypatch.setattr(sys, "path", [*sys.path, Path("x")])
    assert read_apart(doubled, file, expected="list")["values"].tolist() == [2, 5]


@pytest.mark.parametrize(
    ("parser", "line"),
    [
        (crashing, r"a\.txt: not a readable list \(its reader ended with signal 11\)$"),
        (leaving, r"a\.txt: not a readable list \(its reader ended with code 1\)$"),
        (refusing, r"a\.txt: of another version$"),
    ],
)
def test_a_parser_that_fails_gives_one_line(file, parser, line):
    with pytest.raises(AnatomyError, match=line):
        read_apart(parser, file, expected="list")


def test_what_a_parser_raises_is_the_reason(file):
    file.write_text("x")
    with pytest.raises(AnatomyError, match=r"not a readable list \(ValueError: could not conv"):
        read_apart(doubled, file, expected="list")


def test_a_parser_that_does_not_come_to_its_end_is_ended(file, monkeypatch):
    monkeypatch.setattr(separate_process, "PATIENCE", 1.0)
    with pytest.raises(AnatomyError, match=r"a\.txt: .*did not come to its end in 1 s\)$"):
        read_apart(endless, file, expected="list")


def test_a_parser_that_computes_without_end_is_ended(file):
    begun = os.times()
    with pytest.raises(AnatomyError, match=r"a\.txt: .*did not come to its end in time\)$"):
        read_apart(computing, file, expected="list")
    spent = os.times()
    assert spent.children_user - begun.children_user < separate_process.SECONDS + 4


def test_a_parser_takes_no_more_memory_than_a_file_of_its_size_needs(file):
    with pytest.raises(AnatomyError, match=r"not a readable list .*Unable to allocate 8"):
        read_apart(greedy, file, expected="list")
