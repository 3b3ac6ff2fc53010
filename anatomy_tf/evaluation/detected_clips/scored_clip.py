"""The estimated and true poses of a clip, made comparable."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anatomy_tf import metrics
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import standing_feet
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton

SIDES = ("left", "right")


@dataclasses.dataclass(frozen=True)
class ScoredClip:
    """Estimated and true poses of the joints that both have, relative to the root.

    The root is the estimate's root joint where the truth has it too, else the middle of the hips,
    which estimate and truth each take from their own hips. A frame counts when the true root and
    all true scored joints are known.

    Attributes:
        clip: the detections and true positions.
        predicted: (T, K, 3) camera axes, metres; multiplied by one scale for the clip where the
            clip's unit is not known; zeros in frames that do not count.
        target: (T, K, 3) camera axes; zeros in frames that do not count.
        root: (T, 3) true root in world axes; zeros in frames that do not count.
        valid: (T,) whether a frame counts.
        joint_names: names of the K joints, in the estimate's order.
        limbs: (from, to) indices of the bones between two joints of one side.
    """

    clip: DetectedClip
    predicted: NDArray[np.float64]
    target: NDArray[np.float64]
    root: NDArray[np.float64]
    valid: NDArray[np.bool_]
    joint_names: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, clip: DetectedClip, poses: PoseSequence) -> ScoredClip:
        """Return a clip with the poses that were lifted from its keypoints.

        Raises:
            AnatomyError: naming the clip, when the poses are not as many as its frames or not in
                camera axes, or when their skeleton does not share the root, or both hips, and at
                least two joints with the truth.
        """
        if len(poses) != len(clip) or poses.axes != "camera":
            raise AnatomyError(
                f"{clip}: expected {len(clip)} poses in camera axes, got {len(poses)} in "
                f"{poses.axes} axes"
            )
        skeleton = poses.skeleton
        names = tuple(name for name in skeleton.joint_names if name in clip.joint_names)
        roots = _root_names(skeleton, clip)
        if len(names) < 2:
            raise AnatomyError(
                f"{clip}: expected true positions of joints of {skeleton.name}, got "
                f"{', '.join(clip.joint_names)}"
            )
        truth = np.asarray(clip.positions, np.float64)
        root = truth[:, [clip.joint_names.index(name) for name in roots]].mean(axis=1)
        joints = truth[:, [clip.joint_names.index(name) for name in names]]
        target = np.asarray(clip.in_camera_axes(joints - root[:, None]), np.float64)
        estimate = np.asarray(poses.positions, np.float64)
        our_root = estimate[:, [skeleton.index(name) for name in roots]].mean(axis=1)
        predicted = estimate[:, [skeleton.index(name) for name in names]] - our_root[:, None]
        valid: NDArray[np.bool_] = np.asarray(~np.isnan(target).any(axis=(1, 2)))
        for values in (predicted, target, root):
            values[~valid] = 0
        if not clip.metric and valid.any():
            predicted *= metrics.clip_scale(predicted[valid], target[valid])
        return cls(clip, predicted, target, root, valid, names, _limbs(skeleton, names))

    @cached_property
    def counted(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Estimated and true poses (N, K, 3) of the N frames that count."""
        return self.predicted[self.valid], self.target[self.valid]

    @property
    def steps(self) -> NDArray[np.bool_]:
        """Whether a frame and the next one count, (T - 1,)."""
        return self.valid[1:] & self.valid[:-1]

    @property
    def trunks(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Estimated and true vectors (N, 3) from hips to shoulders; ``None`` without these."""
        ends = [[f"{side}_{joint}" for side in SIDES] for joint in ("hip", "shoulder")]
        if not {name for pair in ends for name in pair} <= set(self.joint_names):
            return None
        low, high = ([self.joint_names.index(name) for name in pair] for pair in ends)
        ours, theirs = (
            poses[:, high].mean(axis=1) - poses[:, low].mean(axis=1) for poses in self.counted
        )
        return ours, theirs

    @cached_property
    def feet(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Estimated and true ankles (T, F, 3), world axes, and whether the true ones stand (T, F).

        The estimate is moved to the true root.
        """
        feet = [n for n, name in enumerate(self.joint_names) if name.endswith("_ankle")]
        ours, theirs = (
            self.root[:, None] + self.clip.in_world_axes(poses[:, feet])
            for poses in (self.predicted, self.target)
        )
        known = np.where(self.valid[:, None, None], theirs, np.nan)
        return ours, theirs, standing_feet(known, self.clip.keypoints.fps, self.clip.up)


def _root_names(skeleton: Skeleton, clip: DetectedClip) -> list[str]:
    root = skeleton.joint_names[skeleton.root]
    hips = [f"{side}_hip" for side in SIDES]
    for names in ([root], hips):
        if set(names) <= set(clip.joint_names) & set(skeleton.joint_names):
            return names
    raise AnatomyError(
        f"{clip}: expected a true {root} or the true {' and '.join(hips)} to measure from, got "
        f"{', '.join(clip.joint_names)}"
    )


def _limbs(skeleton: Skeleton, names: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    ends = [(skeleton.joint_names[a], skeleton.joint_names[b]) for a, b in skeleton.bones]
    return tuple(
        (names.index(a), names.index(b))
        for a, b in ends
        if {a, b} <= set(names) and a.startswith(SIDES) and b.startswith(SIDES)
    )
