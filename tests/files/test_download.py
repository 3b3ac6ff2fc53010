import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer, file_server

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.download import download, is_address, name_of_address

CONTENT = bytes(range(256)) * 4000
"""About a megabyte, several chunks."""


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as served:
        served.files["m.onnx"] = CONTENT
        yield served


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "new" / "m.onnx"
    calls: list[tuple[int, int]] = []
    download(server.url("m.onnx"), path, lambda done, of: calls.append((done, of)))
    assert path.read_bytes() == CONTENT
    assert left(path.parent) == ["m.onnx"]
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    # Once and for all.
    download(server.url("m.onnx"), path)
    assert server.requests == [("m.onnx", None)]


def test_a_broken_connection_goes_on_where_it_broke(server: FileServer, tmp_path: Path) -> None:
    server.break_after = [300_000, 200_000]
    download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [None, "bytes=300000-", "bytes=500000-"]


def test_the_next_run_goes_on_where_the_last_broke(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(AnatomyError, match="ends after 3000 of 1024000 bytes"):
        download(server.url("m.onnx"), path)
    assert left(tmp_path) == ["m.onnx.part", "m.onnx.version"]
    download(server.url("m.onnx"), path)
    assert path.read_bytes() == CONTENT
    assert server.requests[-1] == ("m.onnx", "bytes=3000-")
    assert left(tmp_path) == ["m.onnx"]


@pytest.mark.parametrize("marked", [True, False])
def test_another_version_begins_anew(server: FileServer, tmp_path: Path, marked: bool) -> None:
    path = tmp_path / "m.onnx"
    server.versions = marked
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(AnatomyError):
        download(server.url("m.onnx"), path)
    server.files["m.onnx"] = CONTENT[::-1]
    download(server.url("m.onnx"), path)
    assert path.read_bytes() == CONTENT[::-1]


def test_all_had_come_but_the_name(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(AnatomyError):
        download(server.url("m.onnx"), path)
    path.with_name("m.onnx.part").write_bytes(CONTENT)
    download(server.url("m.onnx"), path)
    assert path.read_bytes() == CONTENT


def test_two_who_want_it_fetch_it_once(server: FileServer, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    both = [threading.Thread(target=download, args=(server.url("m.onnx"), path)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert path.read_bytes() == CONTENT and len(server.requests) == 1


def test_what_cannot_be_fetched_is_one_line(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"no.onnx: cannot be fetched \(.* answers 404 Not F"):
        download(server.url("no.onnx"), tmp_path / "no.onnx")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/m.onnx"
        with pytest.raises(AnatomyError, match=r"cannot be fetched \(Connection refused\)"):
            download(nobody, tmp_path / "m.onnx")
    with pytest.raises(AnatomyError, match="begins with http"):
        download("file:///etc/passwd", tmp_path / "m.onnx")
    assert left(tmp_path) == []
    (tmp_path / "file").touch()
    with pytest.raises(AnatomyError, match=r"cannot be fetched \((File exists|Not a directory)"):
        download(server.url("m.onnx"), tmp_path / "file" / "m.onnx")


def test_addresses() -> None:
    assert is_address("https://a.example/m.onnx") and not is_address("m.onnx")
    assert name_of_address("https://a.example/x/m%20n.zip?token=1#top") == "m n.zip"
    for nameless in ("https://a.example/", "https://a.example", "https://a.example/.."):
        with pytest.raises(AnatomyError, match="expected the address of a file"):
            name_of_address(nameless)
