"""Numeric arrays and cells of MATLAB's MAT files, versions 5 to 7, through SciPy.

SciPy reads them in a process of its own (``files.separate_process``).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.separate_process import read_apart

_CELL = "/"
"""Between a variable's name and the place of one of its cells; MATLAB's names have none."""


def read_matlab(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Return variables of a MAT file, version 5 to 7.

    Args:
        path: the file.
        names: which variables to read, of those that are there.

    Returns:
        Name to array; one of cells is of objects, each a numeric array.

    Raises:
        AnatomyError: when the file cannot be read, is damaged or of version 7.3, or when a variable
            of these names holds anything but numbers, such as text or a struct.
    """
    arrays = read_apart(_parsed, path, *sorted(names), expected="MATLAB file")
    found = {name: array for name, array in arrays.items() if _CELL not in name}
    for name, array in found.items():
        if array.dtype == bool:
            cells = np.empty(array.size, object)
            for place in range(array.size):
                cells[place] = arrays[f"{name}{_CELL}{place}"]
            found[name] = cells.reshape(array.shape)
    return found


def _parsed(path: str, *names: str) -> dict[str, NDArray[Any]]:
    """Return arrays, and of each array of cells its shape as truth values and then each cell."""
    import scipy.io

    try:
        content = scipy.io.loadmat(path, variable_names=names)
    except NotImplementedError:
        raise AnatomyError("expected MATLAB v5 to v7, got v7.3 (HDF5); save it with -v7") from None
    arrays = {}
    for name in names:
        if name not in content:
            continue
        value = content[name]
        cells = list(value.ravel()) if value.dtype == object else []
        for array in cells or [value]:
            if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
                raise AnatomyError(f"not a readable MATLAB file ({name} holds no plain numbers)")
        arrays[name] = np.ones(value.shape, bool) if value.dtype == object else value
        arrays |= {f"{name}{_CELL}{place}": cell for place, cell in enumerate(cells)}
    return arrays
