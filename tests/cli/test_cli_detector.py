import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, file_server

from anatomy_tf.cli.main import main
from anatomy_tf.detection import DETECTORS
from anatomy_tf.detection.model_files.model_cache import CACHE_VARIABLE, MIRROR_VARIABLE, ModelFile
from anatomy_tf.detection.registry import DetectorEntry


@pytest.fixture(autouse=True)
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """Detectors "dots" with two model files and "stripes", which is not installed."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    with file_server() as served:
        served.files |= {"a.onnx": b"a" * 1_200_000, "b.onnx": b"b"}
        files = tuple(ModelFile.at(served.url(name)) for name in served.files)
        unused = types.SimpleNamespace
        entries = {
            "dots": DetectorEntry("numpy", None, unused, lambda: files),
            "own": DetectorEntry("numpy", None, unused, lambda: ()),
            "stripes": DetectorEntry("no_such_package", "stripes", unused, lambda: files),
        }
        monkeypatch.setattr("anatomy_tf.detection.registry.DETECTORS", entries)
        yield served


def run(*arguments: str) -> int:
    return main(["detector", *arguments])


def test_list(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "dots: installed",
        "  a.onnx: not fetched yet",
        "  b.onnx: not fetched yet",
        "own: installed, its models are yours (--detector-model)",
        'stripes: not installed (pip install "anatomy_tf[stripes]")',
        f"Model files are kept in {tmp_path / 'detectors'}",
    ]
    assert run("fetch", "dots") == 0 and run("list") == 0
    assert "  a.onnx: 1.2 MB\n" in capsys.readouterr().out


def test_fetch(capsys: pytest.CaptureFixture[str], tmp_path: Path, server: FileServer) -> None:
    folder = tmp_path / "detectors"
    assert run("fetch", "dots") == 0
    assert capsys.readouterr() == (
        "Fetched a.onnx\nFetched b.onnx\n"
        f"{folder / 'a.onnx'}: 1.2 MB\n{folder / 'b.onnx'}: 0.0 MB\n",
        "",
    )
    assert run("fetch", "dots") == 0
    assert "Fetched" not in capsys.readouterr().out and len(server.requests) == 2
    assert run("fetch", "own") == 0
    assert "own fetches its models itself, or you name yours" in capsys.readouterr().out


def test_where(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "detectors"
    assert run("where") == 0
    assert capsys.readouterr().out == f"{folder}\n"
    assert run("where", "dots") == 0
    assert capsys.readouterr().out == f"{folder / 'a.onnx'}\n{folder / 'b.onnx'}\n"


@pytest.mark.parametrize("verb", ["fetch", "where"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("eyes", "unknown detector 'eyes'; known are dots, own, stripes"),
        ("stripes", 'no_such_package, which is not installed: pip install "anatomy_tf[stripes]"'),
    ],
)
def test_detectors_that_are_not_there(
    capsys: pytest.CaptureFixture[str], verb: str, name: str, message: str
) -> None:
    assert run(verb, name) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1


def test_offline_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, server: FileServer
) -> None:
    server.files.clear()
    assert run("fetch", "dots") == 2
    err = capsys.readouterr().err
    assert err.startswith("anatomy-tf: error: a.onnx is needed once: http://127.0.0.1:")
    assert f"put it into {tmp_path / 'detectors'}, or name" in err and err.count("\n") == 1


def test_the_real_ones_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("anatomy_tf.detection.registry.DETECTORS", DETECTORS)
    assert run("list") == 0
    names = [line.split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert [name for name in names if name in DETECTORS] == list(DETECTORS)
