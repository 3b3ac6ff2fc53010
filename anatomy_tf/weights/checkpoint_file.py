"""A user's own PyTorch checkpoint file, read without running what it holds."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import check_file
from anatomy_tf.weights.parameters import Array, plain_state

TORCH_REQUIREMENT = "torch==2.13.0"
"""The version that was tested."""

PARAMETERS = "model_pos"
"""Key under which both published implementations keep the parameters."""


@dataclasses.dataclass(frozen=True)
class CheckpointFile:
    """The content of a checkpoint file.

    Attributes:
        path: the file.
        sha256: digest of its bytes, hexadecimal.
        epoch: finished epochs, ``None`` where the file does not state them.
        state: parameter names, without ``module.``, to arrays; counts of batches are left out.
    """

    path: Path
    sha256: str
    epoch: int | None
    state: dict[str, Array]


def read_checkpoint(path: str | Path) -> CheckpointFile:
    """Read a checkpoint ``{epoch, lr, random_state, optimizer, model_pos}``.

    ``torch.load(weights_only=True)`` builds tensors and plain Python values only. The NumPy random
    state in such files is not built at all: a placeholder takes its place.

    Args:
        path: the file that ``torch.save`` wrote, in the present or the older format.

    Raises:
        AnatomyError: when torch is not installed; the file is missing, is no checkpoint, holds
            anything but tensors and plain values, or has no ``model_pos``.
    """
    path = Path(path)
    try:
        import torch
    except ImportError as error:
        raise AnatomyError(
            f"{path}: reading a PyTorch checkpoint needs torch: pip install {TORCH_REQUIREMENT}"
        ) from error
    check_file(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AnatomyError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        with _without_numpy_objects():
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # Its unpickler fails on foreign bytes with any exception.
        refused = re.search(r"GLOBAL (\S+)", str(error))
        raise AnatomyError(
            f"{path}: expected a checkpoint of tensors and plain values that torch.save wrote"
            + (f"; it also holds {refused[1]}" if refused else "")
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get(PARAMETERS), dict):
        found = ", ".join(map(str, content)) if isinstance(content, dict) else type(content)
        raise AnatomyError(f"{path}: expected a dict with {PARAMETERS!r}, got {found}")
    parameters = content[PARAMETERS]
    others = [key for key, value in parameters.items() if not isinstance(value, torch.Tensor)]
    if others:
        raise AnatomyError(f"{path}: expected tensors in {PARAMETERS!r}, not in {others}")
    epoch = content.get("epoch")
    return CheckpointFile(
        path,
        digest,
        epoch if isinstance(epoch, int) else None,
        plain_state({key: value.numpy() for key, value in parameters.items()}),
    )


class _NotBuilt:
    """A placeholder for a NumPy object, which drops the object's content."""

    def __new__(cls, *_arguments: Any) -> _NotBuilt:
        return super().__new__(cls)

    def __setstate__(self, _state: Any) -> None: ...


# Names in pickles of np.random.RandomState, arrays and NumPy numbers, over NumPy's versions.
_NUMPY_NAMES = (
    *(f"numpy.{m}.multiarray.{f}" for m in ("core", "_core") for f in ("_reconstruct", "scalar")),
    *("numpy.ndarray", "numpy.dtype", "numpy.dtypes.UInt32DType", "numpy.dtypes.Float64DType"),
    *("numpy.random.__RandomState_ctor", "numpy.random._pickle.__randomstate_ctor"),
    *("numpy.random.mtrand.RandomState", "numpy.random._pickle.__bit_generator_ctor"),
    "numpy.random._mt19937.MT19937",
)


@contextlib.contextmanager
def _without_numpy_objects() -> Iterator[None]:
    import torch

    with torch.serialization.safe_globals([(_NotBuilt, name) for name in _NUMPY_NAMES]):
        yield
