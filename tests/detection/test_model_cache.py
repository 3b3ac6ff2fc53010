import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from file_server import FileServer, file_server

from anatomy_tf.detection.model_files.model_cache import (
    CACHE_VARIABLE,
    MIRROR_VARIABLE,
    ModelFile,
    cache_folder,
    cached_path,
    fetched,
)
from anatomy_tf.errors import AnatomyError

CONTENT = b"a network" * 1000
OTHER = b"another network" * 1000


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as served:
        served.files["m.task"] = CONTENT
        yield served


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(MIRROR_VARIABLE, raising=False)
    return tmp_path / "cache" / "detectors"


def zipped(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return content.getvalue()


def test_folder(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    assert cache_folder() == cache
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/anatomy_tf/detectors")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache/anatomy_tf/detectors"
    monkeypatch.setenv(CACHE_VARIABLE, "~nobody-of-this-name/models")
    with pytest.raises(AnatomyError, match="home folder is not known"):
        cache_folder()


def test_a_file_is_fetched_once_and_noted(server: FileServer, cache: Path) -> None:
    file = ModelFile.at(server.url("m.task"))
    calls: list[tuple[str, int, int]] = []
    path = fetched(file, lambda *state: calls.append(state))
    assert path == cached_path(file) == cache / "m.task"
    assert path.read_bytes() == CONTENT
    assert calls[-1] == ("m.task", len(CONTENT), len(CONTENT))
    assert json.loads((cache / "m.task.json").read_text())["size"] == len(CONTENT)
    assert fetched(file) == path and len(server.requests) == 1


def test_an_archive_is_unpacked(server: FileServer, cache: Path) -> None:
    server.files["pose.zip"] = zipped(sdk__end2end_onnx=CONTENT, sdk__detail_json=b"{}")
    path = fetched(ModelFile.at(server.url("pose.zip"), suffix=".onnx"))
    assert path == cache / "pose.onnx" and path.read_bytes() == CONTENT
    assert sorted(p.name for p in cache.iterdir()) == ["pose.onnx", "pose.onnx.json"]


def test_archives_that_do_not_hold_one_model(server: FileServer, cache: Path) -> None:
    file = ModelFile.at(server.url("pose.zip"), suffix=".onnx")
    server.files["pose.zip"] = zipped(a_onnx=b"", b_onnx=b"")
    with pytest.raises(AnatomyError, match=r"expected one \.onnx file in it, got 2"):
        fetched(file)
    server.files["pose.zip"] = b"no archive"
    with pytest.raises(AnatomyError, match=r"pose\.zip: not a readable zip archive"):
        fetched(file)
    # Its numbers are damaged, not its table of contents.
    damaged = bytearray(zipped(a_onnx=bytes(range(256)) * 40))
    damaged[60:100] = bytes(40)
    server.files["pose.zip"] = bytes(damaged)
    with pytest.raises(AnatomyError, match=r"pose\.zip: not a readable zip archive"):
        fetched(file)
    server.files["pose.zip"] = zipped(a_onnx=b"")
    with pytest.raises(AnatomyError, match=r"a\.onnx: expected a download of 1 to .* got 0"):
        fetched(file)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("name", ["m.task", "pose.zip"])
def test_two_who_want_it_fetch_it_once(server: FileServer, name: str) -> None:
    server.files["pose.zip"] = zipped(end2end_onnx=CONTENT)
    file = ModelFile.at(server.url(name), suffix=".onnx")
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(fetched, [file] * 8))
    assert {path.read_bytes() for path in paths} == {CONTENT} and len(server.requests) == 1


def test_a_cache_that_cannot_be_made(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AnatomyError, match=r"cannot be read .*File name too long"):
        fetched(ModelFile.at(server.url("m" * 300)))
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(AnatomyError, match=rf"cannot be made .* folder in {CACHE_VARIABLE}"):
        fetched(ModelFile.at(server.url("m.task")))


def test_a_cache_that_cannot_be_written_is_read(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(parents=True)
    (cache / "m.task").write_bytes(CONTENT)

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert fetched(ModelFile.at("http://nowhere.invalid/m.task")).read_bytes() == CONTENT


def test_another_content_is_refused(server: FileServer, cache: Path) -> None:
    file = ModelFile.at(server.url("m.task"))
    path = fetched(file)
    path.write_bytes(OTHER)
    with pytest.raises(
        AnatomyError, match=r"m.task: is not the file that was fetched first: 15000"
    ):
        fetched(file)
    # Fetched again, it must be the same, too.
    path.unlink()
    server.files["m.task"] = OTHER
    with pytest.raises(AnatomyError, match="not the file that was fetched first"):
        fetched(file)
    (cache / "m.task.json").unlink()
    assert fetched(file).read_bytes() == OTHER


def test_a_file_that_somebody_put_there(cache: Path) -> None:
    cache.mkdir(parents=True)
    (cache / "m.task").write_bytes(CONTENT)
    assert fetched(ModelFile.at("http://nowhere.invalid/m.task")).read_bytes() == CONTENT
    (cache / "pose.zip").write_bytes(zipped(end2end_onnx=OTHER))
    archive = ModelFile.at("http://nowhere.invalid/pose.zip", suffix=".onnx")
    assert fetched(archive).read_bytes() == OTHER


def test_a_mirror_takes_the_addresses_place(
    server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, f"{server.address}/flat/")
    file = ModelFile.at("https://nowhere.invalid/a/b/m.task")
    assert fetched(file).read_bytes() == CONTENT


def test_the_next_address_where_one_cannot_be_reached(server: FileServer) -> None:
    file = ModelFile.at(server.url("missing.task"), server.url("m.task"))
    assert fetched(file).name == "missing.task"
    assert [name for name, _ in server.requests] == ["missing.task", "m.task"]


def test_offline_the_file_and_its_place_are_named(server: FileServer, cache: Path) -> None:
    file = ModelFile.at(server.url("pose.zip"), server.url("second.zip"), suffix=".onnx")
    with pytest.raises(AnatomyError) as error:
        fetched(file)
    text = str(error.value)
    address = server.url("pose.zip")
    assert text.startswith(f"pose.zip is needed once: {address}: ") and "\n" not in text
    assert f"put it into {cache}, or name a model file with --detector-model" in text


def test_made_otherwise_where_it_cannot_be_fetched(server: FileServer, cache: Path) -> None:
    def make(path: Path) -> None:
        path.write_bytes(OTHER)

    def fail(path: Path) -> None:
        raise AnatomyError("no pip")

    file = dataclasses.replace(ModelFile.at(server.url("missing.task")), otherwise=make)
    calls: list[tuple[str, int, int]] = []
    assert fetched(file, lambda *state: calls.append(state)).read_bytes() == OTHER
    assert calls == [("missing.task", 0, 0)]
    file = dataclasses.replace(ModelFile.at(server.url("gone.task")), otherwise=fail)
    with pytest.raises(AnatomyError, match=r"gone.task is needed once: .* 404.*; no pip; put it"):
        fetched(file)
    assert not (cache / "gone.task").exists()
