"""Signs that a clip's poses are to be doubted, each as one line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton

RATES = (0.4, 4.0)
"""Frame rates further from the model's than these factors are far from it."""

LOW_SCORE, LOW_SHARE = 0.3, 0.25
"""A joint below this score is hardly seen; more than this share of them is much."""

LONG_GAP = 0.5
"""Seconds without a joint that linear interpolation does not bridge well."""

STATURES = (1.45, 2.00)
"""Metres that nearly all adults lie between: the means of ANSUR II, a survey of the US Army, are
1.63 (women) and 1.76 (men), the standard deviations 0.064 and 0.069."""

SHARES_OF_STATURE = {
    ("shoulder", "elbow"): 0.186,
    ("elbow", "wrist"): 0.146,
    ("hip", "knee"): 0.245,
    ("knee", "ankle"): 0.246,
}
"""Mean lengths of limbs (Drillis and Contini 1966, in Winter, Biomechanics and Motor Control of
Human Movement)."""

BUILD = 0.15
"""Share by which a person's limb differs from that mean, and marker sets from each other; with it
all limbs of the 25 people of our motion capture are plausible."""

ASYMMETRY = 1.2
"""Left over right, or right over left, of a limb."""


def keypoint_warnings(
    keypoints: KeypointSequence, fps: float, receptive_field: int
) -> tuple[str, ...]:
    """What makes a clip hard for a model.

    Args:
        keypoints: in the model's layout, at their own rate, gaps open.
        fps: of the model's training.
        receptive_field: frames that the model looks at, at that rate.
    """
    return (
        *keypoints.warnings,
        *_rate(keypoints, fps),
        *_length(keypoints, fps, receptive_field),
        *_absence(keypoints),
        *_visibility(keypoints),
        *_gaps(keypoints),
    )


def bone_length_warnings(
    lengths: NDArray[np.float32] | None, skeleton: Skeleton
) -> tuple[str, ...]:
    """What no adult's arms and legs are like.

    Args:
        lengths: (b,) metres, ``None`` where nobody estimated them.
        skeleton: names the bones.
    """
    if lengths is None:
        return ()
    metres = dict(zip(skeleton.bone_names, lengths.tolist(), strict=True))
    parents = {name: skeleton.joint_names[p] for name, p in _parents(skeleton)}
    warnings = []
    for (upper, lower), share in SHARES_OF_STATURE.items():
        shortest = share * STATURES[0] * (1 - BUILD)
        longest = share * STATURES[1] * (1 + BUILD)
        sides = {}
        for side in ("left", "right"):
            bone = f"{side}_{lower}"
            if parents.get(bone) != f"{side}_{upper}":
                continue
            sides[side] = metres[bone]
            if not shortest <= metres[bone] <= longest:
                warnings.append(
                    f"{side} {upper} to {lower} of {100 * metres[bone]:.1f} cm; an adult's is "
                    f"{100 * shortest:.1f} to {100 * longest:.1f} cm"
                )
        low, high = min(sides.values(), default=0.0), max(sides.values(), default=0.0)
        if len(sides) == 2 and high > ASYMMETRY * low:
            warnings.append(
                f"{upper} to {lower} differs between left ({100 * sides['left']:.0f} cm) and "
                f"right ({100 * sides['right']:.0f} cm)"
            )
    return tuple(f"implausible bone length: {warning}" for warning in warnings)


def _parents(skeleton: Skeleton) -> Iterator[tuple[str, int]]:
    for name, parent in zip(skeleton.joint_names, skeleton.parents, strict=True):
        if parent >= 0:
            yield name, parent


def _rate(keypoints: KeypointSequence, fps: float) -> Iterator[str]:
    if not RATES[0] <= keypoints.fps / fps <= RATES[1]:
        yield (
            f"{keypoints.fps:g} frames a second are far from the {fps:g} that the model was "
            "trained at"
        )


def _length(keypoints: KeypointSequence, fps: float, receptive_field: int) -> Iterator[str]:
    if keypoints.duration * fps < receptive_field:
        yield (
            f"the clip lasts {keypoints.duration:.2f} s, less than the "
            f"{receptive_field / fps:.2f} s that the model looks at"
        )


def _absence(keypoints: KeypointSequence) -> Iterator[str]:
    """Frames in which nothing of the person is found, where they are many."""
    unseen = ~keypoints.seen
    if unseen.sum() > LONG_GAP * keypoints.fps:
        yield (
            f"nothing of the person is found in {unseen.sum()} of {len(keypoints)} frames "
            f"(the most in a row: {_numbers(keypoints, *_longest_run(unseen))}); "
            "poses there are guesses"
        )


def _visibility(keypoints: KeypointSequence) -> Iterator[str]:
    """Joints that are hardly seen, of the frames in which the person is."""
    low = keypoints.visibility[keypoints.seen] < LOW_SCORE
    if low.mean() > LOW_SHARE:
        worst = int(low.mean(axis=0).argmax())
        yield (
            f"{100 * low.mean():.0f} % of the joints are hardly seen (score below {LOW_SCORE}), "
            f"most often {keypoints.skeleton.joint_names[worst]}"
        )


def _gaps(keypoints: KeypointSequence) -> Iterator[str]:
    """The longest gap of the joint with the longest, and how many more have a long one.

    Frames in which nothing is found are no gap of a joint.
    """
    missing = np.isnan(keypoints.keypoints[..., 0]) & keypoints.seen[:, None]
    runs = [_longest_run(of_joint) for of_joint in missing.T]
    lengths = [end - start for start, end in runs]
    limit = LONG_GAP * keypoints.fps
    long = sum(length > limit for length in lengths)
    if long:
        joint = int(np.argmax(lengths))
        start, end = runs[joint]
        others = f" and {long - 1} more joints for over {LONG_GAP:g} s" if long > 1 else ""
        yield (
            f"{keypoints.skeleton.joint_names[joint]} is not found for "
            f"{(end - start) / keypoints.fps:.1f} s (frames {_numbers(keypoints, start, end)})"
            f"{others}; poses there are guesses"
        )


def _numbers(keypoints: KeypointSequence, start: int, end: int) -> str:
    """First and last of some frames of a clip, as the video counts them."""
    return f"{keypoints.first_frame + start} to {keypoints.first_frame + end - 1}"


def _longest_run(missing: NDArray[np.bool_]) -> tuple[int, int]:
    """First and one past the last frame of the longest run of true; (0, 0) without any."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return 0, 0
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
