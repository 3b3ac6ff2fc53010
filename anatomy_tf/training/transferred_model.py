"""A new model that begins with weights of trained ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import CheckedFields
from anatomy_tf.models import AnatomyLifterConfig, LiftingModel, load_model
from anatomy_tf.models.shipped_models import find_model


@dataclasses.dataclass(frozen=True)
class LayersOf(CheckedFields):
    """Layers of a trained model.

    Args:
        name: a shipped model, or the path of a ``.keras`` file.
        beginnings: the layers whose names begin so; all of them when empty.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    name: str | Path
    beginnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class TransferredModel(CheckedFields):
    """For ``TrainingConfig(model=...)``: a model of other arguments than the trained ones.

    A weight is taken from the first source that has one of its name and shape. A layer whose inputs
    are those of the trained layer and further ones, such as the stem of a recipe that tells the
    network more, keeps the trained kernel, and begins with 0 for the further inputs. Other weights
    begin anew. The optimizer does, too.

    Args:
        model: the new model's arguments.
        sources: where weights come from, the first ones first.

    Raises:
        AnatomyError: naming the field, the expected and the given value.

    Example:
        >>> arguments = AnatomyLifterConfig(filter_widths=(3, 3, 3), channels=256, causal=True)
        >>> TransferredModel(arguments, (LayersOf("compact"),)).build().causal
        True
    """

    model: AnatomyLifterConfig
    sources: tuple[LayersOf, ...]

    def build(self) -> LiftingModel:
        """Return the model with the weights that it takes.

        Raises:
            AnatomyError: when a source is no model, or gives no weight.
        """
        model = self.model.build()
        missing = list(model.weights)
        for source in self.sources:
            left = take_weights(missing, load_model(find_model(source.name)), source.beginnings)
            if len(left) == len(missing):
                raise AnatomyError(f"{source.name}: no weight of it fits the new model")
            missing = left
        return model


def take_weights(
    weights: Sequence[Any], trained: LiftingModel, beginnings: tuple[str, ...] = ()
) -> list[Any]:
    """Give weights the values that they have in a trained model, and return those it lacks.

    Args:
        weights: the weights of a model, as ``keras.Variable``.
        trained: the model that has the values.
        beginnings: only of layers whose names begin so; of all when empty.
    """
    known = {weight.path: weight for weight in trained.weights}
    left = []
    for weight in weights:
        value = None
        if weight.path in known and weight.path.startswith(beginnings or ""):
            value = _fitted(np.asarray(known[weight.path]), weight)
        if value is None:
            left.append(weight)
        else:
            weight.assign(value)
    return left


SHARE_OF_A_COPY = (0.25, 0.75)
"""Smallest and largest share of a channel's effect that its copy takes. Were the shares equal,
channel and copy would learn the same."""


def take_wider_weights(weights: Sequence[Any], trained: LiftingModel, channels: int) -> None:
    """Give a model of more channels the weights of a trained one, so that it computes the same.

    Further channels are copies of the first ones. A layer that sees a channel and its copies
    multiplies each by a part of the trained weight. The parts add up to it and are drawn for each
    weight, always the same ones, so that copies learn different things (Net2WiderNet of Chen et
    al., "Net2Net: Accelerating Learning via Knowledge Transfer", 2016, section 3.2).

    Args:
        weights: the weights of the wider model, as ``keras.Variable``.
        trained: the model that has the values; else of the same arguments.
        channels: C of the wider model, at most twice the trained one's.
    """
    random = np.random.default_rng(0)
    own = trained.config.channels
    known = {weight.path: weight for weight in trained.weights}
    for weight in weights:
        value = np.asarray(known[weight.path])
        for axis, (old, new) in enumerate(zip(value.shape, weight.shape, strict=True)):
            if old == new:
                continue
            # Inputs are one or several features of C channels, joined.
            channel = np.arange(channels) % own
            places = (np.arange(old // own)[:, None] * own + channel).ravel()
            value = np.take(value, places, axis=axis)
            if axis == value.ndim - 2:
                parts = _parts(random, value, axis, old // own, own)
                value = value * parts
        weight.assign(value)


def _parts(
    random: np.random.Generator, value: np.ndarray, axis: int, features: int, own: int
) -> np.ndarray:
    """Return the part of its weight that each channel and each copy takes."""
    parts = np.ones_like(value)
    # A view, so that channels are rows.
    rows = np.moveaxis(parts, axis, 0)
    for places in np.split(np.arange(len(rows)), features):
        copies = places[own:]
        share = random.uniform(*SHARE_OF_A_COPY, size=rows[copies].shape)
        rows[copies] = share
        rows[places[: len(copies)]] = 1 - share
    return parts


def _fitted(trained: np.ndarray, weight: Any) -> np.ndarray | None:
    """Return a trained weight in the shape of another, or ``None``."""
    shape = tuple(weight.shape)
    if trained.shape == shape:
        return trained
    # The inputs of a kernel are its last axis but one.
    if trained.ndim < 2 or trained.ndim != len(shape):
        return None
    further = shape[-2] - trained.shape[-2]
    if further < 0 or (*shape[:-2], shape[-1]) != (*trained.shape[:-2], trained.shape[-1]):
        return None
    return np.pad(trained, [*[(0, 0)] * (trained.ndim - 2), (0, further), (0, 0)])
