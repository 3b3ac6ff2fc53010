"""MediaPipe's modules, loaded without TensorFlow."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

from anatomy_tf.detection.detectors.detector import NEEDS
from anatomy_tf.extras import extra_module


def mediapipe_module(name: str = "mediapipe") -> ModuleType:
    """Return a module of MediaPipe.

    Raises:
        AnatomyError: saying what to install, when MediaPipe is missing.
    """
    with _without_tensorflow():
        return extra_module(name, "mediapipe", NEEDS)


@contextlib.contextmanager
def _without_tensorflow() -> Iterator[None]:
    """Keep TensorFlow from being imported in the block, unless it already is.

    MediaPipe imports TensorFlow where it is installed, for a mark in its own documentation, which
    takes seven of nine seconds.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["tensorflow"]
