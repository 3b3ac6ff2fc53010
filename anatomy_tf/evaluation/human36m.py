"""Human3.6M's protocols: 1, 2, 3 and velocity, by action and by subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.report import Report
from anatomy_tf.evaluation.scores import Scores, frame_weighted, unweighted
from anatomy_tf.evaluation.sequence_evaluation import as_text, check_store, sequence_scores
from anatomy_tf.formats.motion.human36m_metadata import ACTIONS, clip_action
from anatomy_tf.skeletons import HUMAN36M_17

if TYPE_CHECKING:
    from anatomy_tf.data.batches.store import SequenceStore

TEST_SUBJECTS = ("S9", "S11")
RULES = (
    "Human3.6M: an action is the frame-weighted mean of its sequences (people, cameras, takes); "
    "'mean of actions' and each subject's row give every action the same weight, 'mean of frames' "
    "every frame; all 17 joints count, the root as it was predicted"
)


def evaluate_human36m(
    predictions: Sequence[ArrayLike],
    store: SequenceStore,
    conditions: Mapping[str, Any] | None = None,
    *,
    partial: bool = False,
) -> Report:
    """Score predictions for S9 and S11 as the literature does.

    Protocol 1 is MPJPE, 2 MPJPE after Procrustes alignment of each frame, 3 MPJPE after the best
    scale of each frame; velocity is the error of the differences between neighbouring frames.
    ``report.mean_over_actions`` has the numbers that papers give. For results with and without
    flip, score both predictions and ``compare`` the reports.

    Args:
        predictions: for each sequence of the store, in its order, (T, J, 3) metres in the camera's
            axes, relative to the root.
        store: the test people's sequences with the skeleton ``HUMAN36M_17``; an action's name may
            end with a take number.
        conditions: 2D source, model, flip, data version; shown with the numbers.
        partial: also score a store without some test people or some of the 15 actions; the report
            says what is missing.

    Raises:
        AnatomyError: for another skeleton, an action or person that is not in the protocol or is
            missing, or a prediction that does not fit its sequence.
    """
    check_store(store)
    if store.skeleton != HUMAN36M_17:
        raise AnatomyError(
            f"Human3.6M's protocol: expected the skeleton {HUMAN36M_17.name}, "
            f"got {store.skeleton.name}"
        )
    actions = [clip_action(action) for action in store.actions]
    missing = []
    for what, given, known in (
        ("actions", actions, ACTIONS),
        ("subjects", store.subjects, TEST_SUBJECTS),
    ):
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise AnatomyError(
                f"Human3.6M's protocol: expected {what} of {', '.join(known)}, "
                f"got {', '.join(unknown)}"
            )
        missing += [name for name in known if name not in given]
    if missing and not partial:
        raise AnatomyError(
            f"Human3.6M's protocol: the data lack {', '.join(missing)} (partial=True scores them "
            "all the same)"
        )
    scores = sequence_scores(predictions, store)
    groups: dict[tuple[str, str], list[Scores]] = {}
    for own, subject, action in zip(scores, store.subjects, actions, strict=True):
        groups.setdefault((subject, action), []).append(own)

    def of_action(action: str, subjects: Sequence[str]) -> list[Scores]:
        return [own for subject in subjects for own in groups.get((subject, action), [])]

    def of_actions(subjects: Sequence[str]) -> dict[str, Scores]:
        found = {action: of_action(action, subjects) for action in ACTIONS}
        return {action: frame_weighted(own) for action, own in found.items() if own}

    stated = as_text(conditions)
    if missing:
        stated["incomplete"] = f"without {', '.join(missing)}"
    return Report(
        of_actions(TEST_SUBJECTS),
        {
            subject: unweighted(list(of_actions([subject]).values()))
            for subject in TEST_SUBJECTS
            if subject in store.subjects
        },
        store.skeleton.name,
        float(store.fps),
        stated,
        RULES,
    )
