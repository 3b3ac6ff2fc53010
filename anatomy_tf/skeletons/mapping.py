"""From one keypoint layout to another by joint names."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons.skeleton import Skeleton

# For a joint that a layout lacks: weighted sums of joints that it may have, best first. Spine,
# thorax and neck are fitted to the CMU motion capture and measured in docs/keypoint_layouts.md.
# Where the head's points are involved they follow its people's mean standing proportions (metres
# from the hips' middle: shoulders' middle 0.52, neck 0.60, head 0.74, top of the head 0.83).
_MID_HIPS = {"left_hip": 0.5, "right_hip": 0.5}
_MID_SHOULDERS = {"left_shoulder": 0.5, "right_shoulder": 0.5}
_MID_EARS = {"left_ear": 0.5, "right_ear": 0.5}


def _between(a: dict[str, float], b: dict[str, float], share_of_b: float) -> dict[str, float]:
    """The point that lies ``share_of_b`` of the way from a to b (beyond b when above 1)."""
    weights = {name: (1 - share_of_b) * weight for name, weight in a.items()}
    for name, weight in b.items():
        weights[name] = weights.get(name, 0.0) + share_of_b * weight
    return weights


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
        {"nose": 1.0},
    ),
    "head_top": (
        _between(_MID_SHOULDERS, _MID_EARS, 1.6),
        _between(_MID_SHOULDERS, {"head": 1.0}, 1.4),
    ),
    "nose": ({"head": 1.0},),
}


@dataclasses.dataclass(frozen=True)
class SkeletonMapping:
    """A linear map between two layouts: ``target = weights @ source`` for each coordinate.

    Attributes:
        source: layout of the given points.
        target: layout of the wanted points.
        weights: (J_target, J_source); each row sums to 1.
        approximate: names of the target joints that the source does not have itself.
    """

    source: Skeleton
    target: Skeleton
    weights: NDArray[np.float32]
    approximate: tuple[str, ...]

    def points(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Maps (..., J_source, D) coordinates to (..., J_target, D); NaN goes where it feeds."""
        values = np.asarray(points, np.float32)
        mapped = self.weights @ np.nan_to_num(values)
        missing = (self.weights != 0).astype(np.float32) @ np.isnan(values).astype(np.float32)
        return np.where(missing > 0, np.float32(np.nan), mapped)

    def visibility(self, visibility: NDArray[np.floating]) -> NDArray[np.float32]:
        """Maps (..., J_source) scores; a made-up joint takes its least visible source's."""
        scores = np.asarray(visibility, np.float32)[..., None, :]
        return np.where(self.weights != 0, scores, np.float32(np.inf)).min(axis=-1)


def map_skeleton(source: Skeleton, target: Skeleton) -> SkeletonMapping:
    """The mapping between two layouts by joint names.

    A joint of the same name is taken as it is; another is the first known weighted sum whose joints
    the source has, and is listed in ``approximate``.

    Raises:
        AnatomyError: naming the target joints that nothing of the source can stand for.
    """
    weights = np.zeros((target.joint_count, source.joint_count), np.float32)
    approximate, missing = [], []
    for row, name in enumerate(target.joint_names):
        if name in source.joint_names:
            weights[row, source.index(name)] = 1
            continue
        alternatives = (a for a in _ALTERNATIVES.get(name, ()) if set(a) <= set(source.joint_names))
        chosen = next(alternatives, None)
        if chosen is None:
            missing.append(name)
            continue
        approximate.append(name)
        for joint, weight in chosen.items():
            weights[row, source.index(joint)] = weight
    if missing:
        raise AnatomyError(
            f"layout {source.name!r} has nothing to stand for {', '.join(missing)} "
            f"of {target.name!r}"
        )
    return SkeletonMapping(source, target, weights, tuple(approximate))
