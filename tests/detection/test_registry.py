"""Which detector is taken, and where its models come from; packages are stand-ins."""

import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from dotted_people import DotDetector
from file_server import FileServer, file_server

from anatomy_tf.detection import DETECTORS, default_detector, load_detector
from anatomy_tf.detection.model_files.model_cache import CACHE_VARIABLE, MIRROR_VARIABLE, ModelFile
from anatomy_tf.detection.registry import DetectorEntry, model_files
from anatomy_tf.errors import AnatomyError


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Of the detectors' packages, these alone."""
    for entry in DETECTORS.values():
        there = types.ModuleType(entry.package) if entry.package in names else None
        monkeypatch.setitem(sys.modules, entry.package, there)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    with file_server() as served:
        yield served


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, server: FileServer) -> list[Sequence[Path]]:
    """What the detector "dots", which fetches two files, was made of."""
    calls: list[Sequence[Path]] = []

    def make(models: Sequence[Path], people: int) -> DotDetector:
        calls.append(models)
        return DotDetector()

    server.files |= {"a.onnx": b"a", "b.onnx": b"b"}
    files = tuple(ModelFile.at(server.url(name)) for name in server.files)
    entry = DetectorEntry("numpy", None, make, lambda: files)
    monkeypatch.setitem(DETECTORS, "dots", entry)
    return calls


def test_rtmlib_goes_before_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "mediapipe", "rtmlib", "ultralytics")
    assert default_detector() == "rtmlib"
    install(monkeypatch, "mediapipe", "mmpose")
    assert default_detector() == "mediapipe"


def test_without_any_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "ultralytics")  # whose models nobody fetches
    with pytest.raises(AnatomyError) as error:
        default_detector()
    assert str(error.value) == (
        "finding people in a video needs rtmlib or mediapipe, and none is installed: "
        'pip install "anatomy_tf[video]"'
    )


def test_models_are_fetched_unless_somebody_brings_others(
    made: list[Sequence[Path]], server: FileServer, tmp_path: Path
) -> None:
    load_detector("dots")
    assert [path.read_bytes() for path in made[0]] == [b"a", b"b"]
    assert [path.name for path in model_files("dots")] == ["a.onnx", "b.onnx"]
    own = tmp_path / "own.onnx"
    own.touch()
    load_detector("dots", own)
    assert made[1] == [own]
    assert len(server.requests) == 2


def test_a_model_at_an_address(made: list[Sequence[Path]], server: FileServer) -> None:
    server.files["own.onnx"] = b"own"
    other = f"{server.address}/elsewhere/a.onnx"  # named like one that the detector fetches
    load_detector("dots")
    load_detector("dots", [server.url("own.onnx"), other])
    assert [path.read_bytes() for path in made[1]] == [b"own", b"a"]
    assert len({*made[0], *made[1]}) == 4
    load_detector("dots", [server.url("own.onnx"), other])
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rtmlib", r'rtmlib, which is not installed: pip install "anatomy_tf\[rtmlib\]"'),
        ("mediapipe", r'mediapipe, which is not .*: pip install "anatomy_tf\[mediapipe\]"'),
        ("ultralytics", "ultralytics, which is not installed: pip install ultralytics$"),
        ("mmpose", "mmpose, which is not installed: pip install mmpose$"),
    ],
)
def test_a_package_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    install(monkeypatch)
    with pytest.raises(AnatomyError, match=message):
        load_detector(name)
    with pytest.raises(AnatomyError, match=message):
        model_files(name)


def test_unknown_names_and_numbers(made: list[Sequence[Path]]) -> None:
    with pytest.raises(AnatomyError, match="unknown detector 'eyes'; known are rtmlib, mediapipe"):
        load_detector("eyes")
    with pytest.raises(AnatomyError, match="at least one person to look for, got 0"):
        load_detector("dots", people=0)
    with pytest.raises(AnatomyError, match=r"x.onnx: no such file"):
        load_detector("dots", "x.onnx")
