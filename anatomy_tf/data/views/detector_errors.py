"""Simulated detections with the measured errors of a real detector.

The numbers are those of 64,800 detections of COCO's keypoints on a break dancer by one detector in
nine cameras, against the consensus of all cameras. Unlike in ``simulate_detections``, hips and
shoulders wander most while wrists and ankles are right or lost; a part of the error is constant
over a clip; and scores follow the error and, in most views, not what lies in front of a joint.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.data.views.detector_layouts import layout_points
from anatomy_tf.data.views.moving_camera import pixels_in_picture
from anatomy_tf.data.views.simulated_detections import (
    drifting_noise,
    joint_kind,
    random_spells,
    self_occlusion,
    spells,
    standing_height,
)
from anatomy_tf.files.checked_fields import (
    RISING,
    CheckedFields,
    NotNegative,
    Positive,
    PositiveRange,
    Rule,
    Share,
)
from anatomy_tf.sequences.gaps import NOT_FOUND
from anatomy_tf.skeletons import Skeleton

DETECTOR_LAYOUTS: Mapping[str, float] = {
    "coco_17": 0.4,
    "body_25": 0.15,
    "halpe_26": 0.15,
    "blazepose_33": 0.15,
    "human36m_17": 0.15,
}
"""Share of the views that are detected in each layout."""

INFERS_HIDDEN_FACES = ("blazepose_33",)
"""Layouts of detectors that are as sure of an ear behind the head as of a visible one."""


@dataclasses.dataclass(frozen=True)
class KeypointErrors:
    """The errors of a detector at one kind of keypoint, in shares of the standing height.

    Args:
        spread: standard deviation of the whole small error for each axis, at an ordinary moment.
        offset: root mean square length of the part that is constant over a clip.
        gross: share of the time in which the keypoint is off by more than a tenth.
        exchanged: share of the time in which the limb from this joint on is exchanged with its
            twin, not counting exchanges that begin at the joint before.
        sureness: log-odds of the score at an error of 1 %.
        slope: decrease of the log-odds when the error grows e times.
        doubt: standard deviation of the log-odds' drift, of which ``DetectorErrors.knows`` is the
            share that follows hard moments.
    """

    spread: float
    offset: float
    gross: float
    exchanged: float = 0.0
    sureness: float = 0.9
    slope: float = 0.4
    doubt: float = 0.75


KEYPOINT_ERRORS: Mapping[str, KeypointErrors] = {
    "nose": KeypointErrors(0.0035, 0.004, 0.05, sureness=1.6, slope=0.6, doubt=0.9),
    "ear": KeypointErrors(0.004, 0.004, 0.05, sureness=1.4, slope=0.6, doubt=0.9),
    "shoulder": KeypointErrors(0.007, 0.005, 0.05, 0.001, sureness=0.85),
    "elbow": KeypointErrors(0.006, 0.0027, 0.09, 0.001, sureness=0.5, slope=0.9, doubt=1.15),
    "wrist": KeypointErrors(0.006, 0.003, 0.135, 0.003, sureness=0.4, slope=0.9, doubt=1.3),
    "hip": KeypointErrors(0.011, 0.007, 0.04, 0.002, sureness=0.5, slope=0.2, doubt=0.5),
    "knee": KeypointErrors(0.006, 0.0027, 0.08, 0.001),
    "ankle": KeypointErrors(0.005, 0.0025, 0.145, 0.008),
}
"""Errors by a keypoint's name without its side; the fields on scores are fitted to the same
detections."""

OTHER_ERRORS = KeypointErrors(0.007, 0.005, 0.04)
"""Errors of points on the middle line, which were not measured: as of shoulders."""

LIMBS = (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
HEAD = ("nose", "ear", "head_top", "head", "neck")
"""Kinds of keypoints that are lost together."""

_SIDES = ("left_", "right_")
_NEAREST = {
    "nose": "head",
    "left_ear": "head",
    "right_ear": "head",
    "head_top": "head",
    "mid_hip": "pelvis",
    "mid_shoulders": "thorax",
}


_SOME_ABOVE_0 = Rule(lambda shares: sum(shares.values()) > 0, "some of them above 0")
_Spells = tuple[NotNegative, NotNegative]
"""(times a second, mean seconds)"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DetectorErrors(CheckedFields):
    """The errors of detectors and their frequency; every view draws its own detector.

    Lengths are in shares of the person's standing height in the picture. Shares are of views unless
    stated otherwise; a value from a (low, high) pair is drawn once a view.

    Args:
        layouts: share of each detector's layout by its name.
        size: factor on ``KEYPOINT_ERRORS``' spread and offset, log-uniform.
        difficulty: factor on gross errors and exchanges, more often small than large: low + (high -
            low) u² of a uniform u. 1 is the break dance that ``KEYPOINT_ERRORS`` were measured on;
            four of its clips have 0 to 0.4 of these rates, by joint.
        memory: seconds in which the small error's drifting part loses 63 % of its memory.
        white: share of the small error's variance that is new in every frame.
        hardness: standard deviation of the logarithm of the small error's size, which drifts: at
            some moments a joint is hard to see.
        hard_seconds: seconds in which that drift loses 63 % of its memory.
        pixel: standard deviation of a further error in every picture, pixels.
        gross_seconds: (median, standard deviation of the logarithm) of a gross error's duration.
        gross_distance: (least, mean beyond that) distance of a gross error.
        exchange_seconds: mean duration of an exchange.
        turned_share: views in which the whole body is sometimes taken for its mirror image.
        turned: (times a second, mean seconds).
        sees_depth_share: views whose errors and scores depend on what the body hides of itself.
        occlusion_growth: a fully hidden joint's small error is 1 + this times a visible one's, and
            so are its gross errors.
        score_occlusion: decrease of a score's log-odds by a full occlusion.
        opaque_depth: metres of body that hide fully.
        score_outside: decrease of the log-odds outside the picture.
        score_averted: decrease of the log-odds where a point of the face is behind the head.
        score_view: standard deviation of the log-odds between views.
        score_memory: seconds in which their drift loses 63 % of its memory.
        knows: share of that drift's variance that follows hard moments.
        score_ceiling: factor on all scores of a view.
        not_found: a score below this says nothing about the place: the keypoint counts as not
            found, wherever a detector put it (a corner, the last place, beside the picture).
        border_share: views in which some keypoints outside the picture are found on its border.
        border_found: share of the time in which they are.
        frame_loss_share: views in which the whole person is sometimes lost.
        frame_losses: (times a second, mean seconds).
        limb_loss_share: views in which limbs, from any of their joints on, or the head are lost.
        limb_losses: (times a second for each place of a limb, mean seconds).
        legs_unseen_share: views in which legs are never found, from the hips or the knees on.
        legs_hidden_share: views in which legs are not found for a long part.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    layouts: Annotated[Mapping[str, NotNegative], _SOME_ABOVE_0] = dataclasses.field(
        default_factory=lambda: dict(DETECTOR_LAYOUTS)
    )
    size: PositiveRange = (0.8, 1.6)
    difficulty: Annotated[tuple[NotNegative, NotNegative], RISING] = (0.0, 1.2)
    memory: Positive = 0.14
    white: Share = 0.12
    hardness: NotNegative = 0.6
    hard_seconds: Positive = 0.4
    pixel: NotNegative = 0.4
    gross_seconds: tuple[Positive, NotNegative] = (0.04, 1.33)
    gross_distance: tuple[NotNegative, NotNegative] = (0.1, 0.09)
    exchange_seconds: Positive = 0.1
    turned_share: Share = 0.06
    turned: _Spells = (0.15, 0.4)
    sees_depth_share: Share = 0.35
    occlusion_growth: NotNegative = 1.5
    score_occlusion: NotNegative = 1.5
    opaque_depth: Positive = 0.06
    score_outside: NotNegative = 3.0
    score_averted: NotNegative = 5.0
    score_view: NotNegative = 0.35
    score_memory: Positive = 0.25
    knows: Share = 0.5
    score_ceiling: Annotated[tuple[Share, Share], RISING] = (0.7, 1.0)
    not_found: Share = NOT_FOUND
    border_share: Share = 0.3
    border_found: Share = 0.4
    frame_loss_share: Share = 0.3
    frame_losses: _Spells = (0.2, 0.12)
    limb_loss_share: Share = 0.3
    limb_losses: _Spells = (0.02, 0.5)
    legs_unseen_share: Share = 0.05
    legs_hidden_share: Share = 0.05

    def layout(self, rng: np.random.Generator) -> str:
        """Return the name of a random layout."""
        names = list(self.layouts)
        shares = np.array([*self.layouts.values()])
        return names[rng.choice(len(names), p=shares / shares.sum())]


def detect(
    positions: NDArray[np.floating],
    lens: Camera,
    skeleton: Skeleton,
    layout: Skeleton,
    keypoints: Sequence[int],
    rng: np.random.Generator,
    errors: DetectorErrors,
    fps: float,
    scored: bool = True,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Simulate some of a detector's keypoints of one person, in the detector's layout.

    Args:
        positions: (T, J, 3) metres in each frame's camera axes, all in front of it.
        lens: projects to pixels; its picture's size decides what is outside.
        skeleton: the skeleton of the J joints.
        layout: the layout of the detector's K keypoints.
        keypoints: indices in the layout of the wanted keypoints; the others are not found.
        rng: the source of randomness.
        errors: how the detector errs.
        fps: frames a second.
        scored: whether the detector gives scores; without, found keypoints have 1, and wrong
            points of a low score stay.

    Returns:
        pixels (T, K, 2), NaN where a keypoint was not found, and scores (T, K), 0 there.

    Raises:
        AnatomyError: when a wanted keypoint cannot be made from the skeleton's joints.
    """
    positions = np.asarray(positions, np.float32)
    names = [layout.joint_names[k] for k in keypoints]
    points, averted = layout_points(positions, skeleton, names, rng, fps)
    if layout.name in INFERS_HIDDEN_FACES:
        averted[:] = 0
    exact, inside = pixels_in_picture(points, lens)
    depth = positions[:, skeleton.root, 2, None, None]
    height = np.float32(standing_height(positions, skeleton) * lens.focal_length.mean()) / depth
    hidden = np.zeros(inside.shape, np.float32)
    if rng.random() < errors.sees_depth_share:
        own = self_occlusion(positions, skeleton, errors.opaque_depth)
        hidden = own[:, [_nearest(name, skeleton) for name in names]]

    easy, hard_motion = errors.difficulty
    difficulty = easy + (hard_motion - easy) * rng.random() ** 2
    hard = drifting_noise(rng, inside.shape, np.exp(-1 / (errors.hard_seconds * fps)))
    unseen = np.maximum(hidden, averted)
    factor = np.exp(np.float32(errors.hardness) * hard) * (1 + errors.occlusion_growth * unseen)
    small, offset = _small_errors(rng, names, factor.astype(np.float32), errors, fps)
    gross = _gross_errors(rng, names, hidden, errors, difficulty, fps)
    pixels = exact + (small + offset + gross) * height
    pixels += np.float32(errors.pixel) * rng.standard_normal(pixels.shape, np.float32)
    pixels = np.clip(pixels, 0, np.array([lens.width, lens.height], np.float32))

    odds = _log_odds(rng, names, small + gross, hard, errors, fps)
    odds -= errors.score_occlusion * hidden + errors.score_averted * averted
    odds -= errors.score_outside * ~inside
    scores = rng.uniform(*errors.score_ceiling) / (1 + np.exp(-odds))

    # Outside the picture there is nothing to find; some detectors still point at its border.
    found = inside.copy()
    if rng.random() < errors.border_share:
        often = NormalDist().inv_cdf(min(max(errors.border_found, 1e-6), 1 - 1e-6))
        found |= drifting_noise(rng, found.shape, np.exp(-1 / fps)) < often
    _exchange(rng, names, (pixels, scores, found), errors, difficulty, fps)
    found &= ~_lost(rng, names, len(found), errors, fps)
    if scored:
        found &= scores >= errors.not_found
    else:
        scores = np.ones_like(scores)
    all_pixels = np.full((len(found), layout.joint_count, 2), np.nan, np.float32)
    all_scores = np.zeros((len(found), layout.joint_count), np.float32)
    all_pixels[:, keypoints] = np.where(found[..., None], pixels, np.nan)
    all_scores[:, keypoints] = np.where(found, scores, 0)
    return all_pixels, all_scores


def _column(names: Sequence[str], field: str) -> NDArray[np.float32]:
    """Return a field (N,) of each keypoint's errors."""
    rows = (KEYPOINT_ERRORS.get(joint_kind(name), OTHER_ERRORS) for name in names)
    return np.array([getattr(row, field) for row in rows], np.float32)


def _nearest(name: str, skeleton: Skeleton) -> int:
    """Return the index of the joint whose occlusion a keypoint shares."""
    joint = name if name in skeleton.joint_names else _NEAREST.get(name, "")
    return skeleton.index(joint) if joint in skeleton.joint_names else skeleton.root


def _small_errors(
    rng: np.random.Generator,
    names: Sequence[str],
    factor: NDArray[np.float32],
    errors: DetectorErrors,
    fps: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw errors (T, N, 2) that change with time, scaled by ``factor`` (T, N), and constant ones.

    The constant ones are (N, 2).
    """
    low, high = np.log(errors.size)
    size = np.float32(np.exp(rng.uniform(low, high)))
    spread, offset = _column(names, "spread"), _column(names, "offset") / np.float32(np.sqrt(2))
    changing = size * np.sqrt(spread**2 - offset**2)
    shape = (*factor.shape, 2)
    noise = np.float32(np.sqrt(1 - errors.white)) * drifting_noise(
        rng, shape, np.exp(-1 / (errors.memory * fps))
    )
    noise += np.float32(np.sqrt(errors.white)) * rng.standard_normal(shape, np.float32)
    noise *= (changing * factor)[..., None]
    constant = (size * offset)[:, None] * rng.standard_normal((len(names), 2), np.float32)
    return noise, constant


def _gross_errors(
    rng: np.random.Generator,
    names: Sequence[str],
    hidden: NDArray[np.float32],
    errors: DetectorErrors,
    difficulty: float,
    fps: float,
) -> NDArray[np.float32]:
    """Draw gross errors (T, N, 2), 0 outside the spells in which a keypoint is misplaced."""
    median, deviation = errors.gross_seconds
    mean = median * np.exp(deviation**2 / 2)
    chance = difficulty * _column(names, "gross") / np.float32(mean * fps)
    chance = chance * (1 + np.float32(errors.occlusion_growth) * hidden)
    begins = rng.random(chance.shape, np.float32) < chance
    durations = np.ones(chance.shape)
    durations[begins] = median * fps * np.exp(deviation * rng.standard_normal(begins.sum()))
    wrong, begin = spells(begins, durations)
    far = np.zeros((*chance.shape, 2), np.float32)
    least, beyond = errors.gross_distance
    distance = least + rng.exponential(beyond, begins.sum())
    angle = rng.uniform(0, 2 * np.pi, begins.sum())
    far[begins] = distance[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return wrong[..., None] * np.take_along_axis(far, begin[..., None], axis=0)


def _log_odds(
    rng: np.random.Generator,
    names: Sequence[str],
    error: NDArray[np.float32],
    hard: NDArray[np.float32],
    errors: DetectorErrors,
    fps: float,
) -> NDArray[np.float32]:
    """Return the log-odds (T, N) of scores from errors (T, N, 2) and hardness (T, N)."""
    off = np.log(np.maximum(np.hypot(error[..., 0], error[..., 1]), np.float32(2e-3)) * 100)
    noise = drifting_noise(rng, off.shape, np.exp(-1 / (errors.score_memory * fps)))
    noise *= np.float32(np.sqrt(1 - errors.knows))
    noise -= np.float32(np.sqrt(errors.knows)) * hard
    odds = _column(names, "sureness") + np.float32(errors.score_view * rng.standard_normal())
    return odds - _column(names, "slope") * off + _column(names, "doubt") * noise


def _limb_ends(names: Sequence[str]) -> list[tuple[str, list[int], list[int]]]:
    """Return each limb joint's kind, with the left and the right keypoints from it on."""
    ends = []
    for limb in LIMBS:
        for first, kind in enumerate(limb):
            kept = [k for k in limb[first:] if all(side + k in names for side in _SIDES)]
            left, right = ([names.index(side + k) for k in kept] for side in _SIDES)
            ends.append((kind, left, right))
    return ends


def _exchange(
    rng: np.random.Generator,
    names: Sequence[str],
    arrays: tuple[NDArray, ...],
    errors: DetectorErrors,
    difficulty: float,
    fps: float,
) -> None:
    """Exchange left and right in (T, N, ...) arrays at random times, in place."""
    ends = _limb_ends(names)
    share = np.array([KEYPOINT_ERRORS[kind].exchanged for kind, _, _ in ends])
    chance = np.tile(difficulty * share / (errors.exchange_seconds * fps), (len(arrays[0]), 1))
    swapped, _ = random_spells(rng, chance, errors.exchange_seconds * fps)
    pairs = [(left, right) for _, left, right in ends]
    whole = [k for k, name in enumerate(names) if name.startswith(_SIDES[0])]
    twins = [names.index(_SIDES[1] + names[k].removeprefix(_SIDES[0])) for k in whole]
    often, seconds = errors.turned
    turns = rng.random() < errors.turned_share
    chance = np.full((len(arrays[0]), 1), turns * often / fps)
    turned, _ = random_spells(rng, chance, seconds * fps)
    for where, (left, right) in zip(
        np.hstack([swapped, turned]).T, [*pairs, (whole, twins)], strict=True
    ):
        rows = np.flatnonzero(where)[:, None]
        for values in arrays:
            values[rows, left], values[rows, right] = values[rows, right], values[rows, left]


def _lost(
    rng: np.random.Generator, names: Sequence[str], frames: int, errors: DetectorErrors, fps: float
) -> NDArray[np.bool_]:
    """Draw whether each keypoint is lost in each frame, (T, N), wherever it is."""
    lost = np.zeros((frames, len(names)), bool)
    ends = _limb_ends(names)
    parts = [part for _, left, right in ends for part in (left, right)]
    parts.append([k for k, name in enumerate(names) if joint_kind(name) in HEAD])
    frame_share, limb_share, unseen, part_unseen = rng.random(4) < (
        errors.frame_loss_share,
        errors.limb_loss_share,
        errors.legs_unseen_share,
        errors.legs_hidden_share,
    )
    often, seconds = errors.limb_losses
    chance = np.full((frames, len(parts)), limb_share * often / fps)
    for where, part in zip(random_spells(rng, chance, seconds * fps)[0].T, parts, strict=True):
        lost[np.ix_(where, part)] = True
    often, seconds = errors.frame_losses
    chance = np.full((frames, 1), frame_share * often / fps)
    lost |= random_spells(rng, chance, seconds * fps)[0]
    # From the hips or, more often, from the knees on.
    first = "knee" if rng.random() < 0.7 else "hip"
    legs = [k for kind, left, right in ends if kind == first for k in left + right]
    if first == "hip":
        legs += [k for k, name in enumerate(names) if name in ("pelvis", "mid_hip")]
    start, stop = (0, frames) if unseen else np.sort(rng.integers(0, frames + 1, 2))
    if unseen or part_unseen:
        lost[start:stop, legs] = True
    return lost
