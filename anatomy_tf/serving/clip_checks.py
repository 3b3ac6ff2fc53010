"""Checks of a request's values, beyond shapes and types."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import (
    FRAME_RATE,
    IMAGE_SIDE,
    PIXEL,
    REQUEST_FRAMES,
    STREAM_PEOPLE,
    Limit,
)
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.preparation import not_found
from anatomy_tf.serving.batching import clip_length, row_count
from anatomy_tf.serving.refusal import invalid, refusing
from anatomy_tf.serving.signature import FRAMES, Arrays, Signature
from anatomy_tf.skeletons import Skeleton, get_skeleton, map_skeleton, skeleton_names

Truths = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class _Check:
    expected: str
    holds: Callable[[NDArray[Any]], Truths]


_CHECKS = {
    # A joint that was not detected is NaN.
    "pixels": _Check(
        f"{PIXEL.described}, or NaN for a lost joint", lambda v: PIXEL.holds(v) | np.isnan(v)
    ),
    "keypoints": _Check(f"finite, at most {PIXEL.most:,}", PIXEL.holds),
    "visibility": _Check("scores in [0, 1]", lambda v: (v >= 0) & (v <= 1)),
    "image_size": _Check(IMAGE_SIDE.described, IMAGE_SIDE.holds),
    "fps": _Check(FRAME_RATE.described, FRAME_RATE.holds),
}
_JOINT_AXES = {"pixels": -2, "visibility": -1}


def check_values(signature: Signature, inputs: Arrays) -> None:
    """Raise ``RefusedError`` for values that no clip has; padding may be anything.

    Args:
        signature: the request's signature.
        inputs: inputs that the signature has checked.

    Raises:
        RefusedError: naming the input, the place and the value.
    """
    for name, check in _CHECKS.items():
        if name not in inputs:
            continue
        good = check.holds(inputs[name])
        if signature.padded and signature.inputs[name].has_time:
            good |= _padding(inputs[name], inputs[FRAMES])
        bad = np.argwhere(~good)
        if len(bad):
            place = ", ".join(map(str, bad[0]))
            value = inputs[name][tuple(bad[0])]
            raise invalid(
                f"{signature.name}: expected {name} to be {check.expected}, got {value} at "
                f"[{place}]"
            )
    if signature.padded and "pixels" in inputs:
        scores = inputs["visibility"]
        lost = not_found(inputs["pixels"], scores, NumPyArrays())
        lost |= _padding(scores, inputs[FRAMES])
        nobody = np.flatnonzero(lost.reshape(len(lost), -1).all(axis=1))
        if len(nobody):
            raise invalid(
                f"{signature.name}: expected a detected joint in each row of pixels, got none in "
                f"row {nobody[0]}"
            )


def check_size(signature: Signature, inputs: Arrays, fps: float) -> None:
    """Raise ``RefusedError`` for more clips, frames or people than a replica can hold.

    Args:
        signature: the request's signature.
        inputs: inputs that the signature has checked.
        fps: the model's frame rate, at which clips are computed.
    """
    if not signature.batched:
        return
    rows, limit = row_count(inputs), STREAM_PEOPLE
    frames = clip_length(signature, inputs)
    if frames is not None:
        slower = fps / float(inputs["fps"].min()) if "fps" in inputs else 1.0
        rows, limit = math.ceil(rows * frames * max(slower, 1.0)), REQUEST_FRAMES
    _within(limit, rows, signature.name)


def finite(signature: Signature, inputs: Arrays, outputs: Arrays) -> dict[str, NDArray[Any]]:
    """Return a model's outputs, with 0 for what is not finite in padding.

    In a stream, the outputs of a person who was not seen yet are NaN.

    Args:
        signature: the request's signature.
        inputs: inputs that the signature has checked.
        outputs: outputs by name.

    Raises:
        RefusedError: where the model answers with NaN or infinity otherwise.
    """
    found = dict(outputs)
    for name, values in outputs.items():
        bad = ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros(1, bool)
        if not bad.any():
            continue
        if signature.padded and signature.outputs[name].has_time:
            padding = _padding(values, inputs[FRAMES])
            found[name] = np.where(bad & padding, 0, values)
            bad &= ~padding
        elif signature.outputs[name].has_rows and "pixels" in inputs:
            unseen = not_found(inputs["pixels"], inputs["visibility"], NumPyArrays()).all(axis=-1)
            bad &= ~np.isnan(values) | ~unseen.reshape(-1, *[1] * (values.ndim - 1))
        if bad.any():
            raise invalid(f"{signature.name}: these inputs give {name} that are not finite")
    return found


def _within(limit: Limit, value: int, where: str) -> None:
    with refusing():
        limit.check(value, where)


def _padding(values: NDArray[Any], frames: NDArray[Any]) -> Truths:
    """Return which frames of (rows, frames, ...) are padding, (rows, frames, 1, ...)."""
    times = np.arange(values.shape[1])
    return np.reshape(
        times[None] >= frames[:, None], [len(values), len(times), *[1] * (values.ndim - 2)]
    )


def mapped_inputs(
    name: str, inputs: Arrays, layout: str | Skeleton, target: Skeleton
) -> dict[str, NDArray[Any]]:
    """Map pixels and visibility from a layout to the model's, by joint names.

    Args:
        name: the signature's name, for the message.
        inputs: inputs that are not checked yet.
        layout: the inputs' layout, such as ``"coco_17"``.
        target: the model's skeleton.

    Raises:
        RefusedError: for an unknown layout, one that cannot stand for the model's, or another
            number of joints than it has.
    """
    with refusing(name):
        source = get_skeleton(layout)
        mapping = None if source == target else map_skeleton(source, target)
    found = {key: np.asarray(value) for key, value in inputs.items()}
    for key, axis in _JOINT_AXES.items():
        if key not in found:
            continue
        values = found[key]
        if values.ndim < -axis or values.shape[axis] != source.joint_count:
            raise invalid(
                f"{name}: expected {key} of the {source.joint_count} joints of {source.name} "
                f"({', '.join(source.joint_names)}), got the shape {values.shape}; another layout "
                f"is named by the input layout: {', '.join(skeleton_names())}"
            )
        if mapping is not None and values.dtype.kind in "fiu":
            move = mapping.points if key == "pixels" else mapping.visibility
            found[key] = move(values)
    return found
