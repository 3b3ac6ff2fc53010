"""The process that reads MAT files for ``matlab.read_matlab``.

A line of JSON in (``path``, ``names``), a pickle out: the variables, or a text that says what is
wrong with the file.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
from typing import Any

import scipy.io

MEMORY = 8 << 30
"""Bytes of address space; a few damaged bytes may claim a thousand million cells."""


def _content(path: str, names: list[str]) -> dict[str, Any] | str:
    try:
        content = scipy.io.loadmat(path, variable_names=names)
    except NotImplementedError:
        return "expected MATLAB v5 to v7, got v7.3 (HDF5); save it with -v7"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    # A damaged file fails in a dozen ways deep in SciPy and zlib.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        return f"not a readable MATLAB file ({reason})"
    return {name: content[name] for name in names if name in content}


def main() -> None:
    """Answers until its input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin.buffer:
        answer = pickle.dumps(_content(**json.loads(line)), protocol=pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
