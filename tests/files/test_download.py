import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from file_server import FileServer, file_server

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import download as module
from anatomy_tf.files.download import TRIES, download, is_address, name_of_address
from anatomy_tf.files.limits import Limit

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
    path = tmp_path / "m.onnx"
    calls: list[tuple[int, int]] = []
    download(server.url("m.onnx"), path, lambda done, of: calls.append((done, of)))
    assert path.read_bytes() == CONTENT
    assert left(path.parent) == ["m.onnx"]
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
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
    calls: list[tuple[int, int]] = []
    download(server.url("m.onnx"), path, lambda done, of: calls.append((done, of)))
    assert path.read_bytes() == CONTENT[::-1]
    assert calls[-1] == (len(CONTENT), len(CONTENT))


def test_a_part_is_never_taken_for_one_of_another_version(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.onnx"
    server.break_after = [1000, 1000, 1000]
    with pytest.raises(AnatomyError):
        download(server.url("m.onnx"), path)
    server.files["m.onnx"] = CONTENT[::-1]
    opened = Path.open

    def killed(self: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if self.suffix == ".part" and "w" in mode:
            raise KeyboardInterrupt
        return opened(self, mode, *rest, **named)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "open", killed)
        download(server.url("m.onnx"), path)
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


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *lines, "")).encode("latin-1")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (head("Content-Type: text/html; charset=utf-8") + b"sign in", "sends a web page in"),
        (head() + b"\n<!DOCTYPE html>", "a web page or message in place of the file"),
        (head() + b'{"error": "no"}', "a web page or message in place of the file"),
        (head("Content-Encoding: gzip") + b"\x1f\x8b", r"packed \(gzip\), which was not asked for"),
        (head(), "expected a download of 1 to 4,294,967,296 bytes, got 0"),
        (head("Content-Length: 9000000000") + b"x", "4,294,967,296 bytes, got 9,000,000,000"),
        (head("Location: ftp://127.0.0.1:1/m", status="302 Found"), "Connection refused"),
        (head(status="416 No Range"), "the server answers 416 No Range"),
    ],
)
def test_what_is_not_the_file_leaves_nothing(
    server: FileServer, tmp_path: Path, answer: bytes, said: str
) -> None:
    server.raw = [answer] * TRIES
    with pytest.raises(AnatomyError, match=said):
        download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert left(tmp_path) == []


def test_an_endless_body_ends_at_the_limit(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DOWNLOAD_BYTES", Limit("a download", 1, 700_000, "bytes"))
    server.raw = [head() + CONTENT]
    with pytest.raises(AnatomyError, match="expected a download of 1 to 700,000 bytes, got"):
        download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    "lines",
    [
        (f"Content-Range: bytes 1500-{len(CONTENT) - 1}/{len(CONTENT)}",),
        (f"Content-Range: bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}", 'ETag: "other"'),
        ("Content-Type: multipart/byteranges; boundary=x",),
        (),
    ],
)
def test_another_part_than_asked_for_is_not_added(
    server: FileServer, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    begun = head('ETag: "a"', f"Content-Length: {len(CONTENT)}") + CONTENT[:1000]
    server.raw = [begun, head(*lines, status="206 Partial Content") + CONTENT[1000:]]
    download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [None, "bytes=1000-", None]


def test_a_part_that_was_not_asked_for_is_refused(server: FileServer, tmp_path: Path) -> None:
    part = head("Content-Range: bytes 0-9/20", status="206 Partial Content") + CONTENT[:10]
    server.raw = [part] * TRIES
    with pytest.raises(AnatomyError, match="sends another part than it was asked for"):
        download(server.url("m.onnx"), tmp_path / "m.onnx")


def test_a_version_of_any_letters_is_gone_on_with(server: FileServer, tmp_path: Path) -> None:
    server.raw = [head('ETag: "h\xe4"', f"Content-Length: {len(CONTENT)}") + CONTENT[:1000]]
    download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == CONTENT
    (tmp_path / "m.onnx").unlink()
    (tmp_path / "m.onnx.part").write_bytes(b"part")
    (tmp_path / "m.onnx.version").write_bytes(b"\0\n\xff")
    download(server.url("m.onnx"), tmp_path / "m.onnx")
    assert left(tmp_path) == ["m.onnx"] and server.requests[-1] == ("m.onnx", None)


def test_a_slow_drip_counts_as_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with contextlib.suppress(OSError):
                for _ in range(TRIES):
                    connection, _ = listening.accept()
                    with contextlib.suppress(OSError), connection:
                        connection.sendall(head("Content-Length: 1000"))
                        while True:
                            connection.sendall(b"x")
                            time.sleep(0.05)

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(AnatomyError, match=r"only \d bytes came in 0.2 s"):
            download(f"http://127.0.0.1:{listening.getsockname()[1]}/m", tmp_path / "m")
        dripping.join()


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
    with pytest.raises(AnatomyError, match=r"file/m.onnx.part: cannot be written \(Not a dir"):
        download(server.url("m.onnx"), tmp_path / "file" / "m.onnx")


def test_addresses() -> None:
    assert is_address("https://a.example/m.onnx") and not is_address("m.onnx")
    assert name_of_address("https://a.example/x/m%20n.zip?token=1#top") == "m n.zip"
    for nameless in ("https://a.example/", "https://a.example", "https://a.example/.."):
        with pytest.raises(AnatomyError, match="expected the address of a file"):
            name_of_address(nameless)
    with pytest.raises(AnatomyError, match=r"\[::1/m: expected an address \(Invalid IPv6"):
        name_of_address("https://[::1/m")
