"""Modules of the package's extras, which not everybody has installed."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from anatomy_tf.errors import AnatomyError


def extra_module(
    name: str, extra: str | None, needs: str, *, package: str | None = None, otherwise: str = ""
) -> ModuleType:
    """A module of an extra.

    Args:
        name: of the module.
        extra: which brings it; ``None`` for what people install themselves.
        needs: the message's beginning, such as ``"drawing needs"``.
        package: the distribution's name, where it is not the module's first part.
        otherwise: the message's end: what else helps.

    Raises:
        AnatomyError: saying what to install, when it is missing or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        package = package or name.partition(".")[0]
        install = f'"anatomy_tf[{extra}]"' if extra else package
        raise AnatomyError(
            f"{needs} {package}, which is not installed: pip install {install}{otherwise}"
        ) from None
    except (ImportError, OSError) as error:
        # Such as OpenCV's, which looks for the system's graphics libraries.
        reason = str(error).strip().splitlines()[0]
        raise AnatomyError(f"{name} is installed but cannot be loaded: {reason}") from None


def is_installed(name: str) -> bool:
    """Whether a package that can be imported under this name is installed."""
    try:
        return importlib.util.find_spec(name) is not None
    except ValueError:
        # A module that somebody made, which has no spec.
        return True
