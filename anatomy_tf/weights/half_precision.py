"""Model files of half the size, with weights stored in float16."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import MODEL_BYTES
from anatomy_tf.files.zip_sizes import check_zip_sizes

WEIGHTS = "model.weights.h5"
"""The member of a ``.keras`` archive that holds the weights."""


def store_half_precision(source: str | Path, target: str | Path) -> None:
    """Rewrite a ``.keras`` file with its weights in float16 and without optimizer state.

    The model itself stays float32: ``keras.saving.load_model`` reads the file like any other, and
    the model computes as before, with weights rounded to 11 bits.

    Args:
        source: a ``.keras`` file.
        target: the file to write; may be the same.

    Raises:
        AnatomyError: when the source is no ``.keras`` file or a damaged one, or claims to unpack to
            far more than it is, the target cannot be written, or a weight is beyond float16's
            65,504, naming it.
    """
    import h5py

    source = Path(source)
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise AnatomyError(f"{source}: expected a .keras file: {error}") from error
    with archive, atomic_path(Path(target)) as partial:
        check_zip_sizes(archive, source, MODEL_BYTES)
        if WEIGHTS not in archive.namelist():
            raise AnatomyError(f"{source}: expected a .keras file, which holds {WEIGHTS}")
        halved = partial.with_name(f"{partial.name}.h5")
        try:
            with (
                reading(source, ".keras file"),
                archive.open(WEIGHTS) as stream,
                h5py.File(stream) as whole,
                h5py.File(halved, "w") as half,
            ):
                _copy(whole, half, source)
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as new:
                for name in archive.namelist():
                    if name != WEIGHTS:
                        new.writestr(name, archive.read(name))
                with new.open(WEIGHTS, "w") as stream, halved.open("rb") as weights:
                    shutil.copyfileobj(weights, stream)
        finally:
            halved.unlink(missing_ok=True)


def _copy(source: Any, target: Any, path: Path) -> None:
    """Copy groups and datasets, float32 as float16, except the optimizer's."""
    for key, value in source.attrs.items():
        target.attrs[key] = value
    for name, item in source.items():
        if item.name == "/optimizer":
            continue
        if hasattr(item, "dtype"):
            target.create_dataset(name, data=_halved(item[()], item.name, path))
        else:
            _copy(item, target.create_group(name), path)


def _halved(values: NDArray, name: str, path: Path) -> NDArray:
    if values.dtype != np.float32:
        return values
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    if not np.isfinite(half).all():
        largest = np.abs(values).max()
        raise AnatomyError(f"{path}: weight {name} reaches {largest:g}, float16 ends at 65504")
    return half
