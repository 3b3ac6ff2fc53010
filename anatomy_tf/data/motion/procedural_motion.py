"""Generated motion: random bodies that walk, run, reach, squat, sit and turn.

It needs no recording, so that a clone of the repository can train at once. It is no substitute for
motion capture: the bodies and the ranges of motion are people's, the habits are not.

References:
    R. Drillis and R. Contini, Body Segment Parameters, New York University, 1966: segment lengths
    as fractions of stature, as reprinted in D. A. Winter, Biomechanics and Motor Control of Human
    Movement, 4th ed., Wiley, 2009, figure 4.1.
    C. D. Fryar et al., Anthropometric Reference Data for Children and Adults, National Center for
    Health Statistics: adults' stature.
    American Academy of Orthopaedic Surgeons, Joint Motion: Method of Measuring and Recording, 1965:
    ranges of motion.
    J. Perry, Gait Analysis: Normal and Pathological Function, Slack, 1992 (walking) and T. F.
    Novacheck, The biomechanics of running, Gait and Posture 7, 1998 (running): the shapes of the
    hip and knee curves, read off by eye at each tenth of the cycle.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_whole
from anatomy_tf.skeletons import HUMAN36M_17

Angles = dict[str, NDArray[np.float64]]
"""(T,) degrees by name, with ``left_`` or ``right_`` for limbs; what is not named is 0."""

SEGMENTS = {
    # Joint: (forward, left, up) from its parent in upright standing, in fractions of stature. A
    # side's joint is given for the left. Hip height 0.530, knee 0.285, ankle 0.039, shoulder 0.818,
    # chin 0.870; the hips are joint centres, nearer the middle than the hips' breadth of 0.191.
    "hip": (0.0, 0.050, 0.0),
    "knee": (0.0, 0.0, -0.245),
    "ankle": (0.0, 0.0, -0.246),
    "spine": (0.0, 0.0, 0.135),
    "thorax": (0.0, 0.0, 0.145),
    "neck": (0.0, 0.0, 0.065),
    "head": (0.012, 0.0, 0.070),
    "shoulder": (0.0, 0.115, 0.008),
    "elbow": (0.0, 0.0, -0.186),
    "wrist": (0.0, 0.0, -0.146),
}
ANKLE_HEIGHT = 0.039
"""Fraction of stature."""

JOINT_LIMITS = {
    "hip_flexion": (-30.0, 120.0),
    "hip_abduction": (-30.0, 45.0),
    "hip_rotation": (-45.0, 45.0),
    "knee_flexion": (0.0, 135.0),
    "trunk_flexion": (-30.0, 80.0),
    "trunk_bending": (-35.0, 35.0),
    "trunk_rotation": (-45.0, 45.0),
    "neck_flexion": (-45.0, 45.0),
    "neck_bending": (-45.0, 45.0),
    "neck_rotation": (-60.0, 60.0),
    "shoulder_flexion": (-60.0, 180.0),
    "shoulder_abduction": (0.0, 180.0),
    "shoulder_rotation": (-90.0, 70.0),
    "elbow_flexion": (0.0, 150.0),
}
"""Degrees, lowest and highest; rotation of hip and shoulder is positive inward."""

_SIDES = ("left", "right")
_STATURE = {"women": (1.62, 0.07), "men": (1.76, 0.075)}
_SHORTEST, _TALLEST = 1.45, 2.0
_PROPORTIONS = 0.03

# Degrees at each tenth of the gait cycle, from one foot's contact with the floor to its next.
_WALK_HIP = (30, 25, 17, 8, -2, -9, -5, 12, 27, 32)
_WALK_KNEE = (5, 16, 16, 9, 5, 10, 35, 60, 48, 14)
_RUN_HIP = (43, 38, 24, 8, -4, -1, 18, 38, 49, 48)
_RUN_KNEE = (18, 38, 41, 27, 20, 42, 78, 94, 72, 30)
_RUN_FLIGHT = 0.43

# The largest swing of heading for which a path of sinusoidal heading closes to a figure of eight:
# the first zero of the Bessel function J0, radians.
_FIGURE_OF_EIGHT = 2.4048


@dataclasses.dataclass(frozen=True)
class _Plan:
    """The plan of an activity: what the body does over time.

    Attributes:
        angles: angles of pelvis and joints.
        heading: function from metres travelled (T,) to the heading (T,), radians.
        planted: whether both feet stay in place; otherwise the lower foot does.
        flight: (T,) metres of the lower foot above the floor.
    """

    angles: Angles
    heading: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    planted: bool
    flight: NDArray[np.float64]


def procedural_motion(
    people: int = 8, seconds: float = 20, fps: float = 50, seed: int = 0
) -> list[MotionClip]:
    """Generate motions of random people.

    Args:
        people: number of bodies; each does every activity once.
        seconds: length of each clip.
        fps: frames a second.
        seed: seed of people and motions; a person depends on it and the person's number alone.

    Returns:
        Six clips a person, on the skeleton ``HUMAN36M_17``: actions walk, run, reach, squat, sit
        and turn; subjects ``procedural_0``, ...; world metres, z up, the floor at z = 0. A person's
        bone lengths are the same in all frames and on both sides, and all joint angles lie in
        ``JOINT_LIMITS``.

    Raises:
        AnatomyError: for fewer than one person, a seed that is no whole number from 0, a clip of
            less than two frames, or a rate outside ``files.limits``.
    """
    if not is_whole(people) or people < 1:
        raise AnatomyError(f"procedural motion: expected at least one person, got {people!r}")
    if not is_whole(seed) or seed < 0:
        raise AnatomyError(f"procedural motion: expected a seed of at least 0, got {seed!r}")
    if not (fps > 0 and 2 <= seconds * fps < np.inf):
        raise AnatomyError(
            f"procedural motion: expected at least two frames a clip, got {seconds} s at {fps} fps"
        )
    times = np.arange(round(seconds * fps)) / fps
    clips = []
    for person in range(people):
        rng = np.random.default_rng([seed, person])
        stature, offsets = _random_body(rng)
        for action, (plan, description) in _ACTIVITIES.items():
            positions = _perform(plan(rng, times), offsets, ANKLE_HEIGHT * stature, times)
            clips.append(
                MotionClip(
                    positions.astype(np.float32),
                    HUMAN36M_17,
                    fps,
                    subject=f"procedural_{person}",
                    action=action,
                    name=f"{action}_{seed}_{person}",
                    description=description,
                )
            )
    return clips


def _random_body(rng: np.random.Generator) -> tuple[float, NDArray[np.float64]]:
    """Return stature and the joints' offsets (17, 3) from their parents, metres.

    Offsets are (forward, left, up).
    """
    mean, deviation = _STATURE[("women", "men")[rng.integers(2)]]
    stature = float(np.clip(rng.normal(mean, deviation), _SHORTEST, _TALLEST))
    own = {joint: stature * rng.normal(1, _PROPORTIONS) for joint in SEGMENTS}
    offsets = np.zeros((HUMAN36M_17.joint_count, 3))
    for index, name in enumerate(HUMAN36M_17.joint_names):
        joint = name.removeprefix("left_").removeprefix("right_")
        if joint in SEGMENTS:
            offsets[index] = np.multiply(SEGMENTS[joint], own[joint])
            offsets[index, 1] *= -1 if name.startswith("right_") else 1
    return stature, offsets


def _perform(
    plan: _Plan,
    offsets: NDArray[np.float64],
    ankle_height: float,
    times: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return world positions (T, 17, 3) of a body that follows a plan, its feet on the floor."""
    fps = 1 / (times[1] - times[0])
    pose = _pose(within_limits(plan.angles), offsets)
    ankles = [HUMAN36M_17.index(f"{side}_ankle") for side in _SIDES]
    if plan.planted:
        turned = _turned(pose, plan.heading(np.zeros(len(times))))
        root = -turned[:, ankles].mean(axis=1)
        # A foot that the bent leg lifts off would hang in the air: the lower one stands.
        root[:, 2] = ankle_height - _lowest(turned[:, ankles, 2])
        return turned + root[:, None]

    step = _progress(pose[:, ankles], plan.flight, fps)
    travelled = np.cumsum(step[:, 0])
    turned = _turned(pose, plan.heading(travelled))
    root = np.cumsum(_progress(turned[:, ankles], plan.flight, fps), axis=0)
    root -= (root.max(axis=0) + root.min(axis=0)) / 2
    height = ankle_height - _lowest(turned[:, ankles, 2]) + plan.flight
    height = gaussian_filter1d(height, 0.02 * fps, mode="nearest")
    return turned + np.column_stack([root, height])[:, None]


def _progress(
    ankles: NDArray[np.float64], flight: NDArray[np.float64], fps: float
) -> NDArray[np.float64]:
    """Return the root's movement (T, 2) in each frame that keeps the lower foot in place, metres.

    Args:
        ankles: (T, 2, 3) relative to the root.
        flight: (T,) metres of the lower foot above the floor; in the air the root keeps its pace.
        fps: frames a second.
    """
    low = np.exp(-(ankles[..., 2] - ankles[..., 2].min(axis=1, keepdims=True)) / 0.015)
    low /= low.sum(axis=1, keepdims=True)
    moved = np.diff(ankles[..., :2], axis=0, prepend=ankles[:1, :, :2])
    step = -np.einsum("ts,tsc->tc", low, moved)
    on_floor = np.exp(-flight / 0.02)[:, None]
    width = 0.04 * fps
    smooth = gaussian_filter1d(step * on_floor, width, axis=0, mode="nearest")
    return smooth / gaussian_filter1d(on_floor, width, axis=0, mode="nearest")


def _lowest(heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the height (T,) of the lower of two feet (T, 2), smoothed where they are alike."""
    lower = heights.min(axis=1)
    softness = 0.005
    return lower - softness * np.log(np.exp((lower[:, None] - heights) / softness).sum(axis=1))


def _turned(points: NDArray[np.float64], heading: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = Rotation.from_euler("Z", heading[:, None]).as_matrix()
    return np.einsum("tij,tkj->tki", turn, points)


def within_limits(angles: Angles) -> Angles:
    """Return angles clipped to ``JOINT_LIMITS``; those of the pelvis, no joint, are kept."""
    limited = {}
    for name, values in angles.items():
        kind = name.removeprefix("left_").removeprefix("right_")
        limited[name] = np.clip(values, *JOINT_LIMITS[kind]) if kind in JOINT_LIMITS else values
    return limited


def _pose(angles: Angles, offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return root-relative positions (T, 17, 3), (forward, left, up), before the heading."""
    frames = len(next(iter(angles.values())))

    def turn(flexion: str, bending: str, rotation: str, signs: Sequence[float]) -> Rotation:
        about = [angles.get(name, np.zeros(frames)) for name in (flexion, bending, rotation)]
        return Rotation.from_euler("YXZ", np.stack(about, axis=1) * signs, degrees=True)

    pelvis = turn("pelvis_tilt", "pelvis_list", "pelvis_rotation", (1, 1, 1))
    half_trunk = turn("trunk_flexion", "trunk_bending", "trunk_rotation", (0.5, 0.5, 0.5))
    lower_trunk = pelvis * half_trunk
    chest = lower_trunk * half_trunk
    segments = {
        "spine": lower_trunk,
        "thorax": chest,
        "neck": chest,
        "head": chest * turn("neck_flexion", "neck_bending", "neck_rotation", (1, 1, 1)),
    }
    for side, outward in zip(_SIDES, (1, -1), strict=True):
        # Flexion takes a limb forward, knee flexion backward; outward and inward mirror.
        for joint, kind, base, bend in (
            ("knee", "hip", pelvis, 1),
            ("elbow", "shoulder", chest, -1),
        ):
            upper = base * turn(
                f"{side}_{kind}_flexion",
                f"{side}_{kind}_abduction",
                f"{side}_{kind}_rotation",
                (-1, outward, -outward),
            )
            lower = upper * turn(f"{side}_{joint}_flexion", "", "", (bend, 1, 1))
            end = "ankle" if joint == "knee" else "wrist"
            segments |= {
                f"{side}_{kind}": base,
                f"{side}_{joint}": upper,
                f"{side}_{end}": lower,
            }
    bones = np.stack(
        [segments[name].apply(offsets[HUMAN36M_17.index(name)]) for name in HUMAN36M_17.bone_names],
        axis=1,
    )
    return np.matmul(HUMAN36M_17.kinematics_matrix.astype(np.float64), bones)


def _wander(
    rng: np.random.Generator,
    times: NDArray[np.float64],
    low: float,
    high: float,
) -> NDArray[np.float64]:
    """Return a smooth curve (T,) through random values in [low, high], 0.7 to 2 seconds apart."""
    knots = _knots(rng, times, (0.7, 2.0))
    return PchipInterpolator(knots, rng.uniform(low, high, len(knots)))(times)


def _up_and_down(
    rng: np.random.Generator,
    times: NDArray[np.float64],
    high: tuple[float, float],
    low: tuple[float, float],
    pause: tuple[float, float],
) -> NDArray[np.float64]:
    """Return a smooth curve (T,) that alternates between random values of two ranges."""
    knots = _knots(rng, times, pause)
    values = rng.uniform(*high, len(knots))
    is_low = np.arange(len(knots)) % 2 == rng.integers(2)
    values = np.where(is_low, rng.uniform(*low, len(knots)), values)
    return PchipInterpolator(knots, values)(times)


def _knots(
    rng: np.random.Generator, times: NDArray[np.float64], pause: tuple[float, float]
) -> NDArray[np.float64]:
    """Return random times, ``pause`` seconds apart, from before the first to after the last."""
    count = int((times[-1] + pause[1]) / pause[0]) + 2
    return np.cumsum(rng.uniform(*pause, count)) - pause[1]


def _head_and_trunk(
    rng: np.random.Generator, times: NDArray[np.float64], share: float = 1.0
) -> Angles:
    """Return small movements that people always make; ``share`` scales the trunk's."""
    return {
        "trunk_flexion": _wander(rng, times, -4 * share, 14 * share),
        "trunk_bending": _wander(rng, times, -7 * share, 7 * share),
        "trunk_rotation": _wander(rng, times, -14 * share, 14 * share),
        "neck_flexion": _wander(rng, times, -12, 22),
        "neck_bending": _wander(rng, times, -8, 8),
        "neck_rotation": _wander(rng, times, -35, 35),
    }


def _free_arms(rng: np.random.Generator, times: NDArray[np.float64], highest: float) -> Angles:
    """Return angles of arms that reach about, up to ``highest`` degrees of shoulder flexion."""
    angles = {}
    for side in _SIDES:
        angles[f"{side}_shoulder_flexion"] = _wander(rng, times, -25, highest)
        angles[f"{side}_shoulder_abduction"] = _wander(rng, times, 3, 60)
        angles[f"{side}_shoulder_rotation"] = _wander(rng, times, -30, 55)
        angles[f"{side}_elbow_flexion"] = _wander(rng, times, 5, 125)
    return angles


def _cycle(tenths: Sequence[float], phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate the Fourier series through ten values of a cycle, at phases in cycles."""
    harmonics = np.fft.rfft(tenths) / len(tenths)
    order = np.arange(len(harmonics))
    # Each but the mean and the highest also counts for its complex conjugate.
    harmonics[1:-1] *= 2
    waves = np.exp(2j * np.pi * np.multiply.outer(phase, order))
    return (waves @ harmonics).real


def _list(phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the degrees by which the pelvis of a walker is higher on a side than on the other.

    While a foot swings, the standing side is 2.3 degrees higher in 94 walks of CMU's motion
    capture, and 2.2 here.

    Args:
        phase: (T,) the side's gait cycle, from its foot's contact with the floor.
    """
    return 3 * np.sin(2 * np.pi * phase)


def _path(
    rng: np.random.Generator, length: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the heading along a circle or a figure of eight of about this length, metres."""
    start, hand = rng.uniform(0, 2 * np.pi), rng.choice([-1, 1])
    if rng.random() < 0.5:
        return lambda travelled: start + hand * 2 * np.pi * travelled / length
    return lambda travelled: (
        start + hand * _FIGURE_OF_EIGHT * np.sin(2 * np.pi * travelled / length)
    )


def _gait(
    rng: np.random.Generator,
    times: NDArray[np.float64],
    *,
    strides: tuple[float, float],
    hip: Sequence[float],
    knee: Sequence[float],
    tilt: float,
    arm_swing: tuple[float, float],
    elbow: tuple[float, float],
    flight: float,
    length: tuple[float, float],
) -> _Plan:
    """Return a plan of walking or running.

    Args:
        rng: where the numbers come from.
        times: (T,) seconds.
        strides: lowest and highest strides (two steps) a second.
        hip: degrees of flexion at each tenth of the cycle.
        knee: the same for the knee.
        tilt: mean forward tilt of the pelvis, degrees.
        arm_swing: least and most swing of the shoulder to either side, degrees.
        elbow: least and most mean flexion of the elbow, degrees.
        flight: metres of the lower foot above the floor in mid-flight.
        length: least and most length of the path, metres.
    """
    rate = rng.uniform(*strides) * _wander(rng, times, 0.94, 1.06)
    phase = rng.uniform() + np.cumsum(rate) * (times[1] - times[0])
    vigour = rng.uniform(0.85, 1.1)
    swing, bend = rng.uniform(*arm_swing), rng.uniform(*elbow)
    wave = 2 * np.pi * phase
    angles = _head_and_trunk(rng, times, 0.4)
    angles["pelvis_tilt"] = tilt + 1.5 * np.cos(2 * wave)
    # The pelvis turns the swinging leg's side forward and drops it; the chest turns and bends
    # against it, so that it stays upright.
    angles["pelvis_rotation"] = -5 * vigour * np.cos(wave)
    angles["pelvis_list"] = _list(phase)
    angles["trunk_rotation"] = angles["trunk_rotation"] + 10 * vigour * np.cos(wave)
    angles["trunk_bending"] = angles["trunk_bending"] - _list(phase)
    # In those walks the standing leg leans in by 4.5 degrees, and the swinging one by 0.5.
    width = rng.uniform(-4, 0)
    for side, ahead in zip(_SIDES, (0.0, 0.5), strict=True):
        own = phase + ahead
        mean_hip = np.mean(hip)
        angles[f"{side}_hip_flexion"] = mean_hip + vigour * (_cycle(hip, own) - mean_hip)
        angles[f"{side}_knee_flexion"] = _cycle(knee, own) * (0.5 + 0.5 * vigour)
        angles[f"{side}_hip_abduction"] = width - 2.5 * np.sin(2 * np.pi * own) - _list(own)
        # An arm goes forward with the other side's leg.
        back_and_forth = -np.cos(2 * np.pi * own)
        angles[f"{side}_shoulder_flexion"] = (
            swing * back_and_forth + tilt / 2 + _wander(rng, times, -10, 6)
        )
        angles[f"{side}_shoulder_abduction"] = _wander(rng, times, 4, 14)
        angles[f"{side}_shoulder_rotation"] = _wander(rng, times, 5, 30)
        angles[f"{side}_elbow_flexion"] = (
            bend + 0.4 * swing * back_and_forth + _wander(rng, times, -8, 12)
        )
    in_air = (0.5 + 0.5 * np.cos(4 * np.pi * (phase - _RUN_FLIGHT))) ** 2
    return _Plan(angles, _path(rng, rng.uniform(*length)), False, flight * in_air)


def _walk(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    return _gait(
        rng,
        times,
        strides=(0.75, 1.05),
        hip=_WALK_HIP,
        knee=_WALK_KNEE,
        tilt=7,
        arm_swing=(10, 28),
        elbow=(10, 35),
        flight=0.0,
        length=(6, 14),
    )


def _run(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    return _gait(
        rng,
        times,
        strides=(1.2, 1.45),
        hip=_RUN_HIP,
        knee=_RUN_KNEE,
        tilt=12,
        arm_swing=(25, 42),
        elbow=(75, 105),
        flight=0.10,
        length=(12, 18),
    )


def _standing_legs(
    rng: np.random.Generator,
    times: NDArray[np.float64],
    knee: NDArray[np.float64],
    shank: NDArray[np.float64],
    tilt: NDArray[np.float64],
) -> Angles:
    """Return angles of both legs with the feet side by side.

    Args:
        rng: where the numbers come from.
        times: (T,) seconds.
        knee: (T,) degrees of flexion.
        shank: (T,) degrees by which the shanks lean forward.
        tilt: (T,) degrees by which the pelvis leans forward.
    """
    width = rng.uniform(2, 14)
    angles: Angles = {"pelvis_tilt": tilt}
    for side in _SIDES:
        angles[f"{side}_knee_flexion"] = knee
        angles[f"{side}_hip_flexion"] = knee - shank + tilt
        angles[f"{side}_hip_abduction"] = width + 0 * times
    return angles


def _facing(rng: np.random.Generator) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    heading = rng.uniform(0, 2 * np.pi)
    return lambda travelled: np.full(len(travelled), heading)


def _reach(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    knee = _wander(rng, times, 0, 35)
    angles = _head_and_trunk(rng, times) | _free_arms(rng, times, 150)
    angles |= _standing_legs(rng, times, knee, knee / 2, _wander(rng, times, -3, 25))
    angles["trunk_flexion"] = _wander(rng, times, -12, 45)
    angles["trunk_rotation"] = _wander(rng, times, -38, 38)
    angles["trunk_bending"] = _wander(rng, times, -20, 20)
    return _Plan(angles, _facing(rng), True, 0 * times)


def _squat(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    depth = _up_and_down(rng, times, (0.7, 1.0), (0.0, 0.25), (0.8, 1.6))
    knee = 5 + rng.uniform(85, 120) * depth
    # Chest and shanks lean forward by as much as keeps the body's weight over the feet.
    angles = _head_and_trunk(rng, times, 0.5) | _free_arms(rng, times, 95)
    angles |= _standing_legs(rng, times, knee, 2 + 30 * depth, 3 + 22 * depth)
    angles["trunk_flexion"] = angles["trunk_flexion"] + rng.uniform(10, 35) * depth
    return _Plan(angles, _facing(rng), True, 0 * times)


def _sit(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    depth = np.clip(_up_and_down(rng, times, (1.0, 2.0), (-0.8, 0.0), (1.5, 3.0)), 0, 1)
    depth = gaussian_filter1d(depth, 0.1 / (times[1] - times[0]), mode="nearest")
    knee = 4 + rng.uniform(82, 98) * depth
    # Getting up and down leans forward; sitting itself is upright.
    lean = 4 * depth * (1 - depth)
    angles = _head_and_trunk(rng, times) | _free_arms(rng, times, 80)
    angles |= _standing_legs(rng, times, knee, 2 + 5 * depth + 15 * lean, 2 + 25 * lean)
    angles["trunk_flexion"] = angles["trunk_flexion"] + 15 * lean
    return _Plan(angles, _facing(rng), True, 0 * times)


def _turn(rng: np.random.Generator, times: NDArray[np.float64]) -> _Plan:
    interval = times[1] - times[0]
    rate = rng.choice([-1, 1]) * _up_and_down(rng, times, (70, 160), (-160, 0), (1.0, 2.5))
    rate = np.sign(rate) * np.maximum(np.abs(rate) - 25, 0)
    heading = np.deg2rad(rng.uniform(0, 360) + np.cumsum(rate) * interval)
    stepping = gaussian_filter1d(np.clip(np.abs(rate) / 50, 0, 1), 0.15 / interval, mode="nearest")
    phase = rng.uniform() + np.cumsum(np.full(len(times), rng.uniform(0.8, 1.1))) * interval
    angles = _head_and_trunk(rng, times) | _free_arms(rng, times, 60)
    angles["pelvis_tilt"] = _wander(rng, times, 0, 8)
    width = rng.uniform(2, 8)
    for side, ahead in zip(_SIDES, (0.0, 0.5), strict=True):
        lift = np.maximum(np.sin(2 * np.pi * (phase + ahead)), 0) ** 2 * stepping
        knee = 5 + 55 * lift
        angles[f"{side}_knee_flexion"] = knee
        angles[f"{side}_hip_flexion"] = knee / 2 + angles["pelvis_tilt"]
        angles[f"{side}_hip_abduction"] = width + 0 * times
    return _Plan(angles, lambda travelled: heading, False, 0 * times)


_ACTIVITIES: dict[str, tuple[Callable[[np.random.Generator, NDArray[np.float64]], _Plan], str]] = {
    "walk": (_walk, "walks in a circle or a figure of eight"),
    "run": (_run, "runs in a circle or a figure of eight"),
    "reach": (_reach, "stands and reaches about"),
    "squat": (_squat, "squats and rises"),
    "sit": (_sit, "sits down and gets up"),
    "turn": (_turn, "turns on the spot"),
}
