"""Downloads: resumed where they broke off, and visible under their name only when complete."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import DOWNLOAD_BYTES

TRIES = 3
"""Attempts to fetch a file when the connection breaks."""

PATIENCE = 30.0
"""Seconds to wait for an answer, and over which the rate of a download is measured."""

SLOWEST = 1000
"""Bytes a second; a connection that brings fewer counts as broken."""

_CHUNK = 1 << 18

_MESSAGES = (b"<", b"{")
"""Beginnings of pages and JSON, which no binary file that is fetched here has."""


def is_address(text: object) -> bool:
    """Return whether a text is an http or https address."""
    return str(text).startswith(("http://", "https://"))


def name_of_address(address: str) -> str:
    """Return the name of the file at an address.

    Raises:
        AnatomyError: when the address names no file.
    """
    try:
        name = urllib.parse.unquote(urllib.parse.urlsplit(address).path).rpartition("/")[2]
    except ValueError as error:
        raise AnatomyError(f"{address}: expected an address ({error})") from None
    if not name or name.startswith("."):
        raise AnatomyError(f"{address}: expected the address of a file")
    return name


def download(address: str, path: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Download a file into an existing folder.

    A partial download is kept beside it as ``NAME.part`` and is resumed as long as the server has
    the same version, whose mark (``ETag`` or ``Last-Modified``) is kept with it. One process at a
    time may download to a path (``folder_lock``).

    Args:
        address: http or https; an https address is never left for http.
        path: where to put it.
        progress: called with the bytes downloaded so far and the file's size (0 if unknown).

    Raises:
        AnatomyError: when it cannot be fetched or written, is empty or larger than
            ``DOWNLOAD_BYTES``, or is a web page or message in the file's place.
    """
    if not is_address(address):
        raise AnatomyError(f"{address}: expected an address that begins with http:// or https://")
    try:
        for attempt in range(1, TRIES + 1):
            try:
                _fetch(address, path, progress)
                return
            except (ConnectionError, TimeoutError, http.client.HTTPException):
                if attempt == TRIES:
                    raise
    except AnatomyError:
        raise
    except urllib.error.HTTPError as error:
        reason = f"the server answers {error.code} {error.reason}"
    except urllib.error.URLError as error:
        reason = _said(error.reason)
    except OSError as error:
        if error.filename is not None:
            raise AnatomyError(f"{error.filename}: cannot be written ({_said(error)})") from None
        reason = _said(error)
    except (http.client.HTTPException, ValueError, OverflowError) as error:
        reason = _said(error)
    raise AnatomyError(f"{address}: cannot be fetched ({reason})")


def _fetch(address: str, path: Path, progress: Callable[[int, int], None] | None) -> None:
    part, mark = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.version")
    known = mark.read_text(encoding="latin-1") if part.exists() and mark.exists() else ""
    # What a damaged disk left is no header.
    there = part.stat().st_size if known and known.isprintable() else 0
    request = urllib.request.Request(address, headers={"User-Agent": "anatomy_tf"})
    if there:
        request.add_header("Range", f"bytes={there}-")
        # Another version of the file is sent from its beginning.
        request.add_header("If-Range", known)
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not there:
            raise
        # The part was already complete, or belongs to another file.
        part.unlink()
        raise ConnectionError("begins anew") from None
    with answer:
        _check_answer(answer, address)
        goes_on = answer.status == HTTPStatus.PARTIAL_CONTENT
        if goes_on and not _continues(answer, there, known):
            part.unlink(missing_ok=True)
            raise ConnectionError("the server sends another part than it was asked for")
        there = there if goes_on else 0
        total = there + answer.length if answer.length else 0
        if total:
            DOWNLOAD_BYTES.check(total, address)
        chunk = answer.read1(_CHUNK)
        if not there and chunk.lstrip().startswith(_MESSAGES):
            raise ValueError("the server sends a web page or message in place of the file")
        with part.open("ab" if goes_on else "wb") as file:
            # After the old part is emptied, so that it is never taken for one of this version.
            mark.write_text(_version(answer), encoding="latin-1")
            begun, came = time.monotonic(), 0
            while chunk:
                file.write(chunk)
                there += len(chunk)
                came += len(chunk)
                if progress is not None:
                    progress(there, total)
                if not DOWNLOAD_BYTES.holds(there):
                    break
                if time.monotonic() - begun > PATIENCE:
                    if came < SLOWEST * PATIENCE:
                        raise TimeoutError(f"only {came} bytes came in {PATIENCE:g} s")
                    begun, came = time.monotonic(), 0
                chunk = answer.read1(_CHUNK)
    if total and there < total:
        raise ConnectionError(f"ends after {there} of {total} bytes")
    try:
        DOWNLOAD_BYTES.check(there, address)
    except AnatomyError:
        part.unlink()
        mark.unlink()
        raise
    part.replace(path)
    mark.unlink()


def _check_answer(answer: Any, address: str) -> None:
    """Raise ``ValueError`` for an answer that is not the file, or not of the address's safety."""
    if not answer.url.startswith(("https://", address.partition("://")[0] + "://")):
        raise ValueError(f"it is sent on to {answer.url}")
    packed = answer.headers.get("Content-Encoding", "identity")
    if packed != "identity":
        raise ValueError(f"the server sends it packed ({packed}), which was not asked for")
    if answer.headers.get_content_type() == "text/html":
        raise ValueError("the server sends a web page in place of the file")


def _continues(answer: Any, there: int, known: str) -> bool:
    """Return whether an answer is the rest of the version of which ``there`` bytes are known."""
    place = re.match(r"bytes ([0-9]{1,18})-", answer.headers.get("Content-Range", ""))
    begins = place is not None and int(place[1]) == there > 0
    return begins and _version(answer) in ("", known)


def _version(answer: Any) -> str:
    """Return the mark of a version, or nothing where the server gives none that is exact."""
    # A weak mark does not tell whether two versions are the same to the byte.
    tag = answer.headers.get("ETag", "W/")
    return str(answer.headers.get("Last-Modified", "") if tag.startswith("W/") else tag)


def _said(error: Any) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
