"""The folder of a training run: its config, metrics, models and saved states."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import platform
import pprint
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from anatomy_tf import __version__
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.folder_lock import folder_lock
from anatomy_tf.files.json_file import read_json
from anatomy_tf.files.limits import CONFIG_BYTES, TEXT_BYTES
from anatomy_tf.files.regular_file import read_bytes
from anatomy_tf.training.config import TrainingConfig, as_json

KEPT_CHECKPOINTS = 2
"""A crash may cut off the newest state; the one before it is then still whole."""


class RunFolder:
    """The folder of a run.

    ====================  ===========================================================
    ``config.json``       the config; a run resumes only with an equal one
    ``config.txt``        the same as Python prints it
    ``versions.json``     versions of Python, Keras, TensorFlow, ...; git commit, seed
    ``metrics.jsonl``     one line an epoch
    ``checkpoints/``      the last two states, ``state-<epoch>-<step>.npz``
    ``best.keras``        the model of the least validation error, without optimizer
    ``model.keras``       the model after the last epoch, without optimizer
    ``tensorboard/``      curves and pictures
    ``diverged/``         the batch on which a run failed, ``batch-<epoch>-<step>.npz``
    ====================  ===========================================================

    Args:
        path: the folder; nothing is written before ``create``.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def checkpoints(self) -> Path:
        """Folder of the saved states."""
        return self.path / "checkpoints"

    @property
    def tensorboard(self) -> Path:
        """Folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def model(self) -> Path:
        """File of the model after the last epoch."""
        return self.path / "model.keras"

    @property
    def best_model(self) -> Path:
        """File of the model with the least validation error."""
        return self.path / "best.keras"

    @property
    def metrics(self) -> Path:
        """File with one line of JSON for each epoch."""
        return self.path / "metrics.jsonl"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder and lock it for the block; one that is left empty is removed again.

        Raises:
            AnatomyError: when another training is under way there, or it cannot be written.
        """
        missing = [place for place in (self.path, *self.path.parents) if not place.exists()]
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        try:
            with folder_lock(self.path, "another training is under way in this folder"):
                yield
        finally:
            with contextlib.suppress(OSError):
                for place in missing:
                    place.rmdir()

    def exists(self) -> bool:
        """Return whether a run began here."""
        return (self.path / "config.json").is_file()

    def check_use(self, config: TrainingConfig, resume: bool) -> None:
        """Raise AnatomyError where a run of this config may not begin or resume here.

        Args:
            config: of the run.
            resume: whether it may resume.

        Raises:
            AnatomyError: as ``check`` and ``check_new``, or when there is a run and ``resume`` is
                false.
        """
        if not self.exists():
            self.check_new()
        elif not resume:
            raise AnatomyError(
                f"run folder {self.path} already holds a run: go on with it (--resume) or choose "
                "another --folder"
            )
        else:
            self.check(config)

    def check_new(self) -> None:
        """Raise AnatomyError where no run may begin here.

        Raises:
            AnatomyError: when the folder holds other files.
        """
        if self.path.exists() and not self.path.is_dir():
            raise AnatomyError(f"run folder {self.path}: expected a folder, there is a file")
        # A process killed while it made the folder leaves some of these, but no config.json.
        begun = {"checkpoints", "versions.json", "config.txt"}
        if self.path.is_dir() and not begun.issuperset(p.name for p in self.path.iterdir()):
            raise AnatomyError(
                f"run folder {self.path}: expected an empty folder or an earlier run"
            )

    def create(self, config: TrainingConfig) -> None:
        """Make the folder and write the config and the versions of the software.

        Raises:
            AnatomyError: when it cannot be written.
        """
        with writing(self.path):
            self.checkpoints.mkdir(parents=True, exist_ok=True)
        write_text(self.path / "versions.json", json.dumps(versions(config.seed), indent=2) + "\n")
        write_text(self.path / "config.txt", pprint.pformat(config, width=100) + "\n")
        # Last, because its presence says that the folder is a run.
        write_text(self.path / "config.json", _config_text(config))

    def check(self, config: TrainingConfig) -> None:
        """Raise AnatomyError where the run that began here has another config.

        Raises:
            AnatomyError: naming the fields that differ, with both values.
        """
        path = self.path / "config.json"
        written = read_json(path, most=CONFIG_BYTES)
        if not isinstance(written, dict):
            raise AnatomyError(f"{path}: not the config of a run")
        before = _with_defaults(written, config)
        now = json.loads(_config_text(config))
        differences = list(_differences(before, now))
        if differences:
            raise AnatomyError(
                f"run folder {self.path} holds a run of another config ({'; '.join(differences)}): "
                "choose another --folder"
            )

    def finished(self) -> bool:
        """Return whether the run is finished."""
        return self.model.is_file()

    def states(self) -> list[Path]:
        """Return the files of the saved states, the newest first."""
        return sorted(self.checkpoints.glob("state-?????-????????.npz"), reverse=True)

    def state_path(self, epoch: int, step: int) -> Path:
        """Return the file of the state before a step of an epoch."""
        return self.checkpoints / f"state-{epoch:05d}-{step:08d}.npz"

    def diverged_batch_path(self, epoch: int, step: int) -> Path:
        """Return the file of a batch on which the run failed."""
        return self.path / "diverged" / f"batch-{epoch:05d}-{step:08d}.npz"

    def forget_old_states(self) -> None:
        """Delete all but the newest states, and the half-written files of a killed run."""
        for old in self.states()[KEPT_CHECKPOINTS:]:
            old.unlink()
        for partial in self.path.rglob(".*.part.*"):
            partial.unlink()

    def read_metrics(self) -> list[dict[str, Any]]:
        """Return the lines of the epochs so far; what is no whole line of them is left out.

        Raises:
            AnatomyError: when the file cannot be read.
        """
        if not self.metrics.is_file():
            return []
        lines = []
        for text in read_bytes(self.metrics, TEXT_BYTES).split(b"\n"):
            with contextlib.suppress(ValueError, RecursionError):
                line = json.loads(text)
                if isinstance(line, dict) and type(line.get("epoch")) is int:
                    lines.append(line)
        return lines

    def add_metrics(self, line: dict[str, Any]) -> None:
        """Append one epoch's line; it is on the disk when this returns."""
        with writing(self.metrics), self.metrics.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def cut_metrics(self, epoch: int) -> list[dict[str, Any]]:
        """Delete the lines from an epoch on, which is trained again, and return the others."""
        kept = [line for line in self.read_metrics() if line["epoch"] < epoch]
        write_text(self.metrics, "".join(json.dumps(line) + "\n" for line in kept))
        return kept


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError, as of a full disk or a read-only folder, into an AnatomyError."""
    try:
        yield
    except OSError as error:
        raise AnatomyError(f"cannot write {path}: {error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a small file completely or not at all."""
    with atomic_path(path) as partial:
        partial.write_text(text)


def versions(seed: int) -> dict[str, Any]:
    """Return the versions and facts that a run's numbers depend on besides its config."""
    import keras

    return {
        "anatomy_tf": __version__,
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "tensorflow": _installed("tensorflow"),
        "numpy": _installed("numpy"),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "git_commit": _git_commit(),
        "seed": seed,
    }


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """Return the commit of the package's checkout, with ``+`` where files differ from it."""
    here = Path(__file__).parent
    try:
        run = [
            subprocess.run(
                ["git", "-C", str(here), *arguments], capture_output=True, text=True, check=True
            ).stdout.strip()
            for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain", "-uno"])
        ]
    except (OSError, subprocess.CalledProcessError):
        return None
    commit, changes = run
    return commit + ("+" if changes else "")


def _config_text(config: TrainingConfig) -> str:
    return json.dumps(as_json(config), indent=2) + "\n"


def _with_defaults(written: Any, now: Any) -> Any:
    """Return a written config with today's defaults for fields that it does not have."""
    if not (isinstance(written, dict) and dataclasses.is_dataclass(now)):
        return written
    if written.get("class") != type(now).__name__:
        return written
    filled = dict(written)
    for field in dataclasses.fields(now):
        if field.name in filled:
            filled[field.name] = _with_defaults(filled[field.name], getattr(now, field.name))
        elif field.default is not dataclasses.MISSING:
            filled[field.name] = as_json(field.default)
        elif field.default_factory is not dataclasses.MISSING:
            filled[field.name] = as_json(field.default_factory())
    return filled


def _differences(before: Any, now: Any, where: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            inner = f"{where}.{key}" if where else key
            yield from _differences(before.get(key), now.get(key), inner)
    elif before != now:
        yield f"{where} was {before!r}, is {now!r}"
