"""Maps from one keypoint layout to another by joint names."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.skeletons.skeleton import Skeleton

# Weighted sums of other joints that stand for a joint that a layout lacks, best first. Spine,
# thorax and neck are fitted to the CMU motion capture and measured in docs/keypoint_layouts.md.
# Sums with the head's points follow the mean standing proportions of CMU's people (metres from
# the hips' middle: shoulders' middle 0.52, neck 0.60, head 0.74, top of the head 0.83).
_MID_HIPS = {"left_hip": 0.5, "right_hip": 0.5}
_MID_SHOULDERS = {"left_shoulder": 0.5, "right_shoulder": 0.5}
_MID_EARS = {"left_ear": 0.5, "right_ear": 0.5}


def _between(a: dict[str, float], b: dict[str, float], share_of_b: float) -> dict[str, float]:
    """Return the point ``share_of_b`` of the way from a to b (beyond b when above 1).

    The two name different joints.
    """
    return {
        **{name: (1 - share_of_b) * weight for name, weight in a.items()},
        **{name: share_of_b * weight for name, weight in b.items()},
    }


_ALTERNATIVES: dict[str, tuple[dict[str, float], ...]] = {
    "pelvis": ({"mid_hip": 1.0}, _MID_HIPS),
    "mid_hip": ({"pelvis": 1.0}, _MID_HIPS),
    "spine": (_between(_MID_HIPS, _MID_SHOULDERS, 0.43),),
    "thorax": (_between(_MID_HIPS, _MID_SHOULDERS, 0.87),),
    "neck": (
        {"lower_neck": 0.5, "upper_neck": 0.5},
        _between(_MID_SHOULDERS, {"head": 1.0}, 0.38),
        _between(_MID_SHOULDERS, {"head_top": 1.0}, 0.27),
        _between(_MID_HIPS, _MID_SHOULDERS, 1.15),
    ),
    "mid_shoulders": (_MID_SHOULDERS,),
    "head": (
        {"head_top": 0.5, "nose": 0.5},
        _between(_MID_SHOULDERS, {"head_top": 1.0}, 0.71),
        _MID_EARS,
        {"left_ear": 1.0},
        {"right_ear": 1.0},
        {"nose": 1.0},
    ),
    "head_top": (
        _between(_MID_SHOULDERS, _MID_EARS, 1.6),
        _between(_MID_SHOULDERS, {"head": 1.0}, 1.4),
    ),
    "nose": ({"head": 1.0},),
}


@dataclasses.dataclass(frozen=True, eq=False)
class SkeletonMapping(EqualFields):
    """A map between two layouts: each target joint is a weighted sum of source joints.

    A joint that the source lacks is computed from the first choice whose source joints were all
    found: a head from both ears, else from one, else from the nose.

    Attributes:
        source: layout of the given points.
        target: layout of the wanted points.
        choices: (K, J_target, J_source) weights of each joint's choices, best first; each row sums
            to 1. A joint with fewer choices repeats its last one.
        approximate: names of the target joints that the source does not have itself.
    """

    source: Skeleton
    target: Skeleton
    choices: NDArray[np.float32]
    approximate: tuple[str, ...]

    @property
    def weights(self) -> NDArray[np.float32]:
        """(J_target, J_source) weights where all source joints are found."""
        return self.choices[0]

    def points(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map (..., J_source, D) coordinates to (..., J_target, D).

        NaN marks a joint that was not found; a target joint that cannot be computed is NaN.
        """
        values = np.asarray(points, np.float32)
        lost, known = np.isnan(values), np.nan_to_num(values)
        mapped = np.full((), np.nan, np.float32)
        for weights in self.choices:
            missing = (weights != 0).astype(np.float32) @ lost.astype(np.float32) > 0
            mapped = np.where(np.isnan(mapped) & ~missing, weights @ known, mapped)
            if not np.isnan(mapped).any():
                break
        return mapped

    def visibility(self, visibility: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map (..., J_source) scores; a computed joint takes its least visible source's score.

        A score of 0 marks a joint that was not found.
        """
        scores = np.asarray(visibility, np.float32)[..., None, :]
        mapped = np.zeros((), np.float32)
        for weights in self.choices:
            least = np.where(weights != 0, scores, np.float32(np.inf)).min(axis=-1)
            mapped = np.where(mapped > 0, mapped, least)
        return mapped


def map_skeleton(source: Skeleton, target: Skeleton) -> SkeletonMapping:
    """Return the mapping between two layouts by joint names.

    A joint with the same name is copied; any other is computed from source joints and listed in
    ``approximate``.

    Args:
        source: the layout that the points have.
        target: the layout that they get.

    Raises:
        AnatomyError: naming the target joints that no source joints can stand for.
    """
    choices: list[list[dict[str, float]]] = []
    approximate: list[str] = []
    missing: list[str] = []
    for name in target.joint_names:
        if name in source.joint_names:
            choices.append([{name: 1.0}])
            continue
        possible = [a for a in _ALTERNATIVES.get(name, ()) if set(a) <= set(source.joint_names)]
        (approximate if possible else missing).append(name)
        choices.append(possible)
    if missing:
        raise AnatomyError(
            f"layout {source.name!r} has nothing to stand for {', '.join(missing)} "
            f"of {target.name!r}"
        )
    count = max(len(of_joint) for of_joint in choices)
    weights = np.zeros((count, target.joint_count, source.joint_count), np.float32)
    for row, of_joint in enumerate(choices):
        for number in range(count):
            for joint, weight in of_joint[min(number, len(of_joint) - 1)].items():
                weights[number, row, source.index(joint)] = weight
    return SkeletonMapping(source, target, weights, tuple(approximate))
