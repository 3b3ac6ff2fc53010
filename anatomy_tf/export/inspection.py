"""Describe a model file, an exported model or a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.model_card import model_card, model_name
from anatomy_tf.files.paths import is_there
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.inference.exported.saved_model_lifter import (
    SAVED_MODEL,
    read_saved_model_description,
    version_folder,
    version_folders,
)
from anatomy_tf.models.shipped_models import shipped_models

KINDS = (
    "a .keras file, a SavedModel (or the folder of its versions), a .tflite or .onnx file, a run's "
    "folder, or a shipped model's name"
)


def inspect_model(path: str | Path) -> Description:
    """Return the facts about any file or folder that contains a model.

    Args:
        path: see ``KINDS``.

    Returns:
        What the model's description says, with ``format``, ``path`` and ``bytes``, and what is
        particular to the format: versions, epochs.

    Raises:
        AnatomyError: for anything else, saying what is expected.
    """
    shipped = shipped_models()
    place = shipped.get(str(path), Path(path))
    if not is_there(place):
        known = ", ".join(shipped)
        raise AnatomyError(f"{path}: no such file or folder, nor a shipped model's name ({known})")
    read = _folder if place.is_dir() else _READERS.get(place.suffix.lower())
    if read is None:
        raise AnatomyError(f"{place}: no model; expected {KINDS}")
    return {"path": str(place), "bytes": size(place), **read(place)}


def holds_model(path: str | Path) -> bool:
    """Return whether a path looks like a model: a shipped model's name, a suffix or a folder."""
    place = Path(path)
    if str(path) in shipped_models():
        return True
    if place.is_dir():
        from anatomy_tf.training.run_folder import RunFolder

        keras = (place / "model.keras").is_file() or RunFolder(place).exists()
        return keras or version_folder(place) is not None
    return place.suffix.lower() in _READERS


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _folder(folder: Path) -> Description:
    if (folder / SAVED_MODEL).is_file():
        return read_saved_model_description(folder)
    from anatomy_tf.training.run_folder import RunFolder

    run = RunFolder(folder)
    if run.exists():
        return _run(run)
    if (folder / "model.keras").is_file():
        return _keras(folder / "model.keras")
    version = version_folder(folder)
    if version is None:
        raise AnatomyError(f"{folder}: no model; expected {KINDS}")
    return {**read_saved_model_description(version), "versions": list(version_folders(folder))}


def _keras(file: Path) -> Description:
    from anatomy_tf.export.description import describe
    from anatomy_tf.network.weights import NetworkWeights

    card = model_card(file)
    return {
        **describe(
            NetworkWeights.load(file),
            name=model_name(file),
            licence=card.licence,
            training_data=card.training_data,
        ),
        "format": "Keras",
    }


def _litert(file: Path) -> Description:
    from anatomy_tf.inference.exported.litert_file import read_litert_description

    return read_litert_description(file)


def _onnx(file: Path) -> Description:
    from anatomy_tf.inference.exported.onnx_lifter import read_onnx_description

    return read_onnx_description(file)


_READERS: Mapping[str, Callable[[Path], Description]] = {
    ".keras": _keras,
    ".tflite": _litert,
    ".onnx": _onnx,
}
"""What reads the description of a model file, by its suffix."""


def _run(run: Any) -> Description:
    """Return the facts about a run: those of its best model, or of its config before it has one."""
    described: Description = {"name": run.path.resolve().name, "format": "run"}
    for file in (run.best_model, run.model):
        if file.is_file():
            described = {**_keras(file), **described, "model": file.name}
            break
    else:
        card = model_card(run.model)
        described |= {"licence": card.licence, "training_data": card.training_data}
    return {**described, "epochs": len(run.read_metrics())}


def facts(description: Description) -> list[tuple[str, str]]:
    """Return a description as pairs of label and value to print."""
    shown = {
        "name": "name",
        "format": "format",
        "path": "path",
        "bytes": "size",
        "kind": "network",
        "recipe": "recipe",
        "filter_widths": "filter widths",
        "channels": "channels",
        "parameters": "parameters",
        "receptive_field": "receptive field",
        "causal": "causal",
        "fps": "frames a second",
        "layout": "layout",
        "joint_names": "joints",
        "bone_names": "bones",
        "flip_averaged": "flip averaging",
        "signature": "signature",
        "quantization": "quantization",
        "frames": "clip length",
        "versions": "versions",
        "epochs": "epochs run",
        "units": "units",
        "axes": "axes",
        "training_data": "trained on",
        "licence": "licence",
        "package": "made by",
    }
    pairs = []
    for key, what in shown.items():
        value = description.get(key)
        if value is None or value == []:
            continue
        pairs.append((what, _text(key, value)))
    return pairs


def _text(key: str, value: Any) -> str:
    if key == "bytes":
        return f"{value / 1e6:.2f} MB ({value:,} bytes)"
    if key == "receptive_field":
        return f"{value} frames"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(str(entry) for entry in value)
        return f"{len(value)}: {text}" if key in ("joint_names", "bone_names") else text
    return f"{value:,}" if key == "parameters" else str(value)
