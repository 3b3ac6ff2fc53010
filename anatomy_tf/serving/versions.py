"""The versions of a model in its folder, and those that are served."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.exported.saved_model_lifter import SAVED_MODEL, version_folders
from anatomy_tf.serving.refusal import RefusedError

LOG = logging.getLogger("ray.serve")

Model = TypeVar("Model")


@dataclasses.dataclass(frozen=True)
class ModelFolder:
    """A folder of versions, ``name/1/``, ``name/2/``, ..., each a SavedModel.

    A version counts once its graph exists; exports are renamed to their number when complete.

    Args:
        path: the folder.
    """

    path: Path

    @classmethod
    def at(cls, path: Path) -> ModelFolder:
        """Return the folder at a path.

        Raises:
            AnatomyError: when it holds no version of a model.
        """
        folder = cls(path)
        if not path.is_dir():
            raise AnatomyError(f"{path}: no such folder")
        if (path / SAVED_MODEL).is_file():
            raise AnatomyError(
                f"{path}: is one version of a model; expected the folder above it, which holds "
                f"versions such as {path.name if path.name.isdecimal() else 1}/{SAVED_MODEL}"
            )
        if not folder.versions():
            raise AnatomyError(f"{path}: expected versions of a model, such as 1/{SAVED_MODEL}")
        return folder

    def versions(self) -> dict[int, Path]:
        """Return the versions' folders by number, ascending."""
        return version_folders(self.path)


class ServedVersions(Generic[Model]):
    """The newest versions in a folder, loaded.

    A version is served once it is loaded; until then the one before it is. A request may use its
    version to the end; a version is freed when no request uses it any more.

    Args:
        folder: folder that each ``refresh`` looks through.
        load: loads a model from a version's number and folder; it may be slow.
        keep: how many of the newest are served.
    """

    def __init__(
        self, folder: ModelFolder, load: Callable[[int, Path], Model], keep: int = 1
    ) -> None:
        self._folder = folder
        self._load = load
        self._keep = keep
        self._served: dict[int, Model] = {}
        self._failed: dict[int, str] = {}
        self._refreshing = threading.Lock()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the served versions, ascending."""
        return tuple(sorted(self._served))

    @property
    def failed(self) -> dict[int, str]:
        """Versions that could not be loaded, and why; they are not tried again."""
        return dict(self._failed)

    def refresh(self) -> None:
        """Load new versions and forget old ones, but keep the last one when the folder empties."""
        with self._refreshing:
            there = self._folder.versions()
            for number in [n for n in self._failed if n not in there]:
                del self._failed[number]
            # Newest first, so that a start serves the most wanted version first.
            wanted: list[int] = []
            for number in reversed(there):
                if len(wanted) < self._keep and self._is_loaded(number, there[number]):
                    wanted.append(number)
            if wanted:
                self._served = {n: model for n, model in self._served.items() if n in wanted}

    def _is_loaded(self, number: int, path: Path) -> bool:
        if number in self._served:
            return True
        if number in self._failed:
            return False
        try:
            model = self._load(number, path)
        except Exception as error:
            self._failed[number] = f"{type(error).__name__}: {error}"
            LOG.error("Version %d was not loaded: %s", number, self._failed[number])
            return False
        self._served = {**self._served, number: model}
        LOG.info("Version %d is served", number)
        return True

    def get(self, number: int | None = None) -> tuple[int, Model]:
        """Return a served version, by default the newest.

        Raises:
            RefusedError: when it is not served, naming those that are.
        """
        served = self._served
        chosen = max(served, default=None) if number is None else number
        if chosen is None or chosen not in served:
            reason = self._failed.get(chosen or 0)
            because = f" (it could not be loaded: {reason})" if reason else ""
            told = ", ".join(map(str, sorted(served))) or "none"
            asked = "a version" if chosen is None else f"version {chosen}"
            raise RefusedError("NOT_FOUND", f"{asked} is not served{because}; served: {told}")
        return chosen, served[chosen]
