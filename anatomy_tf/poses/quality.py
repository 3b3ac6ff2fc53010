"""Warnings about a clip's poses, one line each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.frame_runs import frame_runs
from anatomy_tf.skeletons import Skeleton

RATES = (0.4, 4.0)
"""Factors of the model's frame rate outside which a clip's rate is far from it."""

LOW_SCORE, LOW_SHARE = 0.3, 0.25
"""A joint below this score is hardly seen; more than this share of such joints gives a warning."""

LONG_GAP = 0.5
"""Longest gap of a joint, seconds, that linear interpolation bridges well."""

STATURES = (1.45, 2.00)
"""Heights, metres, between which nearly all adults lie: in ANSUR II, a survey of the US Army, the
means are 1.63 (women) and 1.76 (men), the standard deviations 0.064 and 0.069."""

SHARES_OF_STATURE = {
    ("shoulder", "elbow"): 0.186,
    ("elbow", "wrist"): 0.146,
    ("hip", "knee"): 0.245,
    ("knee", "ankle"): 0.246,
}
"""Mean lengths of limbs as shares of the stature (Drillis and Contini 1966, in Winter, Biomechanics
and Motor Control of Human Movement)."""

BUILD = 0.15
"""Share by which people's limbs differ from that mean, and marker sets from each other; with it all
limbs of the 25 people in our motion capture are plausible."""

IMPLAUSIBLE = "implausible bone length: "
"""What warnings about bone lengths begin with."""

ASYMMETRY = 1.2
"""Largest ratio of a limb's left to right length, or right to left."""

UP_DIFFERENCE = 7.0
"""Degrees between the up directions found of a clip and of its mirror image that make a warning. On
recordings of our validation people, 20 of 196 clips are beyond it; `compact` was off by 20 degrees
in these, by 11 degrees in all."""

UPRIGHT_SHARE = 0.1
"""Share of the frames in which the trunk points to the top of the picture, below which the video
may be turned."""

_TURNS = {"right": -90, "down": 180, "left": 90}
"""Where the trunk points in a turned video, and the camera's roll in degrees, by quarter turns."""


def keypoint_warnings(
    keypoints: KeypointSequence, fps: float, receptive_field: int
) -> tuple[str, ...]:
    """Return warnings about whatever makes a clip hard for a model.

    Args:
        keypoints: in the model's layout, at their own rate, gaps open.
        fps: frame rate of the model's training.
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
    lengths: NDArray[np.float32] | None, skeleton: Skeleton, height: float | None = None
) -> tuple[str, ...]:
    """Return warnings about bone lengths that no adult's arms and legs have.

    Args:
        lengths: (b,) metres, ``None`` where they were not estimated.
        skeleton: names the bones.
        height: the person's height, metres; ``None`` stands for any adult's.
    """
    if lengths is None:
        return ()
    lowest, highest = STATURES if height is None else (height, height)
    whose = "an adult's is" if height is None else f"with a height of {height:g} m it is"
    metres = dict(zip(skeleton.bone_names, lengths.tolist(), strict=True))
    parents = {skeleton.joint_names[c]: skeleton.joint_names[p] for p, c in skeleton.bones}
    warnings = []
    for (upper, lower), share in SHARES_OF_STATURE.items():
        shortest = share * lowest * (1 - BUILD)
        longest = share * highest * (1 + BUILD)
        sides = {}
        for side in ("left", "right"):
            bone = f"{side}_{lower}"
            if parents.get(bone) != f"{side}_{upper}":
                continue
            sides[side] = metres[bone]
            if not shortest <= metres[bone] <= longest:
                warnings.append(
                    f"{side} {upper} to {lower} of {100 * metres[bone]:.1f} cm; {whose} "
                    f"{100 * shortest:.1f} to {100 * longest:.1f} cm"
                )
        if len(sides) == 2 and max(sides.values()) > ASYMMETRY * min(sides.values()):
            warnings.append(
                f"{upper} to {lower} differs between left ({100 * sides['left']:.0f} cm) and "
                f"right ({100 * sides['right']:.0f} cm)"
            )
    return tuple(IMPLAUSIBLE + warning for warning in warnings)


def up_warnings(difference: float | None) -> tuple[str, ...]:
    """Return a warning where an estimated up direction is uncertain.

    Args:
        difference: degrees between the up directions found of the clip and of its mirror image;
            ``None`` where there are not two.
    """
    if difference is None or difference < UP_DIFFERENCE:
        return ()
    return (
        f"the up direction is uncertain: the clip and its mirror image differ by {difference:.0f} "
        "degrees; give the up direction if it is known (--up, --attitude)",
    )


def turned_warnings(keypoints: KeypointSequence) -> tuple[str, ...]:
    """Return a warning where the whole video may be turned, since the person is never upright.

    Args:
        keypoints: gaps open. Layouts without shoulders or hips give no warning.
    """
    names = keypoints.skeleton.joint_names
    ends = [[f"{side}_{joint}" for side in ("left", "right")] for joint in ("hip", "shoulder")]
    if not all(name in names for name in itertools.chain(*ends)):
        return ()
    hips, shoulders = (
        keypoints.keypoints[:, [names.index(name) for name in of_end]].mean(axis=1)
        for of_end in ends
    )
    trunk = shoulders - hips
    trunk = trunk[~np.isnan(trunk).any(axis=-1)]
    if not len(trunk):
        return ()
    quarters = np.round(np.arctan2(trunk[:, 0], -trunk[:, 1]) / (np.pi / 2)).astype(int) % 4
    upright, *turned = np.bincount(quarters, minlength=4) / len(quarters)
    if upright >= UPRIGHT_SHARE:
        return ()
    where, roll = list(_TURNS.items())[int(np.argmax(turned))]
    return (
        f"the trunk points {where} in the picture nearly all the time; if the video is turned, "
        f"say so with --attitude 0 {roll}",
    )


def _rate(keypoints: KeypointSequence, fps: float) -> Iterator[str]:
    if not RATES[0] <= keypoints.fps / fps <= RATES[1]:
        yield (
            f"{keypoints.fps:g} frames a second are far from the {fps:g} that the model was "
            "trained at"
        )


def _length(keypoints: KeypointSequence, fps: float, receptive_field: int) -> Iterator[str]:
    first, last = keypoints.seen_span
    seconds = (last - first + 1) / keypoints.fps
    if seconds * fps < receptive_field:
        whole = last - first + 1 == len(keypoints)
        what = "the clip lasts" if whole else "the person is in the clip for"
        yield (
            f"{what} {seconds:.2f} s, less than the {receptive_field / fps:.2f} s that the model "
            "looks at"
        )


def _absence(keypoints: KeypointSequence) -> Iterator[str]:
    """Warn of frames in which the person is not found, if they are many."""
    unseen = ~keypoints.seen
    if unseen.sum() > LONG_GAP * keypoints.fps:
        yield (
            f"the person is not found in {unseen.sum()} of {len(keypoints)} frames "
            f"(longest gap: frames {_numbers(keypoints, *_longest_run(unseen))}); "
            "poses there are guesses"
        )


def _visibility(keypoints: KeypointSequence) -> Iterator[str]:
    """Warn of joints that are hardly seen in frames in which the person is seen."""
    low = keypoints.visibility[keypoints.seen] < LOW_SCORE
    if low.mean() > LOW_SHARE:
        worst = int(low.mean(axis=0).argmax())
        yield (
            f"{100 * low.mean():.0f} % of the joints are hardly seen (score below {LOW_SCORE}), "
            f"most often {keypoints.skeleton.joint_names[worst]}"
        )


def _gaps(keypoints: KeypointSequence) -> Iterator[str]:
    """Warn of the longest gap in a joint, and count the other joints with long gaps.

    Frames in which nothing is found do not count as gaps.
    """
    missing = np.isnan(keypoints.keypoints[..., 0]) & keypoints.seen[:, None]
    runs = [_longest_run(of_joint) for of_joint in missing.T]
    lengths = [end - start for start, end in runs]
    limit = LONG_GAP * keypoints.fps
    long = sum(length > limit for length in lengths)
    if long:
        joint = int(np.argmax(lengths))
        start, end = runs[joint]
        joints = "joint" if long == 2 else "joints"
        others = f" and {long - 1} more {joints} for over {LONG_GAP:g} s" if long > 1 else ""
        yield (
            f"{keypoints.skeleton.joint_names[joint]} is not found for "
            f"{(end - start) / keypoints.fps:.1f} s (frames {_numbers(keypoints, start, end)})"
            f"{others}; poses there are guesses"
        )


def _numbers(keypoints: KeypointSequence, start: int, end: int) -> str:
    """Return the first and last number of a run of frames, as the video counts them."""
    return f"{keypoints.first_frame + start} to {keypoints.first_frame + end - 1}"


def _longest_run(missing: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and one past the last frame of the longest run of true, else (0, 0)."""
    return max(frame_runs(missing), key=lambda run: run[1] - run[0], default=(0, 0))
