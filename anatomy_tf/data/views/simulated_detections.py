"""Simulated detections of a motion: noise, misses, and scores that follow occlusion.

A joint is hidden in proportion to the length that its line of sight passes through the body before
it reaches the joint. The body is a set of capsules around the skeleton's bones, and two more from
shoulder to hip that make the trunk wider than deep. Errors and scores follow from that occlusion,
so that a network meets low scores where real detections have them.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    RISING,
    CheckedFields,
    NotNegative,
    Positive,
    PositiveShare,
)
from anatomy_tf.skeletons import Skeleton

BONE_RADII = {
    "hip": 0.09,
    "knee": 0.07,
    "ankle": 0.05,
    "spine": 0.10,
    "thorax": 0.10,
    "mid_shoulders": 0.10,
    "neck": 0.06,
    "head": 0.09,
    "shoulder": 0.06,
    "elbow": 0.045,
    "wrist": 0.035,
}
"""Radius, metres, of the capsule around a bone by its child joint (either side), for an adult:
half of the widths of clothed limbs; a bone of another name has ``OTHER_RADIUS``."""

FLANK_RADIUS = 0.09
"""Radius, metres, of the capsules from each shoulder to the hip of its side."""

OTHER_RADIUS = 0.05

JOINT_NOISE = {
    "pelvis": 0.8,
    "spine": 0.8,
    "thorax": 0.7,
    "mid_shoulders": 0.7,
    "neck": 0.7,
    "head": 0.7,
    "shoulder": 0.8,
    "hip": 1.0,
    "elbow": 1.1,
    "knee": 1.0,
    "wrist": 1.5,
    "ankle": 1.4,
}
"""Noise of each joint, relative to the others: detectors do best on head and trunk, worst on the
ends of the limbs. A joint of another name has 1."""

_OWN_LIMB_SLACK = 2.5
_OWN_TRUNK_SLACK = 1.5
_SURFACE_SLACK = 0.02
_FRAMES_AT_ONCE = 128


@dataclasses.dataclass(frozen=True)
class DetectionNoise(CheckedFields):
    """The errors of a simulated detector.

    Lengths are in units of the person's size in the picture: the pixels of the standing height (the
    bones from an ankle to the head, end to end) at the root's depth. The defaults give a mean error
    of about 1.2 % of that size on the CMU motion capture (5 pixels for a person of 400), a median
    of 0.8 %, and scores below 0.5 for one joint in seven.

    Args:
        correlated: standard deviation, for each axis, of the error that drifts in time (AR(1)).
        correlation_time: seconds in which the drifting error loses 63 % of its memory.
        white: standard deviation of the error that is new in every frame.
        occlusion_growth: a fully hidden joint's error is 1 + this times a visible one's.
        opaque_depth: metres of body in front of a joint that hide it fully.
        misses_visible: misses a second that begin at a visible joint.
        misses_hidden: misses a second that begin at a fully hidden joint.
        miss_duration: mean seconds of a miss.
        miss_distance: standard deviation, for each axis, of a missed joint's error.
        swaps_visible: left-right swaps a second of an arm or leg when both are visible.
        swaps_hidden: the same when one of the two is fully hidden.
        swap_duration: mean seconds of a swap.
        inside_picture: whether points outside the picture are put on its border, as detectors do.
        score_visible: log-odds of the score of a visible, exactly detected joint.
        score_occlusion: decrease of the log-odds by a full occlusion.
        score_error: decrease of the log-odds by an error of 0.1 (an error counts up to 0.2).
        score_outside: decrease of the log-odds outside the picture.
        score_noise: standard deviation of the log-odds' drift, with ``correlation_time``.
        score_ceiling: (low, high) of the highest score, drawn once a clip: one detector gives 0.95
            where another that is as sure gives 0.65.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    correlated: NotNegative = 0.005
    correlation_time: NotNegative = 0.25
    white: NotNegative = 0.002
    occlusion_growth: NotNegative = 2.5
    opaque_depth: Positive = 0.06
    misses_visible: NotNegative = 0.02
    misses_hidden: NotNegative = 0.5
    miss_duration: NotNegative = 0.12
    miss_distance: NotNegative = 0.08
    swaps_visible: NotNegative = 0.005
    swaps_hidden: NotNegative = 0.15
    swap_duration: NotNegative = 0.15
    inside_picture: bool = True
    score_visible: float = 2.5
    score_occlusion: NotNegative = 2.5
    score_error: NotNegative = 2.0
    score_outside: NotNegative = 3.0
    score_noise: NotNegative = 0.5
    score_ceiling: Annotated[tuple[PositiveShare, PositiveShare], RISING] = (0.6, 1.0)

    @classmethod
    def none(cls) -> DetectionNoise:
        """Return the noise of exact projections.

        Their scores fall by occlusion and outside the picture only.
        """
        return cls(
            correlated=0,
            white=0,
            misses_visible=0,
            misses_hidden=0,
            swaps_visible=0,
            swaps_hidden=0,
            inside_picture=False,
            score_noise=0,
            score_ceiling=(1.0, 1.0),
        )


def simulate_detections(
    positions_camera: NDArray[np.floating],
    camera: Camera,
    skeleton: Skeleton,
    rng: np.random.Generator,
    parameters: DetectionNoise | None = None,
    fps: float = 50.0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Simulate a detector's keypoints and scores for one clip of one person.

    Args:
        positions_camera: (T, J, 3) metres in the camera's frame, all in front of it (z > 0).
        camera: projects to pixels; its picture's size decides what is outside.
        skeleton: the skeleton of the J joints.
        rng: the source of randomness; the same state gives the same detections.
        parameters: the detector's errors; ``DetectionNoise()`` when ``None``.
        fps: frames a second, for the parameters in seconds.

    Returns:
        pixels (T, J, 2), finite also where a joint was missed, and scores (T, J) in [0, 1].

    Raises:
        AnatomyError: when a joint is behind the camera or at it.
    """
    noise = DetectionNoise() if parameters is None else parameters
    positions = np.asarray(positions_camera, np.float32)
    nearest = positions[..., 2].min()
    if not nearest > 0:
        raise AnatomyError(
            f"camera {camera.name!r}: expected every joint in front of it, got depth {nearest:.2f}"
        )
    frames, joints = positions.shape[:2]
    exact = np.asarray(camera.project(positions), np.float32)
    hidden = self_occlusion(positions, skeleton, noise.opaque_depth)

    focal = float(camera.focal_length.mean())
    size = standing_height(positions, skeleton) * focal / positions[:, skeleton.root, 2]
    size = size.astype(np.float32)[:, None]
    memory = np.exp(-1 / (noise.correlation_time * fps)) if noise.correlation_time else 0.0
    spread = _by_joint(skeleton, JOINT_NOISE, 1.0) * (1 + noise.occlusion_growth * hidden)
    error = noise.correlated * drifting_noise(rng, (frames, joints, 2), memory)
    error += noise.white * rng.standard_normal((frames, joints, 2), np.float32)
    error *= spread[..., None]

    chance = noise.misses_visible + (noise.misses_hidden - noise.misses_visible) * hidden
    missed, begin = random_spells(rng, chance / fps, noise.miss_duration * fps)
    misses = noise.miss_distance * rng.standard_normal((frames, joints, 2), np.float32)
    error += missed[..., None] * np.take_along_axis(misses, begin[..., None], axis=0)

    pixels = exact + error * size[..., None]
    outside = (exact < 0).any(axis=-1) | (exact > (camera.width, camera.height)).any(axis=-1)
    if noise.inside_picture:
        pixels = np.clip(pixels, 0, np.array([camera.width, camera.height], np.float32))

    off = np.minimum(np.hypot(error[..., 0], error[..., 1]), 0.2) / 0.1
    odds = noise.score_visible - noise.score_occlusion * hidden - noise.score_error * off
    odds -= noise.score_outside * outside
    odds += noise.score_noise * drifting_noise(rng, (frames, joints), memory)
    scores = 1 / (1 + np.exp(-odds))

    for left, right in _limb_pairs(skeleton):
        worst = np.maximum(hidden[:, left], hidden[:, right]).mean(axis=1, keepdims=True)
        chance = noise.swaps_visible + (noise.swaps_hidden - noise.swaps_visible) * worst
        swapped = random_spells(rng, chance / fps, noise.swap_duration * fps)[0]
        for values, where in ((pixels, swapped[..., None]), (scores, swapped)):
            here, there = values[:, left], values[:, right]
            values[:, left], values[:, right] = (
                np.where(where, there, here),
                np.where(where, here, there),
            )
    scores *= rng.uniform(*noise.score_ceiling)
    return pixels.astype(np.float32), scores.astype(np.float32)


def self_occlusion(
    positions_camera: NDArray[np.floating], skeleton: Skeleton, opaque_depth: float = 0.06
) -> NDArray[np.float32]:
    """Return how far a person's own body hides each joint from the camera.

    The line of sight from the camera to a joint passes through a length of each body part, of which
    only the part before the joint counts. A body part that the joint belongs to may cover it by 1.5
    to 2.5 radii, since joints lie inside the body, and the trunk (with the upper ends of thighs and
    upper arms) does not hide the joints on its own middle line, which nobody sees and every
    detector infers.

    Args:
        positions_camera: (T, J, 3) metres in the camera's frame.
        skeleton: the skeleton of the J joints.
        opaque_depth: metres of body that hide fully; less hides in proportion.

    Returns:
        (T, J) in [0, 1], 0 for visible, of the part that hides the joint most.
    """
    positions = np.asarray(positions_camera, np.float32)
    starts, ends, radii, allowed = _body_parts(skeleton)
    # A part that may cover the joint by any length is not looked at.
    joint, part = np.nonzero(np.isfinite(allowed))
    deepest = np.empty(positions.shape[:2], np.float32)
    first = np.flatnonzero(np.diff(joint, prepend=-1))
    for begin in range(0, len(positions), _FRAMES_AT_ONCE):
        chunk = slice(begin, begin + _FRAMES_AT_ONCE)
        # Frames last, so that each row of a (pair, frame) array is a joint and a part.
        points = np.ascontiguousarray(positions[chunk].transpose(2, 1, 0), np.float64)
        depth = _depth_through(points, starts, ends, radii, joint, part)
        depth -= allowed[joint, part, None]
        deepest[chunk] = np.maximum.reduceat(depth, first, axis=0).T
    return np.clip(deepest / np.float32(opaque_depth), 0, 1)


def _depth_through(
    points: NDArray[np.float64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    radii: NDArray[np.float32],
    joint: NDArray[np.int64],
    part: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the length of the rays to some joints inside some capsules, metres.

    Args:
        points: (3, J, T) joints in the camera's frame; float64, since far from the camera the
            squares differ by little.
        starts: (K,) the joint at which each capsule begins.
        ends: (K,) the joint at which it ends.
        radii: (K,) metres.
        joint: (M,) the joint of each wanted pair.
        part: (M,) the capsule of each wanted pair.

    Returns:
        (M, T). A capsule is the union of a cylinder between two discs and a ball at either end, and
        it is convex: its interval on the ray begins where the first of the three begins and ends
        where the last ends.
    """
    distance = np.sqrt(np.einsum("cjt,cjt->jt", points, points))
    rays = points / distance
    start, axis = points[:, starts], points[:, ends] - points[:, starts]
    # Dot products of all rays with all parts, then only the wanted pairs of them.
    ray_axis = np.einsum("cjt,ckt->jkt", rays, axis)[joint, part]
    ray_start = np.einsum("cjt,ckt->jkt", rays, start)[joint, part]
    squared_axis = np.einsum("ckt,ckt->kt", axis, axis)
    axis_start = np.einsum("ckt,ckt->kt", axis, start)
    outside_ball = np.einsum("ckt,ckt->kt", start, start) - radii[:, None] ** 2
    outside_far_ball = outside_ball + 2 * axis_start + squared_axis

    # Balls: t^2 - 2 t (ray . centre) + |centre|^2 - r^2 = 0.
    half = _root(ray_start**2 - outside_ball[part])
    enter, leave = ray_start - half, ray_start + half
    middle = ray_start + ray_axis
    half = _root(middle**2 - outside_far_ball[part])
    np.fmin(enter, middle - half, out=enter)
    np.fmax(leave, middle + half, out=leave)

    # Cylinder: the same for what is perpendicular to the axis, cut by the two discs.
    squared, along = squared_axis[part], axis_start[part]
    slope = np.maximum(squared - ray_axis**2, 1e-9)
    lean = squared * ray_start - ray_axis * along
    half = _root(lean**2 - slope * (squared * outside_ball[part] - along**2))
    safe_axis = np.where(np.abs(ray_axis) < 1e-6, 1e-6, ray_axis)
    disc, far_disc = along / safe_axis, (along + squared) / safe_axis
    begin = np.maximum((lean - half) / slope, np.minimum(disc, far_disc))
    finish = np.minimum((lean + half) / slope, np.maximum(disc, far_disc))
    crossed = finish > begin
    np.fmin(enter, begin, out=enter, where=crossed)
    np.fmax(leave, finish, out=leave, where=crossed)

    through = np.minimum(leave, distance[joint]) - np.maximum(enter, 0)
    return np.fmax(through, 0)


def _root(squared: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the square root; NaN, which ``fmin`` and ``fmax`` ignore, where the ray misses."""
    return np.sqrt(np.where(squared >= 0, squared, np.nan))


def _body_parts(
    skeleton: Skeleton,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return the capsules of a skeleton's body.

    Returns:
        The joints where the K capsules start and end, (K,) each; their radii (K,), metres; and
        (J, K) the metres of each capsule that may lie before each joint without hiding it.
    """
    parts = [
        (parent, child, BONE_RADII.get(joint_kind(skeleton.joint_names[child]), OTHER_RADIUS))
        for parent, child in skeleton.bones
    ]
    for side in ("left_", "right_"):
        names = (f"{side}shoulder", f"{side}hip")
        if set(names) <= set(skeleton.joint_names):
            shoulder, hip = (skeleton.index(name) for name in names)
            parts.append((shoulder, hip, FLANK_RADIUS))
    starts, ends = (np.array([part[i] for part in parts]) for i in range(2))
    radii = np.array([part[2] for part in parts], np.float32)

    own = np.arange(skeleton.joint_count)[:, None]
    touches = (own == starts) | (own == ends)
    allowed = np.where(touches, _OWN_LIMB_SLACK * radii, np.float32(_SURFACE_SLACK))
    middle = np.array([side == "middle" for side in skeleton.sides])
    inner = np.array([joint in skeleton.parents for joint in range(skeleton.joint_count)])
    spine = middle & inner
    corner = np.array([joint_kind(name) in ("shoulder", "hip") for name in skeleton.joint_names])
    trunk_part = (spine | corner)[starts] & (spine | corner)[ends]
    allowed = np.where(corner[:, None] & trunk_part, _OWN_TRUNK_SLACK * radii, allowed)
    allowed = np.where(spine[:, None] & trunk_part, np.inf, allowed)
    # Seen from the side, the upper end of a thigh or an upper arm covers the trunk's middle line.
    beside = own == np.array(skeleton.parents)[starts]
    allowed = np.where(spine[:, None] & beside & ~trunk_part & corner[starts], 2 * radii, allowed)
    return starts, ends, radii, allowed.astype(np.float32)


def joint_kind(joint_name: str) -> str:
    """Return a joint's name without its side."""
    return joint_name.removeprefix("left_").removeprefix("right_")


def _by_joint(skeleton: Skeleton, table: dict[str, float], other: float) -> NDArray[np.float32]:
    return np.array(
        [table.get(joint_kind(name), other) for name in skeleton.joint_names], np.float32
    )


def standing_height(positions: NDArray[np.float32], skeleton: Skeleton) -> float:
    """Return the length of the bones from an ankle to the middle line's far end, metres.

    Without ankles or a middle line, it is that of the longest path through the skeleton.
    """
    lengths = bone_lengths(positions[:: max(len(positions) // 20, 1)], skeleton).mean(axis=0)
    paths = skeleton.kinematics_matrix
    apart = np.abs(paths[:, None] - paths) @ lengths
    ankles = [joint_kind(name) == "ankle" for name in skeleton.joint_names]
    middle = [side == "middle" for side in skeleton.sides]
    upright = apart[np.ix_(ankles, middle)]
    return float(upright.max() if upright.size else apart.max())


def _limb_pairs(skeleton: Skeleton) -> list[tuple[list[int], list[int]]]:
    """Return the joints of each left limb and, in the same order, of its right twin."""
    limbs = [
        list(subtree)
        for subtree, (parent, child) in zip(skeleton.subtrees, skeleton.bones, strict=True)
        if skeleton.sides[child] == "left" and skeleton.sides[parent] == "middle"
    ]
    return [(limb, [skeleton.flip_order[joint] for joint in limb]) for limb in limbs]


def drifting_noise(
    rng: np.random.Generator, shape: tuple[int, ...], memory: float
) -> NDArray[np.float32]:
    """Return stationary AR(1) noise of unit variance along the first axis."""
    # Imported here, because it takes 0.7 s, which lifting alone need not wait for.
    from scipy.signal import lfilter

    values = rng.standard_normal(shape, np.float32)
    values[1:] *= np.float32(np.sqrt(1 - memory**2))
    one = np.float32(1)
    return lfilter([one], np.array([1, -memory], np.float32), values, axis=0)


def random_spells(
    rng: np.random.Generator, chance: NDArray[np.floating], duration: float
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Draw spells that begin at random and last for a random time.

    Args:
        rng: the source of randomness.
        chance: (T, N) probability that a spell begins in a frame.
        duration: mean frames of a spell (exponential, at least one frame).

    Returns:
        (T, N) whether a spell goes on, and (T, N) the frame in which the latest one began.
    """
    begins = rng.random(chance.shape, np.float32) < chance
    return spells(begins, np.maximum(rng.exponential(duration, chance.shape), 1))


def spells(
    begins: NDArray[np.bool_], durations: NDArray[np.floating]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return spells from their beginnings and durations; overlapping ones join.

    Args:
        begins: (T, N) whether a spell begins in a frame.
        durations: (T, N) frames that it lasts.

    Returns:
        (T, N) whether a spell goes on, and (T, N) the frame in which the latest one began.
    """
    frame = np.arange(len(begins))[:, None]
    latest = np.maximum.accumulate(np.where(begins, frame, 0), axis=0)
    going_on = np.maximum.accumulate(np.where(begins, frame + durations, 0), axis=0) > frame
    return going_on, latest
