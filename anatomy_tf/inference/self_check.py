"""Whether this installation computes what the published model computed on the shipped sample."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.json_file import number_array, read_json
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.models.shipped_models import find_model

TOLERANCE = 1e-4
"""Metres. Rounding differs between processors by less than a hundredth of this."""


@dataclasses.dataclass(frozen=True)
class SelfCheck:
    """The measurements of the check.

    Attributes:
        difference: the largest difference to a stored coordinate, in metres.
        seconds: that loading and lifting took.
    """

    difference: float
    seconds: float


def stored_pose_path(model: Path) -> Path:
    """Return the file beside a model that says how it lifts the sample."""
    return model.with_name(f"{model.stem}.sample_pose.json")


def store_sample_pose(model: str | Path = "compact") -> Path:
    """Write how a model lifts the sample now. Run this when a shipped model is replaced.

    Args:
        model: name of a shipped model, or a ``.keras`` file.

    Returns:
        The file, which ``self_check`` compares with.
    """
    file = find_model(model)
    positions = np.round(_sample_pose(file), 6)
    stored = {"sha256": _sha256(file), "positions": positions.tolist()}
    path = stored_pose_path(file)
    with atomic_file(path) as target:
        target.write((json.dumps(stored) + "\n").encode())
    return path


def self_check(model: str | Path = "compact") -> SelfCheck:
    """Lift the shipped sample and compare one frame with the stored one. Needs no Keras.

    Args:
        model: name of a shipped model, or a ``.keras`` file.

    Raises:
        AnatomyError: when the model's file is not the one that the stored pose was made with, or
            a coordinate differs by more than ``TOLERANCE``.
    """
    file = find_model(model)
    path = stored_pose_path(file)
    stored = read_json(path)
    if not isinstance(stored, dict) or not {"sha256", "positions"} <= stored.keys():
        raise AnatomyError(f"{path}: expected an object with sha256 and positions")
    if _sha256(file) != stored["sha256"]:
        raise AnatomyError(
            f"{file}: is not the file that {path.name} was made with; install the package again"
        )
    start = time.perf_counter()
    positions = _sample_pose(file)
    seconds = time.perf_counter() - start
    expected = number_array(stored["positions"], positions.shape, f"{path}: positions")
    difference = float(np.abs(positions - expected).max())
    # A NaN is no small difference either.
    if not difference <= TOLERANCE:
        raise AnatomyError(
            f"the sample lifted with {model} differs from {path} by {1000 * difference:.3g} mm, "
            f"expected at most {1000 * TOLERANCE:g} mm"
        )
    return SelfCheck(difference, seconds)


def _sample_pose(model: Path) -> NDArray[np.float64]:
    """Return the first person's pose (J, 3), metres, in the middle of the sample."""
    person = load_keypoints(sample_keypoints())[0]
    return np.asarray(Lifter.load(model).lift(person).positions[len(person) // 2], np.float64)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
