"""Estimates for every sequence of a data set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.field_of_view import assumed_intrinsics
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.clip_lifter import ClipInput, ClipLifter, Estimate

Array = NDArray[np.float32]


def store_estimates(
    lifter: ClipLifter, store: SequenceStore, *, flip: bool = True
) -> Iterator[NDArray[np.float32]]:
    """Yield each sequence's positions (T, J, 3), metres, for evaluation.

    Poses of a model of the canonical view are fitted, as ``ClipLifter.lift`` does. Those of other
    models keep the root as regressed, because the published protocol scores it too.

    Args:
        lifter: with a model of the store's skeleton and frame rate.
        store: the sequences, as the model sees them.
        flip: average with the mirror image's estimate.

    Raises:
        AnatomyError: when skeleton or frame rate differ.
    """
    _check(lifter, store)
    for number in range(len(store)):
        yield lifter.estimate(*as_seen(lifter, store, number), flip=flip, fit=True).positions


def store_spreads(
    lifter: ClipLifter, store: SequenceStore
) -> Iterator[tuple[Estimate, NDArray[np.float32], NDArray[np.float32]]]:
    """Yield each sequence's estimate, its spread and its error.

    Spread and error cover all joints but the root, relative to it, with flip averaging, in the
    frames with a true pose.

    Args:
        lifter: with a model of the store's skeleton and frame rate.
        store: the sequences, as the model sees them.

    Yields:
        The estimate, and ``ClipLifter.spread`` and error, (valid frames, J - 1) metres each.

    Raises:
        AnatomyError: when skeleton or frame rate differ.
    """
    _check(lifter, store)
    root = lifter.skeleton.root
    for number, frames in enumerate(store.slices):
        clip = ClipInput(*as_seen(lifter, store, number))
        estimate = lifter.estimate(clip.keypoints, clip.visibility, fit=True)
        positions = estimate.positions
        off = positions - positions[:, root, None] - store.positions[frames]
        valid = slice(None) if store.valid is None else store.valid[frames]
        spread, error = (
            np.delete(values, root, axis=1)[valid]
            for values in (lifter.spread(clip), np.linalg.norm(off, axis=-1))
        )
        yield estimate, spread, error


def as_seen(lifter: ClipLifter, store: SequenceStore, number: int) -> tuple[Array, Array]:
    """Return keypoints (T, J, 2) and visibility (T, J) of a sequence as the model sees them.

    Args:
        lifter: with the model.
        store: the sequences.
        number: of the sequence.
    """
    frames = store.slices[number]
    keypoints = store.keypoints[frames]
    if lifter.canonical:
        ratio = float(store.aspect_ratios[number])
        keypoints = pinhole_rays(keypoints, assumed_intrinsics(1.0 if np.isnan(ratio) else ratio))
    return keypoints, store.visibility[frames]


def _check(lifter: ClipLifter, store: SequenceStore) -> None:
    if lifter.skeleton != store.skeleton:
        raise AnatomyError(
            f"the model's skeleton is {lifter.skeleton.name!r}, the data's {store.skeleton.name!r}"
        )
    if lifter.fps != store.fps:
        raise AnatomyError(f"the model's frame rate is {lifter.fps:g}, the data's {store.fps:g}")
