"""Lifting a clip, whoever runs the network: no Keras, so that a phone's model file needs none."""

from __future__ import annotations

import abc
import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import flip_points, forward_kinematics
from anatomy_tf.cameras import Camera
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.estimate_spread import spread_of
from anatomy_tf.inference.spread_calibration import SpreadCalibration
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.estimate import averaged, mirrored
from anatomy_tf.network.preparation import NOT_FOUND, rays
from anatomy_tf.poses.quality import bone_length_warnings, keypoint_warnings
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton

Array = NDArray[np.float32]


class ClipInput(NamedTuple):
    """A clip as a model sees it.

    Attributes:
        keypoints: (T, J, 2) in the model's layout and rate: normalised screen coordinates, or of a
            model of the canonical view rays x / z, y / z (``ClipLifter.keypoints_of``).
        visibility: (T, J) in [0, 1].
        up: (3,) the direction against gravity in the camera's axes; ``None``: the model estimates
            it, if it needs it.
    """

    keypoints: Array
    visibility: Array
    up: Array | None = None


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a model says of a clip.

    Attributes:
        positions: (T, J, 3) metres, camera axes; the root as regressed, near zero.
        bone_lengths: (T, b) metres, equal for all frames unless the model is causal; ``None`` from
            the baseline.
        bone_directions: (T, b, 3), ``None`` from the baseline.
        up: (T, 3) the direction against gravity in the camera's axes that the model went by;
            ``None`` from a model that sees the screen.
    """

    positions: Array
    bone_lengths: Array | None = None
    bone_directions: Array | None = None
    up: Array | None = None


class ClipLifter(abc.ABC):
    """Lifts clips of any length with a network that sees a clip as the model was trained.

    Args:
        skeleton: the network's layout.
        fps: the network's frame rate.
        receptive_field: frames that the network looks at.
        calibration: how far the network is off where its estimates differ by so much.
        canonical: whether the network sees the canonical view.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        fps: float,
        receptive_field: int = 1,
        calibration: SpreadCalibration | None = None,
        canonical: bool = False,
    ) -> None:
        self.skeleton = skeleton
        self.fps = fps
        self.receptive_field = receptive_field
        self.calibration, self.canonical = calibration, canonical

    def lift(
        self,
        keypoints: KeypointSequence,
        *,
        flip: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
        up: Array | None = None,
        camera: Camera | None = None,
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
            up: (3,) the direction against gravity in the camera's axes (x right, y down, z
                forward), where it is known, as from a phone's gravity sensor: the poses carry it,
                and a model of the canonical view goes by it instead of its own estimate.
            camera: that took the video, where it is known: its focal length, principal point and
                distortion. A model of the canonical view assumes a field of view of 60 degrees over
                the longer side otherwise.

        Returns:
            Root-relative poses in the camera's axes, metres, with the person's bone lengths, the
            frames in which it was seen, and warnings where the clip or the lengths are unusual
            (``inference.quality``).

        Raises:
            AnatomyError: when the layout cannot stand for the model's, or ``rigid`` is asked of the
                baseline.
        """
        return self.lift_all(
            [keypoints], flip=flip, rigid=rigid, uncertainty=uncertainty, up=up, camera=camera
        )[0]

    def lift_all(
        self,
        clips: Sequence[KeypointSequence],
        *,
        flip: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
        up: Array | None = None,
        camera: Camera | None = None,
    ) -> list[PoseSequence]:
        """``lift`` of several clips or people at a time, of any lengths.

        None changes another: each gets what ``lift`` gives it, to rounding. Short clips are lifted
        several times faster than one by one.

        Args:
            clips: keypoints, each of one person, of one video where ``up`` or ``camera`` is given.
            flip, rigid, uncertainty, up, camera: see ``lift``.

        Raises:
            AnatomyError: see ``lift``.
        """
        mapped = [keypoints.without(NOT_FOUND).mapped(self.skeleton) for keypoints in clips]
        ready = [keypoints.filled().resampled(self.fps) for keypoints in mapped]
        inputs = [
            ClipInput(self.keypoints_of(keypoints, camera), keypoints.visibility, up)
            for keypoints in ready
        ]
        estimates = self.estimate_all(inputs, flip=flip)
        return [
            self._poses(*of_clip, rigid, uncertainty)
            for of_clip in zip(clips, mapped, ready, inputs, estimates, strict=True)
        ]

    def keypoints_of(self, keypoints: KeypointSequence, camera: Camera | None = None) -> Array:
        """Return keypoints without gaps as the model takes them: (T, J, 2).

        Args:
            keypoints: in the model's layout and rate.
            camera: see ``lift``.
        """
        if not self.canonical:
            return keypoints.normalized()
        if camera is not None:
            own = camera.resized(keypoints.width, keypoints.height)
            found = undistort(keypoints.keypoints, own.intrinsics)
            # What lies beyond the lens model's reach keeps its place on a lens without distortion.
            straight = pinhole_rays(keypoints.keypoints, own.intrinsics)
            return np.where(np.isnan(found), straight, found).astype(np.float32)
        size = np.array([[keypoints.width, keypoints.height]], np.float32)
        return rays(keypoints.keypoints[None], size, NumPyArrays())[0]

    def _poses(
        self,
        keypoints: KeypointSequence,
        mapped: KeypointSequence,
        ready: KeypointSequence,
        given: ClipInput,
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
        spread = self.spread(given) if uncertainty else None
        if spread is not None and self.calibration is not None:
            spread = self.calibration(spread)
        poses = PoseSequence(
            positions - positions[:, skeleton.root, None],
            skeleton,
            ready.fps,
            bone_lengths=person_lengths,
            person=keypoints.person,
            source=keypoints.source,
            spread=spread,
            up=self._up(given, estimate),
            warnings=(
                *keypoint_warnings(mapped, self.fps, self.receptive_field),
                *bone_length_warnings(person_lengths, skeleton),
            ),
        )
        if keypoints.fps != ready.fps:
            poses = poses.resampled(keypoints.fps, frames=len(keypoints))
        return dataclasses.replace(poses, seen=mapped.seen, first_frame=keypoints.first_frame)

    def _up(self, given: ClipInput, estimate: Estimate) -> NDArray[np.float64] | None:
        """Return the clip's up direction (3,), where it was given or estimated."""
        known = estimate.up if given.up is None else given.up[None]
        return None if known is None else mean_direction(known)

    def estimate(
        self,
        keypoints: Array,
        visibility: Array,
        *,
        flip: bool = True,
        up: Array | None = None,
    ) -> Estimate:
        """Return what the model says of one clip, given as it sees it.

        Args:
            keypoints, visibility, up: see ``ClipInput``.
            flip: average with the mirror image's estimate, which has bone lengths of its own.
        """
        return self.estimate_all([ClipInput(keypoints, visibility, up)], flip=flip)[0]

    def estimate_all(self, clips: Sequence[ClipInput], *, flip: bool = True) -> list[Estimate]:
        """``estimate`` of several clips at a time, of any lengths, which do not change each other.

        Args:
            clips: see ``ClipInput``; plain tuples of keypoints and visibility will do.
            flip: average with the mirror image's estimates.
        """
        clips = [ClipInput(*clip) for clip in clips]
        if not clips:
            return []
        if not flip:
            return self._estimate_each(clips)
        images = [self._mirrored(clip) for clip in clips]
        found = self._estimate_each([*clips, *images])
        return [
            self._average(*pair)
            for pair in zip(found[: len(clips)], found[len(clips) :], strict=True)
        ]

    def _mirrored(self, clip: ClipInput) -> ClipInput:
        """Return a clip's mirror image."""
        up = None if clip.up is None else np.asarray(clip.up) * np.array([-1, 1, 1], np.float32)
        return ClipInput(*mirrored(clip.keypoints, clip.visibility, self.skeleton, np), up)

    def _average(self, estimate: Estimate, of_mirror_image: Estimate) -> Estimate:
        """Return the mean of a clip's estimate and its mirror image's."""
        plain, image = (
            {name: values for name, values in vars(found).items() if values is not None}
            for found in (estimate, of_mirror_image)
        )
        return Estimate(**averaged(plain, image, self.skeleton, np))

    def spread(self, clip: ClipInput) -> Array:
        """How far estimates of one clip lie apart that only chance tells from each other.

        They are those of the clip and of its mirror image, each with bone lengths from several
        choices of frames where the model takes them from chosen frames.

        Args:
            clip: as the model sees it.

        Returns:
            (T, J) metres, root mean square distance from the mean, relative to the root.
        """
        skeleton = self.skeleton
        clip = ClipInput(*clip)
        return spread_of(
            positions - positions[:, skeleton.root, None]
            for positions in itertools.chain(
                self._variants(clip),
                (flip_points(found, skeleton) for found in self._variants(self._mirrored(clip))),
            )
        )

    def _variants(self, clip: ClipInput) -> Iterator[Array]:
        """Positions (T, J, 3) that differ only in what is left to chance."""
        yield self._estimate(clip).positions

    @abc.abstractmethod
    def _estimate(self, clip: ClipInput) -> Estimate:
        """Return the same without the mirror image."""

    def _estimate_each(self, clips: Sequence[ClipInput]) -> list[Estimate]:
        """Return the same of several clips; a network that can take them at a time does."""
        return [self._estimate(clip) for clip in clips]


def mean_direction(vectors: Array) -> NDArray[np.float64]:
    """Return the unit vector (3,) of the mean of vectors (T, 3)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)
