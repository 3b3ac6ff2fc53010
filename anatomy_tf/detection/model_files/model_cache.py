"""The cache folder of the detectors' model files, each fetched once and checked at every use."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file, atomic_path
from anatomy_tf.files.download import download, name_of_address
from anatomy_tf.files.folder_lock import folder_lock
from anatomy_tf.files.guard import reading
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import DOWNLOAD_BYTES
from anatomy_tf.files.paths import is_there

CACHE_VARIABLE = "ANATOMY_TF_CACHE"
"""Variable that names the folder of ``detectors``; by default ``~/.cache/anatomy_tf``."""

MIRROR_VARIABLE = "ANATOMY_TF_DETECTOR_MIRROR"
"""Variable that names an address with all files by name, used instead of the files' own."""

_CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]
"""Function called with a file's name, the bytes fetched, and the file's bytes, 0 if unknown."""


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """A file that a detector runs.

    Attributes:
        addresses: where it is fetched; the next is tried where one cannot be reached. From a zip
            archive the one member with the file's suffix is taken.
        name: the file's name in the cache.
        otherwise: function of the path that makes the file where no address can be reached.
        folder: folder in the cache, for files whose names other files may have.
    """

    addresses: tuple[str, ...]
    name: str
    otherwise: Callable[[Path], None] | None = None
    folder: str = ""

    @classmethod
    def at(cls, *addresses: str, suffix: str = "") -> ModelFile:
        """Return the file at an address, or the file in a zip archive there.

        Args:
            *addresses: http or https; the first names the file.
            suffix: suffix of the file in a zip archive.
        """
        name = name_of_address(addresses[0])
        if suffix and name.endswith(".zip"):
            name = name.removesuffix(".zip") + suffix
        return cls(addresses, name)

    @classmethod
    def of_user(cls, address: str) -> ModelFile:
        """Return the network at a user's address, in a folder of its own."""
        folder = hashlib.sha256(address.encode()).hexdigest()[:8]
        return dataclasses.replace(cls.at(address, suffix=".onnx"), folder=folder)

    @property
    def published(self) -> str:
        """Name of the published file at the first address."""
        return name_of_address(self.addresses[0])


def cache_folder() -> Path:
    """Return the folder in which model files are kept.

    Raises:
        AnatomyError: when it lies in a home folder that the system does not know.
    """
    stated = os.environ.get(CACHE_VARIABLE)
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(stated or f"{caches}/anatomy_tf")
    try:
        return folder.expanduser() / "detectors"
    except RuntimeError:
        raise AnatomyError(
            f"{folder}: the home folder is not known; name a folder in {CACHE_VARIABLE}"
        ) from None


def cached_path(file: ModelFile) -> Path:
    """Return the path of a file in the cache, which may not exist yet."""
    return cache_folder() / file.folder / file.name


def fetched(file: ModelFile, progress: Progress | None = None) -> Path:
    """Return the path of a cached file, fetching the file if it is missing.

    Args:
        file: the file.
        progress: called while the file is fetched.

    Raises:
        AnatomyError: when it can neither be fetched nor made, naming it and where to put it; or
            when it differs from the file that was fetched first.
    """
    path = cached_path(file)
    if not is_there(path):
        with _locked(path.parent):
            # Meanwhile another process may have fetched it.
            if not is_there(path):
                _obtain(file, path, progress)
    _check(path)
    return path


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Make a folder of the cache and lock it, so that a file is fetched once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnatomyError(
            f"{folder}: cannot be made ({error.strerror or error}); name another folder in "
            f"{CACHE_VARIABLE}"
        ) from None
    with folder_lock(folder):
        yield


def _obtain(file: ModelFile, path: Path, progress: Progress | None) -> None:
    """Fetch a file, or make it where it cannot be fetched."""
    try:
        _fetch(file, path, progress)
    except AnatomyError as error:
        reason = str(error)
        if file.otherwise is not None:
            if progress is not None:
                progress(file.name, 0, 0)
            try:
                with atomic_path(path) as beside:
                    file.otherwise(beside)
            except AnatomyError as second:
                reason = f"{reason}; {second}"
        if not path.exists():
            raise AnatomyError(
                f"{file.published} is needed once: {reason}; put it into {path.parent}, or "
                "name a model file with --detector-model"
            ) from None


def _fetch(file: ModelFile, path: Path, progress: Progress | None) -> None:
    archive = path.with_name(file.published)
    mirror = os.environ.get(MIRROR_VARIABLE)
    addresses = [f"{mirror.rstrip('/')}/{file.published}"] if mirror else file.addresses

    def report(done: int, of: int) -> None:
        if progress is not None:
            progress(archive.name, done, of)

    failed: list[AnatomyError] = []
    # A person without a network may have put the archive there.
    for address in addresses if not archive.exists() else ():
        try:
            download(address, archive, report)
            break
        except AnatomyError as error:
            failed.append(error)
    if not archive.exists():
        raise failed[0]
    if archive != path:
        _unpack(archive, path)


def _unpack(archive: Path, path: Path) -> None:
    """Unpack the one member with the path's suffix and delete the archive."""
    suffix = path.suffix
    try:
        with reading(archive.name, "zip archive"), zipfile.ZipFile(archive) as content:
            members = [m for m in content.infolist() if PurePosixPath(m.filename).suffix == suffix]
            if len(members) != 1:
                raise AnatomyError(
                    f"{archive.name}: expected one {suffix} file in it, got {len(members)}"
                )
            DOWNLOAD_BYTES.check(members[0].file_size, f"{archive.name}: {members[0].filename}")
            with content.open(members[0]) as source, atomic_file(path) as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
    finally:
        archive.unlink(missing_ok=True)


def _check(path: Path) -> None:
    """Check that a file is the one that was fetched first, by its digest, which is recorded."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
        size = path.stat().st_size
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from None
    found: dict[str, Any] = {"size": size, "sha256": digest.hexdigest()}
    record = path.with_name(f"{path.name}.json")
    known = read_json(record) if record.exists() else {}
    expected = known.get("sha256") if isinstance(known, dict) else None
    if expected is not None and expected != found["sha256"]:
        raise AnatomyError(
            f"{path}: is not the file that was fetched first: {size} bytes, SHA-256 "
            f"{found['sha256']}, expected {expected}; delete it, or {record} to take it as it is"
        )
    if found != known:
        # A cache that only its owner can write keeps its files as they are.
        with contextlib.suppress(AnatomyError), atomic_file(record) as note:
            note.write(json.dumps(found).encode())
