"""Estimates for every sequence of a data set."""

from __future__ import annotations

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
    for what, model, data in (
        ("skeleton", lifter.skeleton, store.skeleton),
        ("frame rate", lifter.fps, store.fps),
    ):
        if model != data:
            raise AnatomyError(f"the model's {what} is {model}, the data's {data}")
    for index in range(len(store)):
        frames = slice(store.offsets[index], store.offsets[index + 1])
        estimate = lifter.estimate(store.keypoints[frames], store.visibility[frames], flip=flip)
        yield estimate.positions
