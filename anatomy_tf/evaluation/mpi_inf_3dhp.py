"""MPI-INF-3DHP's test protocol, and its variants in papers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf import metrics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation.forms import Forms
from anatomy_tf.evaluation.measures import Measure
from anatomy_tf.evaluation.scores import (
    Scores,
    frame_weighted,
    reading_report,
    rows_from_dict,
    rows_to_dict,
    unweighted,
)
from anatomy_tf.evaluation.sequence_evaluation import as_text, check_store, checked_predictions
from anatomy_tf.evaluation.table import ScoreTable, legend
from anatomy_tf.files.checked_fields import NOT_EMPTY, CheckedFields, NotNegative

if TYPE_CHECKING:
    from anatomy_tf.data.batches.store import SequenceStore

TEST_SEQUENCES = tuple(f"TS{number}" for number in range(1, 7))

ACTIVITIES = (
    *("Standing/Walking", "Exercising", "Sitting", "Reaching/Crouching", "On The Floor"),
    *("Sports", "Miscellaneous"),
)
"""Activities 1 to 7 of the test set's ``activity_annotation``."""

JOINT_GROUPS = {
    "head": ("head_top",),
    "neck": ("mid_shoulders",),
    **{
        part: (f"left_{part}", f"right_{part}")
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    },
}
"""The 14 joints that count; pelvis, spine and the head's centre carry no weight."""

_GROUPS = ("sequences", "activities", "joints")
"""What a report has rows of."""

ROOT = "pelvis"
ANNOTATIONS = ("univ_annot3", "annot3")


@dataclasses.dataclass(frozen=True)
class Variant(CheckedFields):
    """A variant of the protocol.

    Attributes:
        name: the name in reports.
        summary: the difference from the official scripts.
        inclusive: whether a joint is also correct when its error equals the threshold.
        auc_thresholds: the thresholds of AUC, millimetres.
        sequences_alike: whether the total is the mean over sequences instead of over frames.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    name: str
    summary: str
    inclusive: bool = False
    auc_thresholds: Annotated[tuple[NotNegative, ...], NOT_EMPTY] = tuple(range(0, 151, 5))
    sequences_alike: bool = False

    @property
    def measures(self) -> tuple[Measure, ...]:
        """PCK, AUC and MPJPE as this variant defines them."""
        relation = "at most" if self.inclusive else "less than"
        limits = self.auc_thresholds
        metres = np.array(limits) / 1000
        return (
            Measure(
                "pck",
                "PCK",
                "%",
                1,
                1e2,
                f"joints off by {relation} 150 mm",
                lambda ours, theirs, _: metrics.pck(ours, theirs, inclusive=self.inclusive),
            ),
            Measure(
                "auc",
                "AUC",
                "%",
                1,
                1e2,
                f"mean PCK over {len(limits)} thresholds from {limits[0]:g} to {limits[-1]:g} mm",
                lambda ours, theirs, _: metrics.auc(ours, theirs, metres, self.inclusive),
            ),
            Measure(
                "mpjpe",
                "MPJPE",
                "mm",
                1,
                1e3,
                "mean joint error",
                lambda ours, theirs, _: metrics.mpjpe(ours, theirs),
            ),
        )


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("official", "as the official scripts: strictly below, frames weighted alike"),
        Variant("inclusive", "errors equal to a threshold count as correct (MeTRAbs)", True),
        Variant(
            "millimetre_steps",
            "AUC over 0, 1, ..., 149 mm (the helper in Anatomy3D's code)",
            auc_thresholds=tuple(range(150)),
        ),
        Variant(
            "sequence_mean",
            "the total gives every test sequence the same weight (STCFormer)",
            sequences_alike=True,
        ),
    )
}


@dataclasses.dataclass(frozen=True)
class Mpi3dhpReport(CheckedFields, Forms):
    """Scores by test sequence, activity and joint, and in total.

    Attributes:
        sequences: test sequence to its scores.
        activities: activity to the scores of its frames in all sequences; empty where the frames'
            activities are not known.
        joints: group of ``JOINT_GROUPS`` to the scores of its joints, averaged as the total is.
        total: the scores of all frames and joints.
        variant: the variant of the protocol.
        conditions: 2D source, model, flip, data version, 3D annotation.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    sequences: dict[str, Scores]
    activities: dict[str, Scores]
    joints: dict[str, Scores]
    total: Scores
    variant: Variant
    conditions: dict[str, str]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The columns, which are the variant's."""
        return self.variant.measures

    @property
    def actions(self) -> dict[str, Scores]:
        """The activities where they are known, else the sequences; the bars of a plot."""
        return self.activities or self.sequences

    @property
    def mean_over_actions(self) -> Scores:
        """The total; this protocol has no other average."""
        return self.total

    def facts(self) -> dict[str, str]:
        """Return the conditions and what was scored, as text."""
        return {**self.conditions, "frames": str(self.total.frames)}

    def table(self) -> ScoreTable:
        """Return a table of all rows, with the conditions below."""
        sections = {
            "sequence": self.sequences,
            "activity": self.activities,
            "joint": self.joints,
            "overall": {"total": self.total},
        }
        return ScoreTable(
            f"MPI-INF-3DHP, {self.conditions.get('model', 'predictions')}",
            {kind: rows for kind, rows in sections.items() if rows},
            (
                ", ".join(f"{name}: {value}" for name, value in self.facts().items()),
                f"protocol {self.variant.name}: {self.variant.summary}; valid frames only, "
                f"relative to the {ROOT}, 14 joints",
                legend(self.variant.measures),
            ),
            self.variant.measures,
        )

    def to_json(self) -> str:
        """Return the report as JSON in full precision, which ``Mpi3dhpReport.from_json`` reads."""
        content = {
            "protocol": "MPI-INF-3DHP",
            "variant": dataclasses.asdict(self.variant),
            "conditions": self.conditions,
            "units": {measure.key: measure.unit for measure in self.variant.measures},
            "total": self.total.to_dict(),
            **{kind: rows_to_dict(getattr(self, kind)) for kind in _GROUPS},
        }
        return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Mpi3dhpReport:
        """Return the report that ``to_json`` wrote.

        Raises:
            AnatomyError: when the text is no such report.
        """
        with reading_report("a report on MPI-INF-3DHP"):
            content = json.loads(text)
            thresholds = tuple(content["variant"].pop("auc_thresholds"))
            variant = Variant(**content["variant"], auc_thresholds=thresholds)
            return cls(
                **{kind: rows_from_dict(content[kind], variant.measures) for kind in _GROUPS},
                total=Scores.from_dict(content["total"], variant.measures),
                variant=variant,
                conditions=content["conditions"],
            )


def evaluate_mpi_inf_3dhp(
    predictions: Sequence[ArrayLike],
    store: SequenceStore,
    conditions: Mapping[str, Any] | None = None,
    *,
    activities: Mapping[str, ArrayLike] | None = None,
    variant: str | Variant = "official",
    annotation: str = "univ_annot3",
) -> Mpi3dhpReport:
    """Score predictions for the test set as its official scripts do.

    Only valid frames and 14 joints count; prediction and truth are made relative to the pelvis.
    PCK is the share of joints that are off by less than 150 mm, AUC the mean PCK over the
    thresholds 0, 5, ..., 150 mm, and the total gives every frame the same weight.

    Args:
        predictions: for each sequence of the store, in its order, (T, J, 3) metres in the camera's
            axes; all T frames, also those that are not valid.
        store: the test sequences; ``subjects`` names them. Its skeleton must have the pelvis and
            the 14 joints, as ``MPI_INF_3DHP_17`` has.
        conditions: 2D source, model, flip, data version; shown with the numbers.
        activities: test sequence to its frames' activities (T,), 1 to 7; by default the store's,
            where it has them.
        variant: a name in ``VARIANTS``, or a variant of your own.
        annotation: the annotation that the store's positions are from, which the report states:
            ``"univ_annot3"`` is the official one; ``"annot3"`` gives other numbers.

    Returns:
        The report; its conditions name the test sequences that are missing.

    Raises:
        AnatomyError: for a skeleton that lacks a joint, an unknown variant or annotation, or a
            prediction or activities that do not fit their sequence.
    """
    chosen = _variant(variant)
    if annotation not in ANNOTATIONS:
        raise AnatomyError(
            f"MPI-INF-3DHP: expected annotation {' or '.join(ANNOTATIONS)}, got {annotation!r}"
        )
    pairs = scored_poses(predictions, store)
    frame_scores = [_frame_values(chosen, *pair) for pair in pairs]
    stated = {**as_text(conditions), "3D annotation": annotation, "protocol": chosen.name}
    missing = [name for name in TEST_SEQUENCES if name not in store.subjects]
    if missing:
        stated["incomplete"] = f"without {', '.join(missing)}"

    def together(indices: Sequence[int], values: Sequence[dict[str, NDArray]]) -> Scores:
        return frame_weighted([_scores(values[index]) for index in indices])

    names = list(dict.fromkeys(store.subjects))
    own = {name: [i for i, s in enumerate(store.subjects) if s == name] for name in names}
    sequences = {name: together(own[name], frame_scores) for name in names}

    def total(values: Sequence[dict[str, NDArray]]) -> Scores:
        parts = [together(own[name], values) for name in names]
        return unweighted(parts) if chosen.sequences_alike else frame_weighted(parts)

    scored = [joint for group in JOINT_GROUPS.values() for joint in group]
    joints = {}
    for group, members in JOINT_GROUPS.items():
        places = [scored.index(joint) for joint in members]
        joints[group] = total([_frame_values(chosen, a[:, places], b[:, places]) for a, b in pairs])
    return Mpi3dhpReport(
        sequences,
        _by_activity(frame_scores, _activity_labels(store, activities)),
        joints,
        total(frame_scores),
        chosen,
        stated,
    )


def scored_poses(
    predictions: Sequence[ArrayLike], store: SequenceStore
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the predicted and true joints that the protocol compares, for each sequence.

    Returns:
        Pairs of (valid frames, 14, 3), metres relative to the pelvis, joints in the order of
        ``JOINT_GROUPS``.

    Raises:
        AnatomyError: when the skeleton lacks a joint or a prediction does not fit.
    """
    check_store(store)
    root = store.skeleton.index(ROOT)
    joints = [store.skeleton.index(name) for group in JOINT_GROUPS.values() for name in group]
    pairs = []
    for frames, predicted in zip(
        store.slices, checked_predictions(predictions, store), strict=True
    ):
        valid = slice(None) if store.valid is None else store.valid[frames]
        ours, theirs = (
            np.asarray(poses, np.float64)[valid] for poses in (predicted, store.positions[frames])
        )
        pairs.append(
            (
                ours[:, joints] - ours[:, root, None],
                theirs[:, joints] - theirs[:, root, None],
            )
        )
    return pairs


def scored_errors(
    predictions: Sequence[ArrayLike], store: SequenceStore
) -> list[NDArray[np.float64]]:
    """Return each frame's MPJPE over the protocol's joints, millimetres; NaN if not valid.

    Raises:
        AnatomyError: as ``scored_poses``.
    """
    errors = []
    for frames, pair in zip(store.slices, scored_poses(predictions, store), strict=True):
        own = np.full(frames.stop - frames.start, np.nan)
        own[slice(None) if store.valid is None else store.valid[frames]] = 1000 * metrics.mpjpe(
            *pair
        )
        errors.append(own)
    return errors


def _variant(variant: str | Variant) -> Variant:
    if isinstance(variant, Variant):
        return variant
    if variant not in VARIANTS:
        raise AnatomyError(
            f"MPI-INF-3DHP: unknown variant {variant!r}; known are {', '.join(VARIANTS)}"
        )
    return VARIANTS[variant]


def _frame_values(
    variant: Variant, ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return each measure of each frame, in its unit; no measure here needs a skeleton."""
    return {m.key: m.scale * m.of(ours, theirs, None) for m in variant.measures}  # type: ignore[arg-type]


def _scores(values: Mapping[str, NDArray[np.float64]]) -> Scores:
    frames = len(next(iter(values.values())))
    return Scores(frames, 1, {key: float(value.mean()) for key, value in values.items()})


def _activity_labels(
    store: SequenceStore, activities: Mapping[str, ArrayLike] | None
) -> list[NDArray[Any]]:
    """Return the activities of each sequence's valid frames; empty where they are not known."""
    labels = []
    for index, name in enumerate(store.subjects):
        frames = store.slices[index]
        if activities is not None:
            own = np.asarray(activities.get(name, ())).reshape(-1)
            count = int(store.lengths[index])
            if len(own) != count or not np.isin(own, np.arange(1, len(ACTIVITIES) + 1)).all():
                raise AnatomyError(
                    f"MPI-INF-3DHP: expected {count} activities from 1 to {len(ACTIVITIES)} "
                    f"for {name}, got {len(own)}"
                )
        elif store.activities is not None:
            own = store.activities[frames]
        else:
            return []
        labels.append(own if store.valid is None else own[store.valid[frames]])
    return labels


def _by_activity(
    frame_scores: Sequence[dict[str, NDArray]], labels: Sequence[NDArray[Any]]
) -> dict[str, Scores]:
    found = {}
    for number, activity in enumerate(ACTIVITIES, 1):
        parts = [
            _scores({key: value[label == number] for key, value in values.items()})
            # Without labels there is no group.
            for values, label in zip(frame_scores, labels, strict=False)
            if (label == number).any()
        ]
        if parts:
            found[activity] = frame_weighted(parts)
    return found
