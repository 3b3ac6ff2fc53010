"""The folder of the detectors' model files, each fetched once and checked ever after."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file, atomic_path
from anatomy_tf.files.download import download, name_of_address
from anatomy_tf.files.json_file import read_json

CACHE_VARIABLE = "ANATOMY_TF_CACHE"
"""Names the folder in which the folder ``detectors`` is; by default ``~/.cache/anatomy_tf``."""

MIRROR_VARIABLE = "ANATOMY_TF_DETECTOR_MIRROR"
"""Names an address under which the files are, by their names alone, instead of their own ones."""

_CHUNK = 1 << 20

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that are there and those of the file, 0 if unknown."""


@dataclasses.dataclass(frozen=True)
class ModelFile:
    """A file that a detector runs.

    Attributes:
        addresses: where it is fetched, the next where one cannot be reached. Of a zip archive the
            one member of the file's suffix counts.
        name: of the file in the cache.
        sha256: of the file in the cache, where its publisher states it. Otherwise the file that is
            fetched first is the right one.
        otherwise: makes the file where its address cannot be reached: gets the path.
        folder: of the cache, for files whose names other files may have.
    """

    addresses: tuple[str, ...]
    name: str
    sha256: str = ""
    otherwise: Callable[[Path], None] | None = None
    folder: str = ""

    @classmethod
    def at(cls, *addresses: str, suffix: str = "") -> ModelFile:
        """The file at an address, or what is in an archive there.

        Args:
            *addresses: http or https, the first names the file.
            suffix: of the file in a zip archive.
        """
        name = name_of_address(addresses[0])
        if suffix and name.endswith(".zip"):
            name = name.removesuffix(".zip") + suffix
        return cls(addresses, name)

    @classmethod
    def of_user(cls, address: str) -> ModelFile:
        """A network at an address that somebody gives, in a folder of its own."""
        folder = hashlib.sha256(address.encode()).hexdigest()[:8]
        return dataclasses.replace(cls.at(address, suffix=".onnx"), folder=folder)

    @property
    def published(self) -> str:
        """The name of what is at the address."""
        return name_of_address(self.addresses[0])


def cache_folder() -> Path:
    """Where model files are kept."""
    stated = os.environ.get(CACHE_VARIABLE)
    if stated:
        return Path(stated).expanduser() / "detectors"
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "anatomy_tf" / "detectors"


def cached_path(file: ModelFile) -> Path:
    """Where a file is, or will be."""
    return cache_folder() / file.folder / file.name


def fetched(file: ModelFile, progress: Progress | None = None) -> Path:
    """A file of the cache, which is fetched if it is not there.

    Args:
        file: which.
        progress: how far it is.

    Raises:
        AnatomyError: when it can neither be fetched nor made, naming it and where to put it; or
            when it is not what was fetched first, or its publisher states.
    """
    path = cached_path(file)
    if not path.exists():
        try:
            _fetch(file, path, progress)
        except AnatomyError as error:
            if file.otherwise is not None and progress is not None:
                progress(file.name, 0, 0)
            if not _made_otherwise(file, path):
                raise AnatomyError(
                    f"{file.published} is needed once: {error}; put it into {path.parent}, or name "
                    "a model file with --detector-model"
                ) from None
    _check(file, path)
    return path


def _fetch(file: ModelFile, path: Path, progress: Progress | None) -> None:
    archive = path.with_name(file.published)
    mirror = os.environ.get(MIRROR_VARIABLE)
    addresses = [f"{mirror.rstrip('/')}/{file.published}"] if mirror else file.addresses

    def report(done: int, of: int) -> None:
        if progress is not None:
            progress(archive.name, done, of)

    failed: list[AnatomyError] = []
    for address in addresses:
        try:
            download(address, archive, report)
            break
        except AnatomyError as error:
            failed.append(error)
    else:
        raise failed[0]
    if archive != path:
        _unpack(archive, path)


def _unpack(archive: Path, path: Path) -> None:
    """The one member of the path's suffix; the archive goes."""
    try:
        with zipfile.ZipFile(archive) as content:
            members = [m for m in content.namelist() if PurePosixPath(m).suffix == path.suffix]
            if len(members) != 1:
                raise AnatomyError(
                    f"{archive.name}: expected one {path.suffix} file in it, got {len(members)}"
                )
            with content.open(members[0]) as source, atomic_file(path) as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise AnatomyError(f"{archive.name}: not a zip archive that can be read: {error}") from None
    finally:
        archive.unlink(missing_ok=True)


def _made_otherwise(file: ModelFile, path: Path) -> bool:
    if file.otherwise is None:
        return False
    try:
        with atomic_path(path) as beside:
            file.otherwise(beside)
    except AnatomyError:
        return False
    return True


def _check(file: ModelFile, path: Path) -> None:
    """Compares a file with what was found when it came, or notes that."""
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
    expected = file.sha256 or (known.get("sha256") if isinstance(known, dict) else None)
    if expected is not None and expected != found["sha256"]:
        raise AnatomyError(
            f"{path}: is not the file that was fetched first: {size} bytes, SHA-256 "
            f"{found['sha256']}, expected {expected}; delete it, or {record} to take it as it is"
        )
    if found != known:
        with atomic_file(record) as note:
            note.write(json.dumps(found).encode())
