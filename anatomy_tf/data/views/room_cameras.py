"""Random cameras as people place, hold and move them: in a room, tilted, near and far."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import unit
from anatomy_tf.cameras import Camera
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.views.moving_camera import MovingCamera, pixels_in_picture
from anatomy_tf.data.views.simulated_detections import standing_height
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    NOT_EMPTY,
    RISING,
    CheckedFields,
    Count,
    NotNegative,
    Positive,
    PositiveRange,
    PositiveShare,
    Rule,
    Share,
    above,
    at_most,
    between,
)
from anatomy_tf.skeletons import Skeleton

_STEP_BACK = 1.15
_MOST_STEPS = 25
_MOST_CAMERAS = 20
_STEEPEST = 80.0
"""Degrees of elevation beyond which a camera that keeps level would spin."""

_AIM_SECONDS = 0.5
"""Seconds; an operator does not follow quicker movements."""

_SWAY_SECONDS, _TREMOR_SECONDS, _WANDER_SECONDS = 0.8, 0.15, 1.5
_TREMOR = 0.25
_SWAY_METRES = 1.5
"""The hand's way in metres for each unit of ``sway``."""
_BESIDE = 0.12


@dataclasses.dataclass(frozen=True, kw_only=True)
class CameraMotion(CheckedFields):
    """The motion of one kind of camera, by default none.

    Args:
        share: weight of this kind among all kinds.
        follows: 1 turns with the person, 0 does not.
        travels: 1 goes with the person, 0 does not.
        turn: standard deviation, degrees, of its turn around the person in a clip.
        shift: standard deviation, metres, of its own movement along each axis.
        approach: (low, high) of its distance at the clip's end as a share of that at its beginning.
        wander: standard deviation of the error of the operator's aim, as a share of the picture's
            longer side, so that the aim is better with a longer lens.
        sway: standard deviation of the hand's shaking, in the same unit; 0.01 is 0.7 degrees with
            a phone's lens.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    share: NotNegative
    follows: Share = 0.0
    travels: Share = 0.0
    turn: NotNegative = 0.0
    shift: NotNegative = 0.0
    approach: PositiveRange = (1.0, 1.0)
    wander: NotNegative = 0.0
    sway: NotNegative = 0.0


CAMERA_MOTIONS: Mapping[str, CameraMotion] = {
    "static": CameraMotion(share=0.42),
    "held": CameraMotion(share=0.16, sway=0.006, wander=0.01),
    "free": CameraMotion(share=0.12, follows=0.6, turn=20, shift=0.4, wander=0.05, sway=0.01),
    "tracking": CameraMotion(share=0.14, follows=1, wander=0.03, sway=0.004),
    "walking": CameraMotion(
        share=0.08, follows=1, travels=1, turn=45, shift=0.2, wander=0.035, sway=0.012
    ),
    "pushing in": CameraMotion(
        share=0.04, follows=1, approach=(0.4, 0.8), wander=0.015, sway=0.005
    ),
    "pulling out": CameraMotion(
        share=0.04, follows=1, approach=(1.25, 2.5), wander=0.015, sway=0.005
    ),
}
"""The kinds that published recipes draw, about as often (GVHMR: 40 % static)."""

_Lens = Annotated[float, above(0), at_most(90)]
_SOME_DRAWN = Rule(lambda kinds: any(k.share for k in kinds.values()), "some share above 0")


@dataclasses.dataclass(frozen=True, kw_only=True)
class RoomCameras(CheckedFields):
    """The ranges of ``room_camera``; (low, high) pairs are uniform unless stated otherwise.

    Args:
        sizes: (width, height) pixels, landscape; one is drawn.
        portrait_share: share of pictures that are turned to portrait.
        field_of_view: degrees along the longer side of the whole picture; log-uniform in the focal
            length, from a tele lens's to a phone's wide one.
        crop_share: share of pictures that are cut from a larger one.
        crop: share of the larger picture's sides that is kept; the principal point then lies up to
            ``(1 / crop - 1) / 2`` of a side off the middle.
        principal_point: half-width of the principal point's distance from the whole picture's
            middle, in units of the longer side.
        distorted_share: share of lenses that bend lines; phones correct that themselves.
        corner: how far such a lens moves the whole picture's corner, as a share of its distance
            from the middle; negative is a barrel.
        tangential: half-width of p1 and p2.
        level_pitch: (mean, standard deviation), degrees, by which most cameras look down.
        tilted_share: share of cameras of any pitch.
        tilt: degrees, the largest pitch of these; two of three look down, one looks up.
        level_roll: standard deviation, degrees, of most cameras.
        rolled_share: share of cameras of any roll.
        roll: degrees, the largest roll of these.
        person_height: (median, standard deviation of the logarithm) of the height of the person,
            standing, as a share of the picture's height.
        any_height_share: share of views in which that height is drawn from ``any_height`` instead.
        any_height: (low, high), log-uniform.
        close_share: share of views in which it is drawn from ``close_height``, so that the picture
            cuts the person off.
        close_height: (low, high), log-uniform.
        nearest_joint: every joint of every frame has at least this depth, metres.
        distance: metres from the person at the beginning, (least, most); where the wanted height
            needs another distance, the person is smaller or larger.
        in_picture: the camera steps back until a third of the joints are in the picture in this
            share of all frames.
        motions: the kinds of cameras.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    sizes: Annotated[tuple[tuple[Count, Count], ...], NOT_EMPTY] = (
        (1920, 1080),
        (1920, 1080),
        (1280, 720),
        (640, 480),
        (1440, 1080),
        (1000, 1000),
    )
    portrait_share: Share = 0.35
    # 45 degrees beside the optical axis is where `cameras.project` limits a point.
    field_of_view: Annotated[tuple[_Lens, _Lens], RISING] = (30.0, 88.0)
    crop_share: Share = 0.35
    crop: Annotated[tuple[PositiveShare, PositiveShare], RISING] = (0.6, 0.95)
    principal_point: NotNegative = 0.015
    distorted_share: Share = 0.6
    corner: Annotated[tuple[float, float], RISING] = (-0.15, 0.05)
    tangential: NotNegative = 0.002
    level_pitch: tuple[float, NotNegative] = (6.0, 8.0)
    tilted_share: Share = 0.5
    tilt: Annotated[float, between(0, 75)] = 60.0
    level_roll: NotNegative = 2.5
    rolled_share: Share = 0.3
    roll: Annotated[float, between(0, 180)] = 45.0
    person_height: tuple[Positive, NotNegative] = (0.55, 0.4)
    any_height_share: Share = 0.3
    any_height: PositiveRange = (0.05, 1.5)
    close_share: Share = 0.15
    close_height: PositiveRange = (0.9, 2.0)
    nearest_joint: Positive = 0.45
    distance: PositiveRange = (0.8, 60.0)
    in_picture: Share = 0.6
    motions: Annotated[Mapping[str, CameraMotion], _SOME_DRAWN] = dataclasses.field(
        default_factory=lambda: dict(CAMERA_MOTIONS)
    )


def room_camera(
    rng: np.random.Generator, clip: MotionClip, cameras: RoomCameras | None = None
) -> tuple[MovingCamera, str]:
    """Return a random camera that films a clip, and the name of its kind.

    The camera looks at the person from a random direction, so that the person has the drawn height
    and place in the picture, and moves as its kind does. It then steps back until no joint of any
    frame is too near and the person is in the picture for most of the time; if that never happens,
    another camera is drawn.

    Args:
        rng: the source of randomness.
        clip: the motion, world z up.
        cameras: the ranges to draw from; ``RoomCameras()`` when ``None``.

    Returns:
        The camera, with as many frames as the clip, and its kind's name in ``cameras.motions``.

    Raises:
        AnatomyError: when no distance will do, as for a clip that spans kilometres.
    """
    cameras = RoomCameras() if cameras is None else cameras
    kinds = list(cameras.motions)
    shares = np.array([motion.share for motion in cameras.motions.values()])
    standing = standing_height(clip.positions, clip.skeleton)
    for _ in range(_MOST_CAMERAS):
        kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
        lens = _random_lens(rng, cameras)
        height = _person_height(rng, cameras)
        distance = lens.focal_length[0] * standing / (height * lens.height)
        distance = float(np.clip(distance, *cameras.distance))
        film = _Film(rng, clip, cameras, cameras.motions[kind], lens, height)
        for _ in range(_MOST_STEPS):
            camera = film.camera(distance)
            if _films(camera, clip, cameras):
                return camera, kind
            distance *= _STEP_BACK
    raise AnatomyError(
        f"clip {clip.subject}/{clip.name}: none of {_MOST_CAMERAS} cameras has it in view; "
        f"it spans {np.ptp(clip.positions, axis=(0, 1)).max():.1f} m"
    )


class _Film:
    """A random camera and its motion, without its distance."""

    def __init__(
        self,
        rng: np.random.Generator,
        clip: MotionClip,
        cameras: RoomCameras,
        motion: CameraMotion,
        lens: Camera,
        height: float,
    ) -> None:
        frames, fps = len(clip), clip.fps
        self.lens = lens
        # Rises from -1/2 at the beginning to 1/2 at the end.
        rise = -np.cos(np.pi * np.linspace(0, 1, frames)) / 2
        azimuth = rng.uniform(0, 2 * np.pi) + np.deg2rad(motion.turn * rng.standard_normal()) * rise
        pitch = np.deg2rad(_pitch(rng, cameras))
        self._back = np.stack(
            [
                np.cos(azimuth) * np.cos(pitch),
                np.sin(azimuth) * np.cos(pitch),
                np.full(frames, np.sin(pitch)),
            ],
            axis=1,
        )
        self._approach = np.exp(np.log(rng.uniform(*motion.approach)) * (rise + 0.5))
        person = _slow_person(clip, _aimed_at(rng, height))
        middle = person.mean(axis=0)
        self._anchor = middle + motion.travels * (person - middle)
        self._aim = middle + motion.follows * (person - middle)
        sway = _smooth_noise(rng, motion.sway, frames, _SWAY_SECONDS * fps)
        self._shift = _smooth_noise(rng, motion.shift, frames, 2 * _WANDER_SECONDS * fps)
        self._shift += _SWAY_METRES * sway
        turns = sway + _smooth_noise(rng, motion.wander, frames, _WANDER_SECONDS * fps)
        turns += _smooth_noise(rng, motion.sway * _TREMOR, frames, _TREMOR_SECONDS * fps)
        turns *= max(lens.width, lens.height) / lens.focal_length[0]
        self._turned = _rotations(turns) @ _looking_beside(rng, lens, height)
        self._turned = self._turned @ _rotations(np.array([0, 0, np.deg2rad(_roll(rng, cameras))]))

    def camera(self, distance: float) -> MovingCamera:
        """Return the camera whose distance at the beginning is ``distance``, metres."""
        position = self._anchor + distance * self._approach[:, None] * self._back + self._shift
        forward = unit(self._aim - position)
        right = unit(np.cross(forward, [0.0, 0.0, 1.0]))
        level = np.stack([right, np.cross(forward, right), forward], axis=1)
        return MovingCamera(self.lens, self._turned @ level, position)


def _random_lens(rng: np.random.Generator, cameras: RoomCameras) -> Camera:
    width, height = cameras.sizes[rng.integers(len(cameras.sizes))]
    if rng.random() < cameras.portrait_share:
        width, height = height, width
    kept = rng.uniform(*cameras.crop) if rng.random() < cameras.crop_share else 1.0
    whole = np.array([width, height]) / kept
    narrow, wide = np.tan(np.deg2rad(cameras.field_of_view) / 2)
    focal = whole.max() / 2 / np.exp(rng.uniform(np.log(narrow), np.log(wide)))
    off = whole.max() * cameras.principal_point * rng.uniform(-1, 1, 2)
    cut_at = (whole - (width, height)) * rng.random(2)
    distorted = rng.random() < cameras.distorted_share
    corner = np.hypot(*whole) / 2 / focal
    # A tele lens's corner is so near the middle that its k1 would be huge a little further out.
    k1 = np.clip(rng.uniform(*cameras.corner) / corner**2, -0.4, 0.4)
    return Camera(
        rotation=np.eye(3),
        position=np.zeros(3),
        focal_length=np.full(2, focal),
        centre=whole / 2 + off - cut_at,
        width=width,
        height=height,
        radial=np.array([distorted * k1, 0.0, 0.0]),
        tangential=distorted * cameras.tangential * rng.uniform(-1, 1, 2),
    )


def _person_height(rng: np.random.Generator, cameras: RoomCameras) -> float:
    """Draw the height of the standing person, as a share of the picture's height."""
    kind = rng.random()
    if kind < cameras.any_height_share:
        return float(np.exp(rng.uniform(*np.log(cameras.any_height))))
    if kind < cameras.any_height_share + cameras.close_share:
        return float(np.exp(rng.uniform(*np.log(cameras.close_height))))
    median, deviation = cameras.person_height
    return float(median * np.exp(deviation * np.clip(rng.standard_normal(), -3, 3)))


def _pitch(rng: np.random.Generator, cameras: RoomCameras) -> float:
    """Draw the angle by which the camera looks down at the person, degrees."""
    if rng.random() < cameras.tilted_share:
        return float(cameras.tilt * rng.random() * rng.choice([1, 1, -1]))
    mean, deviation = cameras.level_pitch
    return float(np.clip(rng.normal(mean, deviation), -cameras.tilt, cameras.tilt))


def _roll(rng: np.random.Generator, cameras: RoomCameras) -> float:
    """Draw the camera's roll, degrees."""
    if rng.random() < cameras.rolled_share:
        return float(rng.uniform(-cameras.roll, cameras.roll))
    return float(np.clip(rng.normal(0, cameras.level_roll), -cameras.roll, cameras.roll))


def _aimed_at(rng: np.random.Generator, height: float) -> float:
    """Draw the point of the body that the camera aims at: 0 is the root, 1 the spine's far end.

    A picture that is too small for the whole person shows the upper half more often than the legs.
    """
    if height < 0.8:
        return float(rng.normal(0, 0.3))
    return float(rng.uniform(0.1, 1.0) if rng.random() < 0.75 else rng.uniform(-1.0, 0.1))


def _slow_person(clip: MotionClip, part: float) -> NDArray[np.float64]:
    """Return the smoothed position (T, 3) of a part of the body, see ``_aimed_at``."""
    # Imported here, because it takes 0.7 s, which lifting alone need not wait for.
    from scipy.ndimage import gaussian_filter1d

    root = clip.positions[:, clip.skeleton.root].astype(np.float64)
    top = clip.positions[:, _top(clip.skeleton)].astype(np.float64)
    return gaussian_filter1d(
        root + part * (top - root), _AIM_SECONDS * clip.fps, axis=0, mode="nearest"
    )


def _top(skeleton: Skeleton) -> int:
    """Return the joint of the body's middle line that is furthest from the root."""
    middle = [joint for joint, side in enumerate(skeleton.sides) if side == "middle"]
    return max(middle or range(skeleton.joint_count), key=lambda joint: len(skeleton.paths[joint]))


def _smooth_noise(
    rng: np.random.Generator, deviation: float, frames: int, spacing: float
) -> NDArray[np.float64]:
    """Return a smooth curve (frames, 3) through random knots, ``spacing`` frames apart."""
    if deviation == 0:
        return np.zeros((frames, 3))
    # Imported here, because it takes 0.5 s, which lifting alone need not wait for.
    from scipy.interpolate import CubicSpline

    count = max(int(np.ceil(frames / spacing)) + 1, 4)
    knots = deviation * rng.standard_normal((count, 3))
    start = rng.random() * (count - 1 - min((frames - 1) / spacing, count - 1))
    return CubicSpline(np.arange(count), knots)(start + np.arange(frames) / spacing)


def _looking_beside(rng: np.random.Generator, lens: Camera, height: float) -> NDArray[np.float64]:
    """Return the rotation (3, 3) that moves the person from the optical axis to a random place.

    A small person may be anywhere in the picture, a large one is near the middle.
    """
    place = rng.normal(0.5, _BESIDE, 2) if height > 0.3 else rng.random(2)
    pixel = np.clip(place, 0.1, 0.9) * (lens.width, lens.height)
    ray = np.append((pixel - lens.centre) / lens.focal_length, 1)
    ray /= np.linalg.norm(ray)
    axis = np.cross([0.0, 0.0, 1.0], ray)
    length = np.linalg.norm(axis)
    return _rotations(axis / max(length, 1e-12) * np.arctan2(length, ray[2]))


def _rotations(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotations (..., 3, 3) of rotation vectors (..., 3), radians."""
    # Imported here, because it takes 0.2 s, which lifting alone need not wait for.
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(vectors).as_matrix()


def _films(camera: MovingCamera, clip: MotionClip, cameras: RoomCameras) -> bool:
    """Return whether no joint is too near, no view too steep, and the person long in view."""
    seen = camera.world_to_camera(clip.positions)
    if seen[..., 2].min() < cameras.nearest_joint:
        return False
    if np.abs(camera.up[:, 2]).max() > np.sin(np.deg2rad(_STEEPEST)):
        return False
    _, inside = pixels_in_picture(seen, camera.lens)
    return bool((inside.mean(axis=1) >= 1 / 3).mean() >= cameras.in_picture)
