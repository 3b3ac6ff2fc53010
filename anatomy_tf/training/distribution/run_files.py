"""The folder in which each process of a run keeps its files."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from anatomy_tf.training.distribution.distribution import Distribution


@contextlib.contextmanager
def run_files(distribution: Distribution, folder: Path) -> Iterator[Path]:
    """Yield the folder in which this process keeps its files of the run.

    The chief's is the run's folder. The others do all that it does, because reading variables that
    replicas share takes all of them, but in a folder that is deleted at the end.
    """
    if distribution.chief:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="anatomy-tf-worker-") as scratch:
        yield Path(scratch)
