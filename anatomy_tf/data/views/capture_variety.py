"""Differences between users' recordings: rates, gaps, bodies, missing scores.

Virtual cameras and simulated detections (``render_views``) give whole people at the motion's frame
rate, with scores. Users' videos differ; here a share of the training views gets such differences.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths, lengthen_bones, symmetric
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.exchanged_limbs import exchange_limbs, limb_pairs
from anatomy_tf.data.views.simulated_detections import random_spells
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    CheckedFields,
    FrameRate,
    NotNegative,
    Share,
    at_least,
    below,
)
from anatomy_tf.skeletons import Skeleton

HalfWidth = Annotated[float, at_least(0), below(1)]
"""Half the width of a range around 1."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaptureVariety(CheckedFields):
    """The differences of views from plain ones, which each view draws independently.

    Args:
        frame_rates: rates of other cameras, frames a second. Their detections are resampled to the
            clip's rate as ``Lifter.lift`` does it.
        other_rate_share: share of views, 0 to 1, at one of these rates.
        no_scores_share: share of views whose detector gives no scores, so that found joints have 1.
        half_body_share: share of views in which no leg is ever found.
        gap_share: share of views in which limbs are lost for a while.
        gaps_a_second: how often each joint is lost there, with all joints beyond it.
        gap_duration: mean seconds of such a gap.
        reversed_share: share of views of the motion played backwards.
        exchanged_share: share of views in which both arms or both legs move as in another clip.
        tumbled_share: share of views of the motion turned about a random horizontal axis, by any
            angle: people who lie, hang and do handstands are rare in recordings.
        body_size: half-width of the change of all bones together; 0.1 is 90 to 110 %.
        bone_length: half-width of the change of each bone, the same on the left and the right.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    frame_rates: tuple[FrameRate, ...] = (24.0, 25.0, 30.0, 60.0)
    other_rate_share: Share = 0.4
    no_scores_share: Share = 0.2
    half_body_share: Share = 0.05
    gap_share: Share = 0.2
    gaps_a_second: NotNegative = 0.05
    gap_duration: NotNegative = 0.5
    reversed_share: Share = 0.0
    exchanged_share: Share = 0.0
    tumbled_share: Share = 0.1
    body_size: HalfWidth = 0.1
    bone_length: HalfWidth = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.other_rate_share and not self.frame_rates:
            raise AnatomyError("CaptureVariety: other_rate_share needs frame_rates, got none")

    @classmethod
    def none(cls, **changes: Any) -> CaptureVariety:
        """Return a variety of plain views, except for the given fields."""
        plain = {
            field.name: 0.0
            for field in dataclasses.fields(cls)
            if field.name.endswith("share") or field.name in ("body_size", "bone_length")
        }
        return cls(**{**plain, **changes})

    def clip(
        self, clip: MotionClip, rng: np.random.Generator, others: Sequence[MotionClip] = ()
    ) -> MotionClip:
        """Return a clip of another body, sometimes with another motion or turned over.

        The lowest joint of a clip that was moved or turned is at z = 0.

        Args:
            clip: the motion.
            rng: the source of randomness.
            others: clips of the same skeleton and frame rate, whose limbs' motion it may take.
        """
        skeleton = clip.skeleton
        change = 1 + self.bone_length * rng.uniform(-1, 1, skeleton.bone_count)
        change = symmetric(change, skeleton)
        change *= 1 + self.body_size * rng.uniform(-1, 1)
        tumbles, axis, angle = rng.random() < self.tumbled_share, *rng.uniform(0, 2 * np.pi, 2)
        moved = self._otherwise_moved(clip, rng.spawn(1)[0], others)
        lengths = bone_lengths(moved.positions, skeleton)
        positions = lengthen_bones(moved.positions, lengths * (change - 1), skeleton)
        if tumbles:
            positions = positions @ _turn(axis, angle).T
        if tumbles or moved is not clip:
            positions[..., 2] -= positions[..., 2].min()
        return dataclasses.replace(clip, positions=positions)

    def _otherwise_moved(
        self, clip: MotionClip, rng: np.random.Generator, others: Sequence[MotionClip]
    ) -> MotionClip:
        exchanges, backwards = rng.random(2) < (self.exchanged_share, self.reversed_share)
        pairs = limb_pairs(clip.skeleton)
        if exchanges and pairs and others:
            donor = others[int(rng.integers(len(others)))]
            clip = exchange_limbs(clip, donor, pairs[int(rng.integers(len(pairs)))])
        if backwards:
            clip = dataclasses.replace(clip, positions=clip.positions[::-1])
        return clip

    def frame_rate(self, fps: float, rng: np.random.Generator) -> float:
        """Return the frame rate of a view of a clip of ``fps`` frames a second."""
        other, number = rng.random() < self.other_rate_share, rng.random()
        return self.frame_rates[int(number * len(self.frame_rates))] if other else fps

    def missing(
        self, frames: int, fps: float, skeleton: Skeleton, rng: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Return whether each joint is missing in each frame, (T, J); the root never is."""
        half, gaps = rng.random(2) < (self.half_body_share, self.gap_share)
        chance = np.full((frames, skeleton.bone_count), self.gaps_a_second / fps * gaps)
        lost, _ = random_spells(rng, chance, self.gap_duration * fps)
        missing = np.zeros((frames, skeleton.joint_count), bool)
        for bone, beyond in enumerate(skeleton.subtrees):
            leg = "hip" in skeleton.joint_names[skeleton.bones[bone][1]]
            missing[:, list(beyond)] |= (lost[:, bone] | (half and leg))[:, None]
        missing[:, skeleton.root] = False
        return missing

    def has_scores(self, rng: np.random.Generator) -> bool:
        """Return whether a view's detector gives scores."""
        return bool(rng.random() >= self.no_scores_share)


def _turn(axis: float, angle: float) -> NDArray[np.float32]:
    """Return the rotation (3, 3) by ``angle`` about the horizontal axis at azimuth ``axis``.

    Both are in radians.
    """
    # Imported here, because it takes 0.2 s, which lifting alone need not wait for.
    from scipy.spatial.transform import Rotation

    vector = angle * np.array([np.cos(axis), np.sin(axis), 0.0])
    return Rotation.from_rotvec(vector).as_matrix().astype(np.float32)
