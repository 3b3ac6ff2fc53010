"""The packages that detection uses, none of which the package itself needs."""

from __future__ import annotations

import importlib
from types import ModuleType

from anatomy_tf.errors import AnatomyError


def extra_module(name: str, extra: str) -> ModuleType:
    """A module of an extra.

    Args:
        name: of the module.
        extra: which brings it.

    Raises:
        AnatomyError: saying what to install, when it is missing or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise AnatomyError(
            f"finding people in a video needs {name.partition('.')[0]}, which is not installed: "
            f'pip install "anatomy_tf[{extra}]"'
        ) from None
    except (ImportError, OSError) as error:
        # Such as OpenCV's, which looks for the system's graphics libraries.
        reason = str(error).strip().splitlines()[0]
        raise AnatomyError(f"{name} is installed but cannot be loaded: {reason}") from None
