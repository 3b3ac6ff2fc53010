"""A server of files on this machine, which knows ranges and versions as those of models do."""

import contextlib
import hashlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any


class FileServer:
    """Serves files on a port of the loopback.

    Attributes:
        files: name to content.
        requests: what was asked: name and the ``Range`` asked for.
        break_after: bytes of an answer after which the connection ends, for the next answers.
        versions: whether it marks a file's version.
        raw: whole answers, heads and bodies, for the next requests.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.break_after: list[int] = []
        self.versions = True
        self.raw: list[bytes] = []
        self.address = ""

    def url(self, name: str) -> str:
        return f"{self.address}/models/{name}"


@contextlib.contextmanager
def file_server() -> Iterator[FileServer]:
    served = FileServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            wanted = self.headers.get("Range")
            served.requests.append((name, wanted))
            if served.raw:
                self.wfile.write(served.raw.pop(0))
                return
            content = served.files.get(name)
            if content is None:
                self.send_error(404)
                return
            tag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'
            start = 0
            if wanted and self.headers.get("If-Range") == tag:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content) > 0:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            if start:
                range_ = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", range_)
            if served.versions:
                self.send_header("ETag", tag)
            self.end_headers()
            part = content[start:]
            if served.break_after:
                part = part[: served.break_after.pop(0)]
            self.wfile.write(part)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
