"""Random bodies with the proportions of people."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths, lengthen_bones, symmetric
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.skeletons import Skeleton

SHRINKAGE = 0.2
"""Share of the variance that is taken as independent for each bone, since people are few."""

_LEG = ("knee", "ankle")


@dataclasses.dataclass(frozen=True, eq=False)
class BodyProportions(EqualFields):
    """A normal distribution of the logarithms of bone lengths, equal on the left and the right.

    Args:
        skeleton: the skeleton of the b bones.
        mean: (b,) mean of the logarithms of metres.
        factor: (b, b) factor of their covariance, ``factor @ factor.T``.
    """

    skeleton: Skeleton
    mean: NDArray[np.float64]
    factor: NDArray[np.float64]

    @classmethod
    def of(cls, clips: Sequence[MotionClip]) -> BodyProportions:
        """Return the distribution of the people of these clips; each counts once.

        The covariance between bones is shrunk towards 0 by ``SHRINKAGE``.

        Raises:
            AnatomyError: for fewer than two people or more than one skeleton.
        """
        if len({clip.skeleton for clip in clips}) > 1:
            raise AnatomyError("body proportions: expected clips of one skeleton")
        first = {clip.subject: clip for clip in reversed(clips)}
        if len(first) < 2:
            raise AnatomyError(f"body proportions: expected two people or more, got {len(first)}")
        skeleton = clips[0].skeleton
        people = symmetric(np.log([_lengths(clip) for clip in first.values()]), skeleton)
        covariance = (1 - SHRINKAGE) * np.cov(people, rowvar=False)
        # Twins keep their common variance, so that they stay alike.
        twins = np.eye(skeleton.bone_count)[list(skeleton.bone_flip_order)]
        own = np.maximum(np.eye(skeleton.bone_count), twins)
        covariance += SHRINKAGE * np.var(people, axis=0, ddof=1) * own
        values, vectors = np.linalg.eigh(covariance)
        factor = vectors * np.sqrt(np.maximum(values, 0))
        return cls(skeleton, people.mean(axis=0), factor)

    def draw(self, rng: np.random.Generator, spread: float = 1.0) -> NDArray[np.float64]:
        """Return bone lengths (b,) of a random person, metres; ``spread`` scales the deviation."""
        deviation = self.factor @ rng.standard_normal(self.skeleton.bone_count)
        return np.exp(self.mean + spread * deviation)

    def worn_by(self, clip: MotionClip, lengths: NDArray[np.floating]) -> MotionClip:
        """Return a clip's motion on a body of these bone lengths (b,), metres.

        Bones keep their directions. The root's path and height scale with the legs, so that feet
        stay on the floor and stand still where they stood still.

        Raises:
            AnatomyError: for a clip of another skeleton.
        """
        if clip.skeleton != self.skeleton:
            raise AnatomyError(
                f"body proportions: expected clips of {self.skeleton.name!r}, "
                f"got {clip.skeleton.name!r}"
            )
        own = bone_lengths(clip.positions, self.skeleton)
        change = np.asarray(lengths, np.float32) - own
        positions = lengthen_bones(clip.positions, change, self.skeleton)
        legs = [b for b, name in enumerate(self.skeleton.bone_names) if name.endswith(_LEG)]
        if legs:
            root = clip.positions[:, self.skeleton.root]
            longer = np.float32(lengths[legs].sum() / own[:, legs].sum(axis=1).mean())
            positions += ((longer - 1) * root)[:, None]
        return dataclasses.replace(clip, positions=positions)


def _lengths(clip: MotionClip) -> NDArray[np.float64]:
    step = max(len(clip) // 20, 1)
    return bone_lengths(clip.positions[::step], clip.skeleton).mean(axis=0, dtype=np.float64)
