"""Downloads: resumed where they broke off, and visible under their name only when complete."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.folder_lock import folder_lock

TRIES = 3
"""Attempts to fetch a file when the connection breaks."""

PATIENCE = 30.0
"""Seconds to wait for an answer."""

_CHUNK = 1 << 18


def is_address(text: object) -> bool:
    """Return whether a text is an http or https address."""
    return str(text).startswith(("http://", "https://"))


def name_of_address(address: str) -> str:
    """Return the name of the file at an address.

    Raises:
        AnatomyError: when the address names no file.
    """
    name = urllib.parse.unquote(urllib.parse.urlsplit(address).path).rpartition("/")[2]
    if not name or name.startswith("."):
        raise AnatomyError(f"{address}: expected the address of a file")
    return name


def download(address: str, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Download a file, unless it is there.

    A partial download is kept beside it as ``NAME.part`` and is resumed as long as the server has
    the same version, whose mark (``ETag`` or ``Last-Modified``) is kept with it. Processes that
    download into the same folder wait for each other.

    Args:
        address: http or https.
        path: where to put it; missing folders are made.
        progress: called with the bytes downloaded so far and the file's size (0 if unknown).

    Raises:
        AnatomyError: when it cannot be fetched or written.
    """
    if not is_address(address):
        raise AnatomyError(f"{address}: expected an address that begins with http:// or https://")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(path.parent):
            if path.exists():
                return
            for attempt in range(1, TRIES + 1):
                try:
                    _fetch(address, path, progress)
                    return
                except (ConnectionError, TimeoutError, http.client.HTTPException):
                    if attempt == TRIES:
                        raise
    except urllib.error.HTTPError as error:
        reason = f"the server answers {error.code} {error.reason}"
    except urllib.error.URLError as error:
        reason = _said(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = _said(error)
    raise AnatomyError(f"{address}: cannot be fetched ({reason})")


def _fetch(address: str, path: Path, progress: Callable[[int, int], None] | None) -> None:
    part, mark = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.version")
    known = mark.read_text(encoding="ascii") if part.exists() and mark.exists() else ""
    there = part.stat().st_size if known else 0
    request = urllib.request.Request(address, headers={"User-Agent": "anatomy_tf"})
    if there:
        request.add_header("Range", f"bytes={there}-")
        # Another version of the file is sent from its beginning.
        request.add_header("If-Range", known)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        # The part was already complete, or belongs to another file.
        part.unlink()
        raise ConnectionError("begins anew") from None
    with answer:
        goes_on = answer.status == HTTPStatus.PARTIAL_CONTENT
        there = there if goes_on else 0
        length = answer.headers.get("Content-Length")
        total = there + int(length) if length else 0
        # A weak mark does not tell whether two versions are the same to the byte.
        tag = answer.headers.get("ETag", "W/")
        known = answer.headers.get("Last-Modified", "") if tag.startswith("W/") else tag
        mark.write_text(known, encoding="ascii")
        with part.open("ab" if goes_on else "wb") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                there += len(chunk)
                if progress is not None:
                    progress(there, total)
    if total and there < total:
        raise ConnectionError(f"ends after {there} of {total} bytes")
    part.replace(path)
    mark.unlink()


def _said(error: Any) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
