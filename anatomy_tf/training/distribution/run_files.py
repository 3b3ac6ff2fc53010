"""Where each process of a run keeps its files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from anatomy_tf.training.distribution.distribution import Distribution


@contextlib.contextmanager
def run_files(distribution: Distribution, folder: Path) -> Iterator[Path]:
    """Give the folder in which this process keeps its files of the run.

    The chief keeps them in the run's folder. The others do all that it does, because reading what
    replicas share takes all of them, but in a folder that is gone at the end.
    """
    if distribution.chief:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="anatomy-tf-worker-") as scratch:
        yield Path(scratch)
