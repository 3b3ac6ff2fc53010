"""Lifting a clip, whoever runs the network: no Keras, so that a phone's model file needs none."""

from __future__ import annotations

import abc
import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import flip_points, flip_visibility, forward_kinematics
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.estimate_spread import spread_of
from anatomy_tf.inference.spread_calibration import SpreadCalibration
from anatomy_tf.poses.quality import bone_length_warnings, keypoint_warnings
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton

Array = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a model says of a clip.

    Attributes:
        positions: (T, J, 3) metres, camera axes; the root as regressed, near zero.
        bone_lengths: (T, b) metres, equal for all frames unless the model is causal; ``None`` from
            the baseline.
        bone_directions: (T, b, 3), ``None`` from the baseline.
    """

    positions: Array
    bone_lengths: Array | None = None
    bone_directions: Array | None = None


class ClipLifter(abc.ABC):
    """Lifts clips of any length with a network that sees a clip as the model was trained.

    Args:
        skeleton: the network's layout.
        fps: the network's frame rate.
        receptive_field: frames that the network looks at.
        calibration: how far the network is off where its estimates differ by so much.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        fps: float,
        receptive_field: int = 1,
        calibration: SpreadCalibration | None = None,
    ) -> None:
        self.skeleton = skeleton
        self.fps = fps
        self.receptive_field = receptive_field
        self.calibration = calibration

    def lift(
        self,
        keypoints: KeypointSequence,
        *,
        flip: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
    ) -> PoseSequence:
        """Poses of one person, in the layout and at the rate of the model's training, then back.

        The keypoints are mapped to the model's layout by joint names, gaps are closed, and the clip
        is brought to the model's frame rate; the poses come at the clip's own rate, one a frame.

        Args:
            keypoints: one person's keypoints.
            flip: average with the mirror image's poses.
            rigid: place joints by Eq. 1 from the estimated bone lengths and directions, so that
                bones keep their lengths exactly, instead of by the regression of section 4.2.
            uncertainty: say how far each joint may be off (``PoseSequence.spread``): two of three
                joints with such a spread are no farther from the truth, where the model is
                calibrated (the shipped ones are); else how far the estimates that are averaged, or
                could have been, lie apart (see ``spread``). Takes twice as long.

        Returns:
            Root-relative poses in the camera's axes, metres, with the person's bone lengths, and
            warnings where the clip or the lengths are unusual (``inference.quality``).

        Raises:
            AnatomyError: when the layout cannot stand for the model's, or ``rigid`` is asked of the
                baseline.
        """
        return self.lift_all([keypoints], flip=flip, rigid=rigid, uncertainty=uncertainty)[0]

    def lift_all(
        self,
        clips: Sequence[KeypointSequence],
        *,
        flip: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
    ) -> list[PoseSequence]:
        """``lift`` of several clips or people at a time, of any lengths.

        None changes another: each gets what ``lift`` gives it, to rounding. Short clips are lifted
        several times faster than one by one.

        Args:
            clips: keypoints, each of one person.
            flip: see ``lift``.
            rigid: see ``lift``.
            uncertainty: see ``lift``.

        Raises:
            AnatomyError: see ``lift``.
        """
        mapped = [keypoints.mapped(self.skeleton) for keypoints in clips]
        ready = [keypoints.filled().resampled(self.fps) for keypoints in mapped]
        estimates = self.estimate_all(
            [(keypoints.normalized(), keypoints.visibility) for keypoints in ready], flip=flip
        )
        return [
            self._poses(*of_clip, rigid, uncertainty)
            for of_clip in zip(clips, mapped, ready, estimates, strict=True)
        ]

    def _poses(
        self,
        keypoints: KeypointSequence,
        mapped: KeypointSequence,
        ready: KeypointSequence,
        estimate: Estimate,
        rigid: bool,
        uncertainty: bool,
    ) -> PoseSequence:
        """Of one clip as it came, in the model's layout, and as the model sees it."""
        skeleton = self.skeleton
        positions, lengths = estimate.positions, estimate.bone_lengths
        if rigid:
            if lengths is None or estimate.bone_directions is None:
                raise AnatomyError(
                    "rigid poses need bone lengths, which VideoPose does not estimate"
                )
            positions = forward_kinematics(estimate.bone_directions, lengths, skeleton)
        person_lengths = None if lengths is None else lengths[-1]
        spread = self.spread(ready.normalized(), ready.visibility) if uncertainty else None
        if spread is not None and self.calibration is not None:
            spread = self.calibration(spread)
        poses = PoseSequence(
            positions - positions[:, skeleton.root, None],
            skeleton,
            ready.fps,
            bone_lengths=person_lengths,
            person=keypoints.person,
            source=keypoints.source,
            first_frame=keypoints.first_frame,
            spread=spread,
            warnings=(
                *keypoint_warnings(mapped, self.fps, self.receptive_field),
                *bone_length_warnings(person_lengths, skeleton),
            ),
        )
        if keypoints.fps == ready.fps:
            return poses
        at_own_rate = poses.resampled(keypoints.fps, frames=len(keypoints))
        return dataclasses.replace(at_own_rate, first_frame=keypoints.first_frame)

    def estimate(self, keypoints: Array, visibility: Array, *, flip: bool = True) -> Estimate:
        """What the model says of one clip, given as it sees it.

        Args:
            keypoints: (T, J, 2) normalised screen coordinates in the model's layout and frame rate.
            visibility: (T, J) in [0, 1].
            flip: average with the mirror image's estimate, which has bone lengths of its own.
        """
        return self.estimate_all([(keypoints, visibility)], flip=flip)[0]

    def estimate_all(
        self, clips: Sequence[tuple[Array, Array]], *, flip: bool = True
    ) -> list[Estimate]:
        """``estimate`` of several clips at a time, of any lengths, which do not change each other.

        Args:
            clips: keypoints (T, J, 2) and visibility (T, J) of each.
            flip: average with the mirror image's estimates.
        """
        if not clips:
            return []
        if not flip:
            return self._estimate_each(clips)
        skeleton = self.skeleton
        mirrored = [(flip_points(k, skeleton), flip_visibility(v, skeleton)) for k, v in clips]
        found = self._estimate_each([*clips, *mirrored])
        return [
            self._average(*pair)
            for pair in zip(found[: len(clips)], found[len(clips) :], strict=True)
        ]

    def _average(self, estimate: Estimate, mirrored: Estimate) -> Estimate:
        """Of a clip and its mirror image."""
        skeleton = self.skeleton
        positions = (estimate.positions + flip_points(mirrored.positions, skeleton)) * np.float32(
            0.5
        )
        if estimate.bone_lengths is None or mirrored.bone_lengths is None:
            return Estimate(positions)
        order = list(skeleton.bone_flip_order)
        lengths = (estimate.bone_lengths + mirrored.bone_lengths[:, order]) * np.float32(0.5)
        assert estimate.bone_directions is not None and mirrored.bone_directions is not None
        turned = mirrored.bone_directions[:, order] * np.array([-1, 1, 1], np.float32)
        directions = estimate.bone_directions + turned
        directions /= np.maximum(np.linalg.norm(directions, axis=-1, keepdims=True), 1e-8)
        return Estimate(positions, lengths, directions.astype(np.float32))

    def spread(self, keypoints: Array, visibility: Array) -> Array:
        """How far estimates of one clip lie apart that only chance tells from each other.

        They are those of the clip and of its mirror image, each with bone lengths from several
        choices of frames where the model takes them from chosen frames.

        Args:
            keypoints: (T, J, 2) normalised screen coordinates in the model's layout and frame rate.
            visibility: (T, J) in [0, 1].

        Returns:
            (T, J) metres, root mean square distance from the mean, relative to the root.
        """
        skeleton = self.skeleton
        mirrored = flip_points(keypoints, skeleton), flip_visibility(visibility, skeleton)
        return spread_of(
            positions - positions[:, skeleton.root, None]
            for positions in itertools.chain(
                self._variants(keypoints, visibility),
                (flip_points(found, skeleton) for found in self._variants(*mirrored)),
            )
        )

    def _variants(self, keypoints: Array, visibility: Array) -> Iterator[Array]:
        """Positions (T, J, 3) that differ only in what is left to chance."""
        yield self._estimate(keypoints, visibility).positions

    @abc.abstractmethod
    def _estimate(self, keypoints: Array, visibility: Array) -> Estimate:
        """The same without the mirror image."""

    def _estimate_each(self, clips: Sequence[tuple[Array, Array]]) -> list[Estimate]:
        """The same of several clips; a network that can take them at a time does."""
        return [self._estimate(*clip) for clip in clips]
