"""Files for TensorFlow Serving beside a SavedModel: configuration, warm-up requests, a README."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import tensorflow as tf

from anatomy_tf.files.atomic import atomic_path
from anatomy_tf.inference.exported.description import Description
from anatomy_tf.inference.exported.saved_model_lifter import read_saved_model_description

WARM_UP = "tf_serving_warmup_requests"
"""Name that TensorFlow Serving looks for in a version's ``assets.extra``."""

KEPT = ("models.config", "batching.config", "compose.yaml")
"""Files that are written once; what a person changes in them stays."""


def write_serving_files(folder: Path, version: Path, signatures: Mapping[str, Any]) -> None:
    """Write configuration and README into a model's folder.

    Args:
        folder: the model's folder.
        version: its newest version.
        signatures: concrete functions by name.
    """
    description = read_saved_model_description(version)
    values = {
        **_facts(description),
        "version": version.name,
        "signatures": "\n".join(_row(name, function) for name, function in signatures.items()),
        "stream": "",
        "warm_up": "",
    }
    if "stream" in signatures:
        values["stream"] = _template("stream.md").substitute(values)
    if (version / "assets.extra" / WARM_UP).is_file():
        values["warm_up"] = "Its warm-up requests are replayed before it answers."
    for name in KEPT:
        if not (folder / name).exists():
            _write(folder / name, _template(name).substitute(values))
    _write(folder / "README.md", _template("README.md").substitute(values))


def write_warm_up(path: Path, signatures: Mapping[str, Any], description: Description) -> bool:
    """Write requests that a server answers before a version goes into service.

    Returns:
        Whether they were written: not without the package tensorflow-serving-api.
    """
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError:
        return False
    with tf.io.TFRecordWriter(str(path)) as file:
        for name, function in signatures.items():
            inputs = _example(function, description)
            if not inputs:
                continue
            log = prediction_log_pb2.PredictionLog()
            request = log.predict_log.request
            request.model_spec.name = description["name"]
            request.model_spec.signature_name = name
            for key, value in inputs.items():
                request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
            file.write(log.SerializeToString())
    return True


def _example(function: Any, description: Description) -> dict[str, Any]:
    """Return inputs of a signature: two rows of a person in the middle of the image."""
    specs = _inputs(function)
    rows, frames = 2, description["receptive_field"]
    rng = np.random.default_rng(0)
    values: dict[str, Any] = {}
    for name, spec in specs.items():
        sizes = [size or default for size, default in zip(spec.shape, (rows, frames), strict=False)]
        shape = (*sizes, *spec.shape[2:])
        values[name] = np.zeros(shape, spec.dtype.as_numpy_dtype)
        if name in ("pixels", "keypoints"):
            values[name] += rng.uniform(-0.5, 0.5, shape).astype(np.float32)
    meaning = {"visibility": 1, "fps": description["fps"], "frames": frames, "people": rows}
    for name in values.keys() & meaning.keys():
        values[name] += np.asarray(meaning[name], values[name].dtype)
    if "image_size" in values:
        values["image_size"] += np.array([1920, 1080], np.float32)
        values["pixels"] = (values["pixels"] + 1) * np.float32(540)
    return values


def _facts(description: Description) -> dict[str, Any]:
    """Return the facts about a model for the README and the configuration."""
    direction = "causal: the newest frame's pose" if description["causal"] else "centred"
    summary = (
        f"Lifts 2D keypoints of a person ({description['layout']}, {len(description['parents'])} "
        f"joints) to 3D poses. {description['kind']} of {description['package']}."
    )
    facts = {
        "recipe": description["recipe"] or "none",
        "receptive field": f"{description['receptive_field']} frames at {description['fps']:g} "
        f"frames a second ({direction})",
        "parameters": f"{description['parameters']:,}",
        "units": description["units"],
        "flip averaging": "yes" if description["flip_averaged"] else "no",
        "joints": ", ".join(description["joint_names"]),
        "bones (by their far joint)": ", ".join(description["bone_names"]) or "none estimated",
    }
    return {
        **description,
        "fps": f"{description['fps']:g}",
        "joints": len(description["joint_names"]),
        "summary": summary,
        "facts": "\n".join(f"| {name} | {value} |" for name, value in facts.items()),
    }


def _row(name: str, function: Any) -> str:
    """Return a signature's line of the README's table, with the tensors of a state counted."""

    def tensors(specs: Mapping[str, Any]) -> str:
        shown = [
            f"`{key}` ({', '.join('·' if size is None else str(size) for size in spec.shape)}"
            f"{',' if len(spec.shape) == 1 else ''}) {spec.dtype.name}"
            for key, spec in specs.items()
            if not key.startswith("state_")
        ]
        states = len(specs) - len(shown)
        return ", ".join(shown + ([f"{states} x `state_...`"] if states else [])) or "nothing"

    return f"| `{name}` | {tensors(_inputs(function))} | {tensors(function.structured_outputs)} |"


def _inputs(function: Any) -> dict[str, Any]:
    """Return a concrete function's inputs by name."""
    return {spec.name: spec for spec in tf.nest.flatten(function.structured_input_signature)}


def _template(name: str) -> Template:
    folder = importlib.resources.files("anatomy_tf.export") / "serving_templates"
    return Template((folder / name).read_text(encoding="utf-8"))


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as beside:
        beside.write_text(text, encoding="utf-8")
