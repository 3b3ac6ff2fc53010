"""Modules of the package's extras, which not everybody has installed."""

from __future__ import annotations

import importlib
from types import ModuleType

from anatomy_tf.errors import AnatomyError


def extra_module(
    name: str, extra: str, needs: str, *, package: str | None = None, otherwise: str = ""
) -> ModuleType:
    """A module of an extra.

    Args:
        name: of the module.
        extra: which brings it.
        needs: the message's beginning, such as ``"drawing needs"``.
        package: the distribution's name, where it is not the module's first part.
        otherwise: the message's end: what else helps.

    Raises:
        AnatomyError: saying what to install, when it is missing or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise AnatomyError(
            f"{needs} {package or name.partition('.')[0]}, which is not installed: "
            f'pip install "anatomy_tf[{extra}]"{otherwise}'
        ) from None
    except (ImportError, OSError) as error:
        # Such as OpenCV's, which looks for the system's graphics libraries.
        reason = str(error).strip().splitlines()[0]
        raise AnatomyError(f"{name} is installed but cannot be loaded: {reason}") from None
