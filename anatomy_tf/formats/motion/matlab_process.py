"""The process that reads MAT files for ``matlab.read_matlab``.

A line of JSON in (``path``, ``names``). A line of JSON out: ``problem``, or for each variable its
name and, if it is of cells, their shape; then, in NumPy's own format, each array or its cells.
"""

from __future__ import annotations

import json
import resource
import sys
import types
from typing import Any, BinaryIO

import numpy as np
import scipy.io
from numpy.typing import NDArray

MEMORY = 8 << 30
"""Bytes of address space; a few damaged bytes may claim a thousand million cells."""


class _NotReadableError(Exception):
    """The message says why."""


def _variables(path: str, names: list[str]) -> dict[str, NDArray[Any]]:
    try:
        content = scipy.io.loadmat(path, variable_names=names)
    except NotImplementedError:
        reason = "expected MATLAB v5 to v7, got v7.3 (HDF5); save it with -v7"
        raise _NotReadableError(reason) from None
    except OSError as error:
        raise _NotReadableError(f"cannot be read ({error.strerror or error})") from None
    # A damaged file fails in a dozen ways deep in SciPy and zlib.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise _NotReadableError(f"not a readable MATLAB file ({reason})") from None
    return {name: content[name] for name in names if name in content}


def _cells(value: NDArray[Any]) -> list[NDArray[Any]]:
    return list(value.ravel()) if value.dtype == object else [value]


def _answer(request: dict[str, Any], out: BinaryIO) -> None:
    try:
        variables = _variables(**request)
        for name, value in variables.items():
            for cell in _cells(value):
                if not isinstance(cell, np.ndarray) or cell.dtype.kind not in "fiu":
                    reason = f"not a readable MATLAB file ({name} holds no plain numbers)"
                    raise _NotReadableError(reason)
    except _NotReadableError as error:
        out.write(json.dumps({"problem": str(error)}).encode() + b"\n")
        return
    shapes = [
        (name, value.shape if value.dtype == object else None) for name, value in variables.items()
    ]
    out.write(json.dumps({"variables": shapes}).encode() + b"\n")
    # NumPy would seek in a file, which a pipe cannot.
    pipe: Any = types.SimpleNamespace(write=out.write)
    for value in variables.values():
        for cell in _cells(value):
            np.lib.format.write_array(pipe, cell, allow_pickle=False)


def main() -> None:
    """Answers until its input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin.buffer:
        _answer(json.loads(line), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
