"""Lifting clips with any runtime of the network; exported models need no Keras."""

from __future__ import annotations

import abc
import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import angle_between, bone_directions, flip_points, forward_kinematics
from anatomy_tf.anatomy.flip import flip_vectors
from anatomy_tf.cameras import Camera
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.inference.estimate_spread import spread_of
from anatomy_tf.inference.spread_calibration import SpreadCalibration
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.estimate import averaged, mirrored
from anatomy_tf.network.preparation import rays
from anatomy_tf.poses.keypoint_fit import fit_to_rays
from anatomy_tf.poses.quality import (
    bone_length_warnings,
    keypoint_warnings,
    turned_warnings,
    up_warnings,
)
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.gaps import NOT_FOUND, hold_ends
from anatomy_tf.sequences.person_checks import check_person
from anatomy_tf.skeletons import Skeleton

Array = NDArray[np.float32]


class ClipInput(NamedTuple):
    """A clip as a model sees it.

    Attributes:
        keypoints: (T, J, 2) in the model's layout and rate: normalised screen coordinates, or, for
            a model of the canonical view, rays x / z, y / z (``ClipLifter.keypoints_of``).
        visibility: (T, J) in [0, 1].
        up: (3,) the direction against gravity in the camera's axes; with ``None`` the
            model estimates it, if it needs it.
    """

    keypoints: Array
    visibility: Array
    up: Array | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Estimate(EqualFields):
    """A model's estimate for a clip.

    Attributes:
        positions: (T, J, 3) metres, camera axes; the root as regressed, near zero.
        bone_lengths: (T, b) metres, equal for all frames unless the model is causal and the
            estimate the network's; ``None`` from the baseline.
        bone_directions: (T, b, 3), ``None`` from the baseline.
        up: (T, 3) the direction against gravity in the camera's axes that the model used;
            ``None`` from a model that sees the screen.
        up_difference: degrees between the up directions that the model found of the clip and of its
            mirror image, over the whole clip; ``None`` where it was not asked for both.
    """

    positions: Array
    bone_lengths: Array | None = None
    bone_directions: Array | None = None
    up: Array | None = None
    up_difference: float | None = None


class ClipLifter(abc.ABC):
    """Base of lifters: lifts clips of any length with a network at its own layout and rate.

    Args:
        skeleton: the network's layout.
        fps: the network's frame rate.
        receptive_field: number of frames that the network looks at.
        calibration: maps the spread of the network's estimates to their error.
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

    def __repr__(self) -> str:
        facts = (
            f"{self.skeleton.joint_count} joints of {self.skeleton.name} at {self.fps:g} fps",
            f"looks at {self.receptive_field} frames",
            *(["canonical view"] if self.canonical else []),
            *(["calibrated"] if self.calibration is not None else []),
        )
        return f"{type(self).__name__}({', '.join(facts)})"

    def lift(
        self,
        keypoints: KeypointSequence,
        *,
        flip: bool = True,
        fit: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
        up: Array | None = None,
        camera: Camera | None = None,
    ) -> PoseSequence:
        """Return the poses of one person, one for each frame.

        The keypoints are mapped to the model's layout by joint names, gaps are closed, and the clip
        is resampled to the model's frame rate; the poses are resampled to the clip's own rate.
        Frames before the first and after the last one in which the person is seen are not lifted:
        they have the pose of that frame.

        Args:
            keypoints: one person's keypoints.
            flip: average with the mirror image's poses.
            fit: of a model of the canonical view, move joints across the picture towards their
                keypoints, and give bones the lengths that agree with them
                (``poses.fit_to_rays``). Otherwise, and of other models, poses are the network's.
            rigid: place joints by Eq. 1 from the estimated bone lengths and directions, so that
                bones keep their lengths exactly, instead of by the regression of section 4.2.
                Fitted poses always keep them.
            uncertainty: also estimate how far each joint may be off (``PoseSequence.spread``). With
                a calibrated model, as the shipped ones are, the true joint is within this distance
                in two of three cases; with another model it is the difference between equally good
                estimates (see ``spread``). Takes twice as long.
            up: (3,) the direction against gravity in the camera's axes (x right, y down, z
                forward), if it is known, such as from a phone's gravity sensor. It is stored in the
                poses, and a model of the canonical view uses it instead of its own estimate.
            camera: the camera of the video, if it is known, with its focal length, principal point
                and distortion. Otherwise a model of the canonical view assumes a field of view of
                60 degrees over the longer side.

        Returns:
            Root-relative poses in the camera's axes, metres, with the person's bone lengths, the
            frames in which it was seen, and warnings where the clip or the lengths are unusual
            (``poses.quality``).

        Raises:
            AnatomyError: when the layout cannot be mapped to the model's, or ``rigid`` is asked of
                the baseline.
        """
        return self.lift_all(
            [keypoints],
            flip=flip,
            fit=fit,
            rigid=rigid,
            uncertainty=uncertainty,
            up=up,
            camera=camera,
        )[0]

    def lift_all(
        self,
        clips: Sequence[KeypointSequence],
        *,
        flip: bool = True,
        fit: bool = True,
        rigid: bool = False,
        uncertainty: bool = False,
        up: Array | None = None,
        camera: Camera | None = None,
    ) -> list[PoseSequence]:
        """Return the poses of several clips or people of any lengths, lifted together.

        Each result equals that of ``lift``, except for rounding. Short clips are lifted several
        times faster than one by one.

        Args:
            clips: keypoints of one person each, all from one video if ``up`` or ``camera`` is
                given.
            flip, fit, rigid, uncertainty, up, camera: see ``lift``.

        Raises:
            AnatomyError: see ``lift``.
        """
        if isinstance(clips, KeypointSequence):
            raise AnatomyError("expected a list of KeypointSequence, got one; lift takes one")
        clips = list(clips)
        for keypoints in clips:
            check_person(keypoints, KeypointSequence)
        if not isinstance(camera, Camera | None):
            raise AnatomyError(f"expected a Camera, got {camera!r:.40}; load_camera gives one")
        if up is not None:
            up = number_array(up, np.float32, "up")
            if up.shape != (3,) or not 0 < float(np.linalg.norm(up)) < np.inf:
                raise AnatomyError(f"expected up as a direction (x, y, z), got {up.tolist()!r:.60}")
        mapped = [keypoints.without(NOT_FOUND).mapped(self.skeleton) for keypoints in clips]
        parts = [keypoints.between(*keypoints.seen_span) for keypoints in mapped]
        ready = [keypoints.filled().resampled(self.fps) for keypoints in parts]
        inputs = [
            ClipInput(self.keypoints_of(keypoints, camera), keypoints.visibility, up)
            for keypoints in ready
        ]
        estimates = self.estimate_all(inputs, flip=flip, fit=fit)
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
            # Pixels that the lens model cannot reach keep their place on a lens without distortion.
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
        """Return the poses of one clip.

        Args:
            keypoints: the clip as it came.
            mapped: the clip in the model's layout.
            ready: from the first to the last frame in which the person is seen, without gaps, at
                the model's rate.
            given: the clip as the model sees it.
            estimate: the model's estimate.
            rigid, uncertainty: see ``lift``.
        """
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
                *(turned_warnings(mapped) if given.up is None else ()),
                *up_warnings(estimate.up_difference if given.up is None else None),
            ),
        )
        first, last = mapped.seen_span
        if keypoints.fps != ready.fps:
            poses = poses.resampled(keypoints.fps, frames=last - first + 1)
        frames = len(keypoints)
        return dataclasses.replace(
            poses,
            positions=hold_ends(poses.positions, first, frames),
            spread=None if poses.spread is None else hold_ends(poses.spread, first, frames),
            seen=mapped.seen,
            first_frame=keypoints.first_frame,
        )

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
        fit: bool = False,
        up: Array | None = None,
    ) -> Estimate:
        """Return the model's estimate for one clip, given as the model sees it.

        Args:
            keypoints, visibility, up: see ``ClipInput``.
            flip: average with the mirror image's estimate, which has bone lengths of its own.
            fit: see ``lift``; by default the estimate is the network's.
        """
        clip = ClipInput(keypoints, visibility, up)
        return self.estimate_all([clip], flip=flip, fit=fit)[0]

    def estimate_all(
        self, clips: Sequence[ClipInput], *, flip: bool = True, fit: bool = False
    ) -> list[Estimate]:
        """Return the estimates of several clips of any lengths, which do not change each other.

        Args:
            clips: see ``ClipInput``; plain tuples of keypoints and visibility also work.
            flip: average with the mirror image's estimates.
            fit: see ``lift``; by default the estimates are the network's.
        """
        clips = [ClipInput(*clip) for clip in clips]
        if not clips:
            return []
        estimates = self._estimates(clips, flip)
        if not (fit and self.canonical):
            return estimates
        return [self._fitted(*of_clip) for of_clip in zip(clips, estimates, strict=True)]

    def _estimates(self, clips: list[ClipInput], flip: bool) -> list[Estimate]:
        """Return the network's estimates, or their means with those of mirror images."""
        if not flip:
            return self._estimate_each(clips)
        images = [self._mirrored(clip) for clip in clips]
        found = self._estimate_each([*clips, *images])
        return [
            self._average(*pair)
            for pair in zip(found[: len(clips)], found[len(clips) :], strict=True)
        ]

    def _fitted(self, clip: ClipInput, estimate: Estimate) -> Estimate:
        """Return an estimate that agrees with the clip's keypoints."""
        (positions,), (lengths,) = fit_to_rays(
            estimate.positions[None],
            clip.keypoints[None],
            clip.visibility[None],
            self.skeleton,
            self.fps,
        )
        positions = positions.astype(np.float32)
        return dataclasses.replace(
            estimate,
            positions=positions,
            bone_lengths=np.tile(lengths.astype(np.float32), (len(positions), 1)),
            bone_directions=bone_directions(positions, self.skeleton),
        )

    def _mirrored(self, clip: ClipInput) -> ClipInput:
        """Return a clip's mirror image."""
        up = None if clip.up is None else flip_vectors(np.asarray(clip.up))
        return ClipInput(*mirrored(clip.keypoints, clip.visibility, self.skeleton, np), up)

    def _average(self, estimate: Estimate, of_mirror_image: Estimate) -> Estimate:
        """Return the mean of a clip's estimate and its mirror image's."""
        plain, image = (
            {name: values for name, values in vars(found).items() if values is not None}
            for found in (estimate, of_mirror_image)
        )
        difference = None
        if "up" in plain:
            ups = mean_direction(plain["up"]), flip_vectors(mean_direction(image["up"]))
            difference = float(angle_between(*ups))
        return Estimate(**averaged(plain, image, self.skeleton, np), up_difference=difference)

    def spread(self, clip: ClipInput) -> Array:
        """Return how much equally good estimates of one clip differ.

        They are the estimates from the clip and from its mirror image, each with bone lengths from
        several random choices of frames where the model takes them from chosen frames.

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
        """Yield estimates of positions (T, J, 3) that differ only by chance."""
        yield self._estimate(clip).positions

    @abc.abstractmethod
    def _estimate(self, clip: ClipInput) -> Estimate:
        """Return the estimate of one clip, without its mirror image."""

    def _estimate_each(self, clips: Sequence[ClipInput]) -> list[Estimate]:
        """Return the estimates of several clips, together where the network can."""
        return [self._estimate(clip) for clip in clips]


def mean_direction(vectors: Array) -> NDArray[np.float64]:
    """Return the unit vector (3,) along the mean of vectors (T, 3)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)
