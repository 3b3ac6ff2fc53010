"""Modules of the package's optional extras, and names that load late."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from anatomy_tf.errors import AnatomyError

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
        reason = str(error).strip().splitlines()[0]
        raise AnatomyError(f"{name} is installed but cannot be loaded: {reason}") from None


def is_installed(name: str) -> bool:
    """Return whether a package that can be imported under this name is installed."""
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:
        # A module made at run time, which has no spec.
        return True


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


def late_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package whose names load when they are first used.

    Args:
        package: the package's name.
        modules: for each name the module, below the package, that it comes from.

    Example:
        >>> __getattr__ = late_names(__name__, {"Lifter": "lifter"})
    """
    # Python sets a loaded module as an attribute of its package, in the name's place.
    clash = [name for name, module in modules.items() if name == module.partition(".")[0]]
    assert not clash, f"{package}: {clash} are names of modules, too"

    def attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        except ModuleNotFoundError as error:
            raise missing_extra(error) or error from None

    return attribute


def _missing(needs: str, package: str, extra: str | None) -> str:
    return f"{needs} {package}, which is not installed: {install_command(package, extra)}"
