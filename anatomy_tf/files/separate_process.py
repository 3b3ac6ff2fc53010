"""Reading by a parser that a damaged file can crash: in a process of its own.

SciPy 1.17's ``loadmat``, ezc3d 1.7 and HDF5 end their process (a segmentation fault) on some
damaged files, or do not return. Here the process that ends does nothing else, and the file gets a
line like any other that is damaged.

python -m anatomy_tf.files.separate_process MODULE:FUNCTION FILE OUTPUT.npz [ARGUMENT ...]
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.paths import check_file

PATIENCE = 300.0
"""Seconds that reading a file may take."""

MEMORY = 8 << 30
"""Bytes of address space; a few damaged bytes may claim any number of frames."""

_REFUSED = 3
"""The exit code for an ``AnatomyError``; its line is the last one on stderr."""


def read_apart(
    parser: Callable[..., Mapping[str, NDArray[Any]]],
    path: Path,
    *arguments: str,
    expected: str,
) -> dict[str, NDArray[Any]]:
    """Return the arrays that a parser finds in a file, run in a process of its own.

    Args:
        parser: a function of a module of this package; it takes the path as text and ``arguments``,
            and returns arrays of numbers or text by name.
        path: the file.
        arguments: for the parser.
        expected: what the file should be, such as ``"C3D file"``.

    Raises:
        AnatomyError: what the parser says, or that it failed, crashed or did not come to its end.
    """
    path = check_file(path)
    name = f"{parser.__module__}:{parser.__qualname__}"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "arrays.npz"
        try:
            run = subprocess.run(
                # Whole, since a name that begins with a dash would be an option.
                [sys.executable, "-m", __name__, name, str(path.absolute()), target, *arguments],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            reason = f"its reader did not come to its end in {PATIENCE:g} s"
            raise AnatomyError(f"{path}: not a readable {expected} ({reason})") from None
        if run.returncode == 0:
            return read_npz(target)
    said = [line.strip() for line in run.stderr.splitlines() if line.strip()]
    reason = said[-1][:200] if said else f"its reader ended with signal {-run.returncode}"
    if run.returncode == _REFUSED:
        raise AnatomyError(f"{path}: {reason}")
    raise AnatomyError(f"{path}: not a readable {expected} ({reason})")


def main(name: str, source: str, target: str, *arguments: str) -> int:
    """Write the arrays of a file; what the parser raises is the last line on stderr."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except ImportError:
        # Windows has no such limit.
        pass
    module, _, function = name.partition(":")
    parser = getattr(importlib.import_module(module), function)
    try:
        arrays = parser(source, *arguments)
    except AnatomyError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    np.savez(target, allow_pickle=False, **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
