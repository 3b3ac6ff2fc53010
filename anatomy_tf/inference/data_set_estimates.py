"""Estimates for every sequence of a data set."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.data.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.clip_lifter import ClipLifter


def store_estimates(
    lifter: ClipLifter, store: SequenceStore, *, flip: bool = True
) -> Iterator[NDArray[np.float32]]:
    """Each sequence's positions (T, J, 3), metres, as evaluation wants them.

    The root is as regressed: the published protocol scores it too.

    Args:
        lifter: with a model of the store's skeleton and frame rate.
        store: the sequences, as the model sees them.
        flip: average with the mirror image's estimate.

    Raises:
        AnatomyError: when skeleton or frame rate differ.
    """
    _check(lifter, store)
    for frames in _sequences(store):
        estimate = lifter.estimate(store.keypoints[frames], store.visibility[frames], flip=flip)
        yield estimate.positions


def store_spreads(
    lifter: ClipLifter, store: SequenceStore
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """By how much each sequence's estimates differ, and how far they are from the truth.

    Of all joints but the root, relative to it, with flip averaging, in the frames with a true pose.

    Args:
        lifter: with a model of the store's skeleton and frame rate.
        store: the sequences, as the model sees them.

    Yields:
        ``ClipLifter.spread`` and error, (valid frames, J - 1) metres each.

    Raises:
        AnatomyError: when skeleton or frame rate differ.
    """
    _check(lifter, store)
    root = lifter.skeleton.root
    for frames in _sequences(store):
        clip = store.keypoints[frames], store.visibility[frames]
        positions = lifter.estimate(*clip).positions
        off = positions - positions[:, root, None] - store.positions[frames]
        valid = slice(None) if store.valid is None else store.valid[frames]
        spread, error = (
            np.delete(values, root, axis=1)[valid]
            for values in (lifter.spread(*clip), np.linalg.norm(off, axis=-1))
        )
        yield spread, error


def _sequences(store: SequenceStore) -> Iterator[slice]:
    """Each sequence's frames."""
    return (slice(*ends) for ends in itertools.pairwise(store.offsets))


def _check(lifter: ClipLifter, store: SequenceStore) -> None:
    for what, model, data in (
        ("skeleton", lifter.skeleton.name, store.skeleton.name),
        ("frame rate", lifter.fps, store.fps),
    ):
        if model != data:
            raise AnatomyError(f"the model's {what} is {model}, the data's {data}")
    if lifter.skeleton != store.skeleton:
        raise AnatomyError(f"the model's {lifter.skeleton.name} has other joints than the data's")
