"""What every run of the tests does: files that it takes no test of are not imported."""

import gc
import os
import re
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes side by side share the cores; libraries read this when they are loaded.
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

_SLOW_FILE = re.compile(r"^pytestmark = .*\bmark\.slow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of slow tests alone, and for slow tests files without any.

    To import TensorFlow takes longer than hundreds of tests.
    """
    if collection_path.suffix != ".py":
        return None
    unwanted = {
        "not slow": lambda text: _SLOW_FILE.search(text),
        "slow": lambda text: "mark.slow" not in text,
    }.get(config.option.markexpr)
    if unwanted and unwanted(collection_path.read_text(encoding="utf-8")):
        return True
    return None


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what was imported, which lives as long as the process."""
    gc.collect()
    gc.freeze()
