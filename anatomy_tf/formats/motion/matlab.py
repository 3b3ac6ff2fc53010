"""Numeric arrays and cells of MATLAB's MAT files, versions 5 to 7.

SciPy reads them in a process of its own: version 1.17 ends its process on many damaged files (a
segmentation fault). Here it ends one that does nothing else, and the file gets a line like any
other that is damaged.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import subprocess
import sys
import threading
import types
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError

PATIENCE = 300.0
"""Seconds that reading a file may take; on some damaged ones SciPy does not come to its end."""

_lock = threading.Lock()
_reader: subprocess.Popen[bytes] | None = None
_owner = os.getpid()
"""Who started the reader: a forked process must not share its pipes."""


def read_matlab(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Reads variables of a MAT file, version 5 to 7.

    Args:
        path: the file.
        names: which variables to read, of those that are there.

    Returns:
        Name to array; one of cells is of objects, each a numeric array.

    Raises:
        AnatomyError: when the file cannot be read, is damaged or of version 7.3, or when a variable
            of these names holds anything but numbers, such as text or a struct.
    """
    with _lock:
        content = _ask({"path": str(path), "names": sorted(names)})
    if isinstance(content, str):
        raise AnatomyError(f"{path}: {content}")
    return content


def _ask(request: dict[str, Any]) -> dict[str, NDArray[Any]] | str:
    """The variables, or what is wrong; the reading process starts with the first file."""
    global _reader, _owner
    if _reader is None or _owner != os.getpid() or _reader.poll() is not None:
        _reader = subprocess.Popen(
            [sys.executable, "-m", "anatomy_tf.formats.motion.matlab_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the process that asked.
            start_new_session=True,
        )
        _owner = os.getpid()
        atexit.register(_reader.kill)
    assert _reader.stdin is not None and _reader.stdout is not None
    limit = threading.Timer(PATIENCE, _reader.kill)
    limit.daemon = True
    limit.start()
    try:
        _reader.stdin.write(json.dumps(request).encode() + b"\n")
        _reader.stdin.flush()
        return _answer(_reader.stdout)
    # The process ended before its answer did.
    except (OSError, EOFError, ValueError):
        atexit.unregister(_reader.kill)
        _reader.kill()
        signal = -_reader.wait()
        _reader = None
        return f"not a readable MATLAB file (SciPy's reader ended with signal {signal})"
    finally:
        limit.cancel()


def _answer(stream: IO[bytes]) -> dict[str, NDArray[Any]] | str:
    """What ``matlab_process`` writes."""
    header = json.loads(stream.readline())
    if "problem" in header:
        return header["problem"]
    # NumPy would seek in a file, which a pipe cannot.
    pipe: Any = types.SimpleNamespace(read=stream.read)
    content = {}
    for name, shape in header["variables"]:
        count = 1 if shape is None else math.prod(shape)
        arrays = [np.lib.format.read_array(pipe, allow_pickle=False) for _ in range(count)]
        if shape is None:
            content[name] = arrays[0]
        else:
            cells = np.empty(count, object)
            for place, array in enumerate(arrays):
                cells[place] = array
            content[name] = cells.reshape(shape)
    return content
