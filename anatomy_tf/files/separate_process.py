"""Running a parser that a damaged file can crash in a separate process.

SciPy 1.17's ``loadmat``, ezc3d 1.7 and HDF5 crash (a segmentation fault) on some damaged files, or
do not return. In a separate process the crash ends nothing else, and the file gets an error message
like any other damaged file.

python -m anatomy_tf.files.separate_process MODULE:FUNCTION FILE OUTPUT.npz [ARGUMENT ...]
"""

from __future__ import annotations

import importlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import MEGABYTE
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.paths import check_file

PATIENCE = 300.0
"""Seconds that a process may take, whatever else the computer does."""

SECONDS, SECONDS_A_MEGABYTE = 5, 5
"""Seconds of computing that reading a file may take: these, and more for its size."""

MEMORY, MEMORY_A_BYTE = 512 << 20, 64
"""Bytes of memory that reading a file may take: these, and more for its size. Damaged bytes may
claim any number of frames."""

_REFUSED = 3
"""The exit code for an ``AnatomyError``; its line is the last one on stderr."""


def read_apart(
    parser: Callable[..., Mapping[str, NDArray[Any]]],
    path: Path,
    *arguments: str,
    expected: str,
) -> dict[str, NDArray[Any]]:
    """Run a parser on a file in a separate process and return its arrays.

    The process finds modules where this one does, and nowhere else.

    Args:
        parser: a function of a module of this package; it takes the path as text and ``arguments``,
            and returns arrays of numbers or text by name.
        path: the file.
        arguments: for the parser.
        expected: what the file should be, such as ``"C3D file"``.

    Raises:
        AnatomyError: as the parser raises it, or when the parser fails, crashes or does not end.
    """
    path = check_file(path)
    name = f"{parser.__module__}:{parser.__qualname__}"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "arrays.npz"
        # Absolute, since a name that begins with a dash would be an option.
        words = [name, str(path.absolute()), str(target), *arguments]
        try:
            run = subprocess.run(
                # -P: a numpy.py that lies in the current folder is not run.
                [sys.executable, "-P", "-m", __name__, *words],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sys.path))},
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
    reason = said[-1][:200] if said else _ended(run.returncode)
    if run.returncode == _REFUSED:
        raise AnatomyError(f"{path}: {reason}")
    raise AnatomyError(f"{path}: not a readable {expected} ({reason})")


def main(name: str, source: str, target: str, *arguments: str) -> int:
    """Write a file's arrays to ``target`` and return the exit code.

    The parser's error is the last line on stderr.
    """
    module, _, function = name.partition(":")
    parser = getattr(importlib.import_module(module), function)
    _limit(Path(source).stat().st_size)
    try:
        arrays = parser(source, *arguments)
    except AnatomyError as error:
        print(error, file=sys.stderr)
        return _REFUSED
    np.savez(target, allow_pickle=False, **arrays)
    return 0


def _limit(size: int) -> None:
    """Limit what this process may take from now on, for a file of this size."""
    try:
        import resource
    except ImportError:
        # Windows has no such limits.
        return
    seconds = math.ceil(time.process_time() + SECONDS + SECONDS_A_MEGABYTE * size / MEGABYTE)

    def limit(kind: int, most: int) -> None:
        # What limits this process already may be lower, and can only be lowered.
        soft, hard = resource.getrlimit(kind)
        known = [number for number in (soft, hard) if number != resource.RLIM_INFINITY]
        resource.setrlimit(kind, (min([most, *known]), hard))

    limit(resource.RLIMIT_CPU, seconds)
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        # macOS, which does not hold to a limit of memory either.
        return
    memory = pages * resource.getpagesize() + MEMORY + MEMORY_A_BYTE * size
    limit(resource.RLIMIT_AS, memory)


def _ended(code: int) -> str:
    """Return how a process ended that said nothing; its code is negative after a signal."""
    if -code == getattr(signal, "SIGXCPU", None):
        return "its reader did not come to its end in time"
    return f"its reader ended with {f'signal {-code}' if code < 0 else f'code {code}'}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
