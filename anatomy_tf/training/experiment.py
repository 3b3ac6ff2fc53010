"""Experiments: Python files with a config, and changes to it from the command line."""

from __future__ import annotations

import dataclasses
import difflib
import re
import runpy
import sys
import traceback
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import field_description
from anatomy_tf.files.limits import is_number
from anatomy_tf.training.config import TrainingConfig

_UNEXPECTED = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")


@dataclasses.dataclass(frozen=True)
class Experiment:
    """An experiment file.

    Attributes:
        path: of the file.
        purpose: the file's docstring.
        config: the config of the training.
        expected: measure (``"mpjpe"``, ...) to the published number, millimetres or percent; empty
            where there is none.
    """

    path: Path
    purpose: str
    config: TrainingConfig
    expected: Mapping[str, float]


def check_experiment(path: str | Path) -> Path:
    """Return the path of an experiment, checked to be a file.

    Raises:
        AnatomyError: when there is no such file, naming the one with the nearest name.
    """
    path = Path(path)
    if not path.is_file():
        raise AnatomyError(f"experiment not found: {path}{_nearest_file(path)}")
    return path


def load_experiment(path: str | Path) -> TrainingConfig:
    """Run an experiment file and return its ``config``, see ``read_experiment``.

    One experiment may start from another with
    ``dataclasses.replace(load_experiment(Path(__file__).with_name("other.py")), ...)``.
    """
    return read_experiment(path).config


def read_experiment(path: str | Path) -> Experiment:
    """Run an experiment file and return what it defines.

    The file is a program: run only files that you trust.

    Args:
        path: Python file with ``config = TrainingConfig(...)`` at its top level, and
            ``expected = {measure: number}`` where a paper gives a result.

    Raises:
        AnatomyError: in one line with file and line number, for a missing file, one that does not
            run, a misspelt argument (naming the nearest one), a missing ``config`` or one of
            another type.
    """
    path = check_experiment(path)
    try:
        names = runpy.run_path(str(path), run_name="__experiment__")
    except AnatomyError as error:
        raise AnatomyError(f"{_where(path, error)}: {error}") from error
    except SyntaxError as error:
        place = f"{path}" if error.lineno is None else f"{error.filename}:{error.lineno}"
        raise AnatomyError(f"{place}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        problem = _misspelt(error) or f"{type(error).__name__}: {error}"
        first_line = problem.strip().splitlines()[0]
        raise AnatomyError(f"{_where(path, error)}: {first_line}") from error
    if "config" not in names:
        near = suggestion("config", [name for name in names if not name.startswith("_")])
        raise AnatomyError(f"{path}: expected a top-level `config = TrainingConfig(...)`{near}")
    config = names["config"]
    if not isinstance(config, TrainingConfig):
        raise AnatomyError(
            f"{path}: expected config to be a TrainingConfig, got {type(config).__name__}"
        )
    expected = names.get("expected", {})
    if not isinstance(expected, Mapping) or not all(map(is_number, expected.values())):
        raise AnatomyError(
            f"{path}: expected `expected` of numbers by measure, got {expected!r:.60}"
        )
    return Experiment(path, (names["__doc__"] or "").strip(), config, expected)


def override(config: TrainingConfig, assignments: Iterable[str]) -> TrainingConfig:
    """Return a config with some fields changed by ``key=value`` texts.

    Args:
        config: the config to start from; it stays as it is.
        assignments: such as ``epochs=2``, ``data.seed=3``, ``model.filter_widths=3,3,3`` or
            ``steps_per_epoch=none``; the field's type says how the value is read.

    Raises:
        AnatomyError: for a text without ``=``, an unknown field (naming the nearest one) or a value
            that the field's type does not take.
    """
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise AnatomyError(f"expected KEY=VALUE, got {assignment!r}")
        config = _replaced(config, key.strip().split("."), value.strip(), key.strip())
    return config


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` if a known word is near the word, else empty text."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def _replaced(owner: Any, keys: list[str], value: str, whole: str) -> Any:
    fields = [field.name for field in dataclasses.fields(owner)]
    name, *rest = keys
    if name not in fields:
        near = suggestion(name, fields) or f"; its fields are {', '.join(fields)}"
        raise AnatomyError(f"{whole}: {type(owner).__name__} has no field {name!r}{near}")
    current = getattr(owner, name)
    if rest:
        if not dataclasses.is_dataclass(current):
            raise AnatomyError(f"{whole}: {type(owner).__name__}.{name} has no fields")
        return dataclasses.replace(owner, **{name: _replaced(current, rest, value, whole)})
    hint = typing.get_type_hints(type(owner))[name]
    try:
        parsed = _parse(value, hint)
    except ValueError as error:
        if dataclasses.is_dataclass(current):
            inner = ", ".join(f"{whole}.{field.name}" for field in dataclasses.fields(current))
            raise AnatomyError(f"{whole}: set one of its fields instead: {inner}") from error
        expected = field_description(type(owner), name)
        raise AnatomyError(f"{whole}: expected {expected}, got {value!r}") from error
    return dataclasses.replace(owner, **{name: parsed})


_WORDS: dict[str, bool] = {"true": True, "false": False, "yes": True, "no": False}


def _parse(text: str, hint: Any) -> Any:
    """Return a text as a value of the hinted type; raise ValueError where it cannot be read."""
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        # A union takes text last, because text takes everything.
        for arm in sorted(arms, key=lambda arm: arm in (str, Path)):
            try:
                return _parse(text, arm)
            except ValueError:
                continue
        raise ValueError(text)
    if origin is typing.Literal:
        for choice in arms:
            if str(choice) == text:
                return choice
        raise ValueError(text)
    if origin in (tuple, Sequence):
        items = [item.strip() for item in text.strip("()[]").split(",") if item.strip()]
        if Ellipsis not in arms and origin is tuple and len(items) != len(arms):
            raise ValueError(text)
        return tuple(_parse(item, arms[0]) for item in items)
    if hint is types.NoneType:
        if text.lower() == "none":
            return None
        raise ValueError(text)
    if hint is bool:
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        raise ValueError(text)
    if hint in (int, float, str, Path):
        return hint(text)
    raise ValueError(text)


def _misspelt(error: BaseException) -> str:
    """Return a message for a dataclass's unknown argument; empty text for other errors."""
    match = _UNEXPECTED.search(str(error))
    if not isinstance(error, TypeError) or match is None:
        return ""
    class_name, keyword = match.groups()
    for name, module in list(sys.modules.items()):
        if not name.startswith("anatomy_tf"):
            continue
        owner = vars(module).get(class_name)
        if isinstance(owner, type) and dataclasses.is_dataclass(owner):
            fields = [field.name for field in dataclasses.fields(owner)]
            near = suggestion(keyword, fields) or f"; its fields are {', '.join(fields)}"
            return f"{class_name} has no field {keyword!r}{near}"
    return f"{class_name} has no field {keyword!r}"


def _where(path: Path, error: BaseException) -> str:
    """Return the experiment's file, and its line that an error passed through."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f"{path}:{lines[-1]}" if lines else str(path)


def _nearest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return ""
    return suggestion(path.name, [file.name for file in path.parent.glob("*.py")])
