"""Measurements of float32, TF32 and bfloat16 on a GPU, with JAX."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import keras
import numpy as np
import training_step
from clip_forms import WholeClip

from anatomy_tf.models import AnatomyLifter

PAPER_WINDOWS = 60 * 3.1e6
"""Samples of the published training: 60 epochs of Human3.6M, mirror images included."""

PUBLISHED_HOURS = 80
"""Hours of the published training on three GTX 1080 Ti."""


@dataclasses.dataclass(frozen=True)
class Precision:
    """The precision of products.

    Attributes:
        clip: JAX's precision of the products of a clip's float32 arrays.
        training: JAX's precision of a training step's products.
        policy: Keras's dtype policy of a training step's layers.
    """

    clip: str
    training: str
    policy: Literal["float32", "mixed_bfloat16"]


PRECISIONS = {
    "float32": Precision("float32", "float32", "float32"),
    "TF32": Precision("tensorfloat32", "tensorfloat32", "float32"),
    # A training step's arrays are bfloat16 themselves.
    "bfloat16": Precision("BF16_BF16_F32", "bfloat16", "mixed_bfloat16"),
}


def obstacle() -> str | None:
    """Return why these rows cannot run here, or ``None``."""
    if keras.backend.backend() != "jax":
        return "needs KERAS_BACKEND=jax"
    import jax

    return None if jax.default_backend() == "gpu" else "needs a GPU"


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Set JAX's precision of products in the block, in all threads; other backends keep theirs."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    before = jax.config.jax_default_matmul_precision
    jax.config.update("jax_default_matmul_precision", precision)
    try:
        yield
    finally:
        jax.config.update("jax_default_matmul_precision", before)


def measure(
    model: AnatomyLifter,
    keypoints: np.ndarray,
    visibility: np.ndarray,
    training: training_step.Settings,
    rounds: int,
) -> dict[str, dict[str, Any]]:
    """Measure for each precision a clip's frames and a training run's samples a second."""
    results: dict[str, dict[str, Any]] = {}
    exact = None
    for name, precision in PRECISIONS.items():
        with products_in(precision.clip):
            clip, times = WholeClip(model), []
            found = clip(keypoints, visibility)
            for _ in range(rounds):
                began = time.perf_counter()
                clip(keypoints, visibility)
                times.append(time.perf_counter() - began)
        exact = found if exact is None else exact
        with products_in(precision.training):
            settings = dataclasses.replace(training, precision=precision.policy)
            turns = list(training_step.rounds(settings, only_ahead=True))
        seconds = statistics.median(turn[training_step.AHEAD][0] for turn in turns)
        samples = training.batch_size / seconds
        results[name] = {
            "frames_per_second": [len(keypoints) / t for t in times],
            "largest_difference": float(np.abs(found - exact).max()),
            "training_samples_per_second": samples,
            "hours_of_the_papers_training": PAPER_WINDOWS / samples / 3600,
            "published_hours": PUBLISHED_HOURS,
        }
    return results
