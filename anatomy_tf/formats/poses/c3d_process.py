"""The process in which ezc3d reads a file for ``c3d.load_c3d``: it may crash or not return.

python -m anatomy_tf.formats.poses.c3d_process FILE OUTPUT.npz
"""

from __future__ import annotations

import resource
import sys

import ezc3d
import numpy as np

MEMORY = 8 << 30
"""Bytes of address space; a damaged file may claim any number of frames."""


def main(source: str, target: str) -> None:
    """Writes what poses need of a C3D file as arrays of numbers and text."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    content = ezc3d.c3d(source)
    group = content["parameters"]["POINT"]

    def texts(name: str) -> np.ndarray:
        values = group[name]["value"] if name in group else []
        return np.array([str(value).strip() for value in values], np.str_)

    # Programs that have more than 255 markers go on in LABELS2.
    labels = np.concatenate([texts("LABELS"), texts("LABELS2")])
    np.savez(
        target,
        points=np.asarray(content["data"]["points"], np.float64)[:3],
        labels=labels.astype(np.str_),
        units=texts("UNITS"),
        x_screen=texts("X_SCREEN"),
        y_screen=texts("Y_SCREEN"),
        rate=np.asarray(content["header"]["points"]["frame_rate"], np.float64),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
