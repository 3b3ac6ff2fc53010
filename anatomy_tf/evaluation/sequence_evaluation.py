"""Evaluation of predictions against the true poses of a sequence store."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores, frame_weighted
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.skeletons import Skeleton

if TYPE_CHECKING:
    from anatomy_tf.data.batches.store import SequenceStore


def action_without_take(action: str) -> str:
    """Return an action without its take number: ``"Directions"`` for ``"Directions 1"``."""
    return re.sub(r"[ _]\d+$", "", action)


def evaluate_store(
    predictions: Sequence[ArrayLike],
    store: SequenceStore,
    conditions: Mapping[str, Any] | None = None,
    action_group: Callable[[str], str] = action_without_take,
) -> Report:
    """Score predictions with every measure, by action, by subject and overall.

    Args:
        predictions: for each sequence of the store, in its order, (T, J, 3) metres in the camera's
            axes, relative to the root. The root is scored as it was predicted.
        store: the true poses, root-relative; frames that are not valid do not count.
        conditions: other settings that the numbers depend on, such as ``{"2D source": ...,
            "model": ..., "flip": ..., "data version": ...}``; shown with them.
        action_group: function from a sequence's action to the group that it is averaged in.

    Returns:
        The report.

    Raises:
        AnatomyError: when a prediction is missing, of another shape than its sequence or not
            finite, naming the sequence.
    """
    by_action: dict[str, list[Scores]] = {}
    by_subject: dict[str, list[Scores]] = {}
    for index, scores in enumerate(sequence_scores(predictions, store)):
        by_action.setdefault(action_group(store.actions[index]), []).append(scores)
        by_subject.setdefault(store.subjects[index], []).append(scores)
    return Report(
        {name: frame_weighted(by_action[name]) for name in sorted(by_action)},
        {name: frame_weighted(by_subject[name]) for name in sorted(by_subject)},
        store.skeleton.name,
        float(store.fps),
        as_text(conditions),
    )


def as_text(conditions: Mapping[str, Any] | None) -> dict[str, str]:
    """Return conditions as text, as a report keeps them."""
    return {str(name): str(value) for name, value in (conditions or {}).items()}


def sequence_scores(predictions: Sequence[ArrayLike], store: SequenceStore) -> list[Scores]:
    """Return the scores of every sequence; arguments and errors are ``evaluate_store``'s."""
    return [
        _sequence_scores(predicted, store, index)
        for index, predicted in enumerate(checked_predictions(predictions, store))
    ]


def checked_predictions(
    predictions: Sequence[ArrayLike], store: SequenceStore
) -> list[NDArray[np.floating]]:
    """Return the predictions as arrays, checked to fit their sequences.

    Raises:
        AnatomyError: for no list of predictions or no store; when one is missing, of another shape
            than its sequence or not finite, naming the sequence.
    """
    check_store(store)
    if not isinstance(predictions, Sequence | np.ndarray) or isinstance(predictions, str):
        raise AnatomyError(f"expected a list of predictions, got {type(predictions).__name__}")
    if len(predictions) != len(store):
        raise AnatomyError(
            f"expected a prediction for each of {len(store)} sequences, got {len(predictions)}"
        )
    arrays = []
    for index, given in enumerate(predictions):
        clip = f"{store.subjects[index]}/{store.clips[index]}/{store.cameras[index]}"
        where = f"prediction of sequence {index} ({clip})"
        predicted = number_array(given, None, where)
        shape = (int(store.lengths[index]), store.skeleton.joint_count, 3)
        if predicted.shape != shape:
            raise AnatomyError(f"{where}: expected shape {shape}, got {predicted.shape}")
        if not np.isfinite(predicted).all():
            frame = int(np.argwhere(~np.isfinite(predicted))[0][0])
            raise AnatomyError(f"{where}: frame {frame} is NaN or infinite")
        arrays.append(predicted)
    return arrays


def check_store(store: Any) -> None:
    """Raise ``AnatomyError`` unless a value is a ``SequenceStore``."""
    from anatomy_tf.data.batches.store import SequenceStore

    if not isinstance(store, SequenceStore):
        raise AnatomyError(
            f"expected a SequenceStore with the true poses, got {type(store).__name__}"
        )


def _sequence_scores(predicted: NDArray[np.floating], store: SequenceStore, index: int) -> Scores:
    frames = store.slices[index]
    valid = None if store.valid is None else store.valid[frames]
    return pose_scores(predicted, store.positions[frames], store.skeleton, valid)


def pose_scores(
    predicted: NDArray[np.floating],
    target: NDArray[np.floating],
    skeleton: Skeleton,
    valid: NDArray[np.bool_] | None = None,
) -> Scores:
    """Return the scores of one sequence.

    Args:
        predicted: (T, J, 3) metres, relative to the root.
        target: (T, J, 3) metres, relative to the root.
        skeleton: names the J joints.
        valid: (T,) whether a frame counts; ``None`` counts all.
    """
    values = {
        measure.key: measure.sequence_mean(predicted, target, skeleton, valid)
        for measure in MEASURES
    }
    return Scores(len(target) if valid is None else int(valid.sum()), 1, values)
