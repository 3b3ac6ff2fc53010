"""The measures of an evaluation, in the order and units of its tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf import metrics
from anatomy_tf.sequences.frame_runs import frame_runs
from anatomy_tf.skeletons import Skeleton

Poses = NDArray[np.floating]
Measurement = Callable[[Poses, Poses, Skeleton], NDArray[np.float64]]


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of numbers in a table.

    Attributes:
        key: its name in JSON and CSV.
        header: its name above the column.
        unit: the unit of the reported number.
        digits: decimals that a table shows.
    """

    key: str
    header: str
    unit: str
    digits: int


@dataclasses.dataclass(frozen=True)
class TitledColumn(Column):
    """A column whose numbers are a metric's.

    Attributes:
        scale: factor from the metric's metres, degrees or shares to ``unit``.
        title: description for a legend.
    """

    scale: float
    title: str


@dataclasses.dataclass(frozen=True)
class Measure(TitledColumn):
    """A column of a report, and the function that measures its values.

    Attributes:
        of: function from (predicted (T, J, 3), true (T, J, 3), skeleton) to the values that are
            averaged over a sequence.
        frames: least number of frames that the function needs.
        sides: whether the function needs a skeleton with left and right bones.
    """

    of: Measurement
    frames: int = 1
    sides: bool = False

    def sequence_mean(
        self,
        predicted: Poses,
        target: Poses,
        skeleton: Skeleton,
        valid: NDArray[np.bool_] | None = None,
    ) -> float:
        """Return the mean over a sequence in ``unit``; NaN where it cannot be measured.

        Args:
            predicted: (T, J, 3) metres.
            target: (T, J, 3) metres.
            skeleton: the skeleton of the J joints.
            valid: (T,) whether a frame counts; ``None`` counts all. A measure that needs several
                frames is taken over each run of valid frames.
        """
        if self.sides and not skeleton.left_right_bones:
            return float("nan")
        if valid is None:
            runs = [(0, len(target))]
        elif self.frames == 1:
            predicted, target = predicted[valid], target[valid]
            runs = [(0, len(target))]
        else:
            runs = frame_runs(valid)
        values = [
            self.of(predicted[start:end], target[start:end], skeleton)
            for start, end in runs
            if end - start >= self.frames
        ]
        if not values:
            return float("nan")
        return float(
            self.scale * np.mean(values[0] if len(values) == 1 else np.concatenate(values))
        )


MEASURES: tuple[Measure, ...] = (
    Measure(
        "mpjpe",
        "P1",
        "mm",
        1,
        1e3,
        "MPJPE, protocol 1",
        lambda ours, theirs, _: metrics.mpjpe(ours, theirs),
    ),
    Measure(
        "p_mpjpe",
        "P2",
        "mm",
        1,
        1e3,
        "P-MPJPE, protocol 2: after Procrustes alignment of each frame",
        lambda ours, theirs, _: metrics.p_mpjpe(ours, theirs),
    ),
    Measure(
        "n_mpjpe",
        "P3",
        "mm",
        1,
        1e3,
        "N-MPJPE, protocol 3: after scaling each frame",
        lambda ours, theirs, _: metrics.n_mpjpe(ours, theirs),
    ),
    Measure(
        "mpjve",
        "vel",
        "mm/f",
        2,
        1e3,
        "MPJVE, velocity error a frame",
        lambda ours, theirs, _: metrics.mpjve(ours, theirs),
        frames=2,
    ),
    Measure(
        "acceleration_error",
        "acc",
        "mm/f²",
        2,
        1e3,
        "acceleration error a frame squared",
        lambda ours, theirs, _: metrics.acceleration_error(ours, theirs),
        frames=3,
    ),
    Measure(
        "pck",
        "PCK",
        "%",
        1,
        1e2,
        "joints off by less than 150 mm",
        lambda ours, theirs, _: metrics.pck(ours, theirs),
    ),
    Measure(
        "auc",
        "AUC",
        "%",
        1,
        1e2,
        "mean PCK over 0, 5, ..., 150 mm",
        lambda ours, theirs, _: metrics.auc(ours, theirs),
    ),
    Measure(
        "bone_length_error",
        "bone",
        "mm",
        1,
        1e3,
        "bone-length error",
        metrics.bone_length_error,
    ),
    Measure(
        "bone_length_deviation",
        "sway",
        "mm",
        1,
        1e3,
        "standard deviation of the predicted bone lengths over a sequence",
        lambda ours, _, skeleton: metrics.bone_length_deviation(ours, skeleton),
    ),
    Measure(
        "symmetry_error",
        "sym",
        "mm",
        1,
        1e3,
        "left minus right predicted bone lengths",
        lambda ours, _, skeleton: metrics.symmetry_error(ours, skeleton),
        sides=True,
    ),
)
