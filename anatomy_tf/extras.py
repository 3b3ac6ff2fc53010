"""Modules of the package's optional extras, names that load late, and what waits for a module."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from anatomy_tf.errors import AnatomyError, first_line

EXTRA_OF: Mapping[str, str] = MappingProxyType(
    {"keras": "train", "tensorflow": "train", "tensorboard": "train", "numba": "stream"}
)
"""The extra that brings each package which several rooms import."""


def extra_module(
    name: str, extra: str | None, needs: str, *, package: str | None = None, otherwise: str = ""
) -> ModuleType:
    """Return a module of an extra.

    Args:
        name: the module's name.
        extra: the extra that brings it; ``None`` for packages that people install themselves.
        needs: the message's beginning, such as ``"drawing needs"``.
        package: the distribution's name, where it is not the module's first part.
        otherwise: the message's end, which says what else helps.

    Raises:
        AnatomyError: saying what to install, when it is missing or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        package = package or name.partition(".")[0]
        raise AnatomyError(f"{_missing(needs, package, extra)}{otherwise}") from None
    except (ImportError, OSError) as error:
        # OpenCV, for example, looks for the system's graphics libraries.
        raise AnatomyError(
            f"{name} is installed but cannot be loaded: {first_line(error)}"
        ) from None


def is_installed(name: str) -> bool:
    """Return whether a package that can be imported under this name is installed."""
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:
        # A module made at run time, which has no spec.
        return True


def check_installed(name: str, extra: str | None, needs: str) -> None:
    """Raise an error unless a package is installed, without importing it.

    Args:
        name: under which the package is imported.
        extra: the extra that brings it; ``None`` for packages that people install themselves.
        needs: the message's beginning, such as ``"drawing needs"``.

    Raises:
        AnatomyError: saying what to install.
    """
    if not is_installed(name):
        raise AnatomyError(_missing(needs, name, extra))


def install_command(package: str, extra: str | None) -> str:
    """Return the command that installs a package.

    Args:
        package: its distribution's name.
        extra: the extra that brings it; ``None`` for packages that people install themselves.
    """
    return f'pip install "anatomy_tf[{extra}]"' if extra else f"pip install {package}"


def missing_extra(error: ModuleNotFoundError) -> AnatomyError | None:
    """Return an error that says what to install when a package of an extra is missing.

    Args:
        error: the import's error.

    Returns:
        The error, or ``None`` for any other module.
    """
    package = (error.name or "").partition(".")[0]
    if package not in EXTRA_OF:
        return None
    return AnatomyError(_missing("this needs", package, EXTRA_OF[package]))


def late_names(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package whose names load late.

    The names stand in the stub beside the package's file, where type checkers and editors find them
    too: ``from .lifter import Lifter as Lifter`` for a name, ``from . import keras as keras`` for a
    room inside. A module is imported when one of its names is first used.

    Args:
        package: the package's name.
        file: of its ``__init__.py``.

    Example:
        >>> __getattr__, __dir__, __all__ = late_names(__name__, __file__)  # doctest: +SKIP
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))
    modules = {
        alias.name: "." * node.level + (node.module or "")
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    # Python sets a loaded module as an attribute of its package, in the name's place.
    clash = [name for name, module in modules.items() if f"{module}.".startswith(f".{name}.")]
    assert not clash, f"{package}: {clash} are names of modules, too"
    names = sorted(modules)

    def attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = modules[name]
        try:
            if module == ".":
                return importlib.import_module(f".{name}", package)
            return getattr(importlib.import_module(module, package), name)
        except ModuleNotFoundError as error:
            raise missing_extra(error) or error from None

    return attribute, lambda: names, names


def when_imported(
    name: str,
    action: Callable[[ModuleType], None] | None = None,
    during: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Act on a module now, or as soon as someone imports it.

    Args:
        name: of the module.
        action: called with the module.
        during: makes the context in which the module is loaded, if it is not there yet.
    """
    module = sys.modules.get(name)
    if module is None:
        sys.meta_path.insert(0, _WaitingFinder(name, action, during))
    elif action is not None:
        action(module)


class _WaitingFinder(MetaPathFinder):
    """Finds a module where Python does, and acts when it has been loaded."""

    def __init__(
        self,
        name: str,
        action: Callable[[ModuleType], None] | None,
        during: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.name, self.action, self.during = name, action, during

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == self.name else None
        if spec is not None and spec.loader is not None:
            spec.loader = _ActingLoader(spec.loader, self.action, self.during)
        return spec


class _ActingLoader(Loader):
    def __init__(
        self,
        loader: Loader,
        action: Callable[[ModuleType], None] | None,
        during: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.loader, self.action, self.during = loader, action, during

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Whoever asks the module for its loader later gets the real one.
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self.loader
        with self.during():
            self.loader.exec_module(module)
        if self.action is not None:
            self.action(module)


def _missing(needs: str, package: str, extra: str | None) -> str:
    return f"{needs} {package}, which is not installed: {install_command(package, extra)}"
