"""Reading a ``.keras`` file without Keras: the model's arguments and its arrays.

No class or function that the file names is imported, and no more memory is taken than a file of
this config needs.
"""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.models import AnatomyLifterConfig, LiftingModelConfig, VideoPoseConfig
from anatomy_tf.models.lifting_model_config import FROZEN, LOAD_WITH
from anatomy_tf.skeletons import get_skeleton

CONFIGS: Mapping[str, type[LiftingModelConfig]] = {
    config.model.partition(":")[2]: config for config in (AnatomyLifterConfig, VideoPoseConfig)
}
"""The config of each model class that a file may hold, by the class's name."""

LARGEST_CONFIG = 1 << 20
"""Bytes of a model file's config; a real one has a thousand."""

MOST_UNPACKED = 100
"""Most bytes that one byte of the file may unpack to. Keras does not compress, and weights can
hardly be compressed."""

NORMALIZATION = ("gamma", "beta", "moving_mean", "moving_variance")
"""The arrays of a batch normalisation, in the order in which Keras numbers them in a file."""

_NORMALIZATION_VARIABLES = (*NORMALIZATION, "batch_share")
_PRODUCT_VARIABLES = ("kernel", "bias")


def read_keras_file(path: Path) -> tuple[LiftingModelConfig, dict[str, NDArray[Any]]]:
    """Read config and weights of a ``.keras`` file, which is a zip archive.

    Returns:
        The model's arguments, and its arrays by the path of their layer, such as
        ``"sub_network_1_block_1/temporal/kernel"``.

    Raises:
        AnatomyError: when the file cannot be read, or is damaged or of another kind. The message
            does not name the file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            config = _config(_member(archive, "config.json", LARGEST_CONFIG))
            # Whatever the file holds besides, the weights of this config take no more.
            content = _member(archive, "model.weights.h5", _largest_weights(config))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError) as e:
        raise AnatomyError(f"not a Keras model file of this package: {first_line(e)}") from None
    return config, _named_arrays(content)


def _member(archive: zipfile.ZipFile, name: str, largest: int) -> bytes:
    """Return the content of a member of at most ``largest`` bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise AnatomyError(
            f"not a Keras model file of this package: expected {name} in it"
        ) from None
    if info.file_size > largest:
        raise AnatomyError(f"{name}: expected at most {largest} bytes, got {info.file_size}")
    if info.file_size > MOST_UNPACKED * info.compress_size:
        raise AnatomyError(
            f"{name}: expected at most {MOST_UNPACKED} times its {info.compress_size} bytes when "
            f"unpacked, got {info.file_size}"
        )
    try:
        # No more is read than the archive says, which the checksum then contradicts.
        return archive.read(info)
    except (RuntimeError, zlib.error) as error:
        raise AnatomyError(f"{name}: cannot be unpacked: {first_line(error)}") from None


def _config(content: bytes) -> LiftingModelConfig:
    """Return the config of the file's JSON, by our own schema."""
    try:
        data = json.loads(content)
        name, arguments = data["class_name"], dict(data["config"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise AnatomyError("not a Keras model file: config.json names no class") from None
    if not isinstance(name, str) or name not in CONFIGS:
        raise AnatomyError(f"expected a model of {' or '.join(CONFIGS)}, got {name!r:.60}")
    for key in (LOAD_WITH, FROZEN, "name", "dtype", "trainable"):
        arguments.pop(key, None)
    known = {field.name for field in dataclasses.fields(CONFIGS[name])}
    unknown = sorted(set(arguments) - known)
    if unknown:
        raise AnatomyError(f"config.json: unknown argument {unknown[0]!r:.60} of {name}")
    try:
        return CONFIGS[name](**arguments)
    except AnatomyError as error:
        raise AnatomyError(f"config.json: {error}") from None
    except (TypeError, ValueError) as error:
        raise AnatomyError(f"config.json: {first_line(error)}") from None


def _largest_weights(config: LiftingModelConfig) -> int:
    """Return the most bytes that a file of this config's weights takes, generously."""
    skeleton, channels = get_skeleton(config.skeleton), config.channels
    numbers = skeleton.joint_count**2 * 3 + channels
    levels = len(config.filter_widths) + 2
    products = (max(config.filter_widths) * 2 + 2) * (channels + 6 * skeleton.joint_count)
    sub_networks = getattr(config, "sub_networks", 1) + 3
    # Weights, and two moments of an optimizer; groups of HDF5 take some kilobytes each.
    return sub_networks * (levels * (channels * products * 12 + 65_536) + numbers * 12 * channels)


def _named_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a weights file by the paths that they have in the model."""
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            return {
                path: _array(variable, path, len(content))
                for path, variable in _variables(file, "", set())
            }
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise AnatomyError(f"model.weights.h5: cannot be read: {first_line(error)}") from None


def _variables(group: Any, path: str, walked: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield the variables below a group of a weights file, with their paths in the model.

    Args:
        group: of the opened file.
        path: that of the group in the model.
        walked: addresses of the groups so far.
    """
    import h5py

    address = h5py.h5o.get_info(group.id).addr
    if address in walked:
        # A group may lie in itself, and then has no end.
        raise AnatomyError(f"group {path or '/'}: expected it once in the file")
    walked.add(address)
    variables = group.get("vars")
    if variables is not None:
        normalizes = path.endswith("/normalization")
        names = _NORMALIZATION_VARIABLES if normalizes else _PRODUCT_VARIABLES
        for number, name in enumerate(names):
            if str(number) in variables:
                yield f"{path}/{name}", variables[str(number)]
    for key, inner in group.items():
        if key == "vars" or not isinstance(inner, h5py.Group):
            continue
        if key == "layers":
            # The sub-models' names do not belong to a layer's path.
            for layer in inner.values():
                yield from _variables(layer, _layer_name(layer, ""), walked)
        elif not key.startswith("optimizer"):
            yield from _variables(inner, f"{path}/{_layer_name(inner, key)}", walked)


def _layer_name(group: Any, key: str) -> str:
    """Return the name of a group's layer, by default the group's key."""
    variables = group.get("vars")
    return key if variables is None else str(variables.attrs.get("name", key))


def _array(variable: Any, path: str, largest: int) -> NDArray[Any]:
    """Return a stored variable as an array of at most ``largest`` bytes."""
    import h5py

    # Nothing packed, nothing that lies in another file, and no size without the bytes.
    if not isinstance(variable, h5py.Dataset) or variable.external or variable.is_virtual:
        raise AnatomyError(f"weight {path}: expected an array in this file")
    if variable.shape is None:
        raise AnatomyError(f"weight {path}: expected an array of numbers, got an empty one")
    if variable.nbytes > largest:
        raise AnatomyError(
            f"weight {path}: expected at most the file's {largest} bytes, got {variable.nbytes}"
        )
    if variable.attrs.get("dtype") == "bfloat16" and variable.dtype.itemsize == 2:
        # The first half of a float32's bytes.
        return (variable[()].view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    # Of a text without axes HDF5 gives no array.
    return np.asarray(variable[()])
