"""The options of training batches."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from anatomy_tf.data.batches.sampled_frames import SAMPLINGS
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import is_number, is_whole

INPUTS = ("keypoints", "visibility", "sampled_keypoints", "augmented_keypoints")
CANONICAL_INPUTS = ("view", "sampled_visibility", "sampled_view", "unlevelled_keypoints")
"""Further inputs of a model of the canonical view."""
OUTPUTS = (
    "positions",
    "bone_directions_q",
    "joint_shifts_q",
    "bone_lengths",
    "sampled_positions",
    "augmented_bone_lengths",
    "augmented_positions",
    "up",
)
"""``_q`` stands for the number of a sub-network: ``bone_directions_1``."""

TARGET_FRAME_OUTPUTS = ("positions", "bone_directions_q", "joint_shifts_q")
"""Outputs with a value for each target frame; a chunk has one value of the others."""

TARGETS = ("target_frame", "delayed")
LENGTH_TARGETS = ("frame", "window")

_CHOICES = {"sampling": SAMPLINGS, "target": TARGETS, "length_target": LENGTH_TARGETS}
_SWITCHES = ("causal", "flip", "shuffle", "drop_remainder")
_LEAST = {
    "receptive_field": 1,
    "chunk_frames": 1,
    "sampled_frames": 1,
    "batch_size": 1,
    "frame_step": 1,
    "seed": 0,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """The options of ``Batches``.

    Args:
        receptive_field: R, frames of a window; odd.
        causal: whether a window ends at its frame instead of having it in the middle.
        chunk_frames: F, the neighbouring target frames of a chunk; ``None`` gives windows of one
            target frame each.
        sampled_frames: l, frames of the video from which bone lengths are predicted.
        batch_size: B, windows in a batch, or chunks.
        inputs: names of the inputs, of ``INPUTS`` and, of a model of the canonical view, of
            ``CANONICAL_INPUTS``.
        outputs: names of the outputs whose targets are wanted, of ``OUTPUTS``.
        flip: add the mirror image of every window, which doubles the data.
        sampling: ``"random"``: l frames of the whole video; ``"consecutive"``: those around the
            frame (before it if causal); ``"past"``: of the frames up to and including the frame. A
            video with fewer frames repeats them. The middle frame of a chunk stands for its frame.
        length_augmentation_degree: width of the random change of bone lengths as a share of the
            batch's mean length; 0.6 is +-30 %.
        target: ``"target_frame"``, or ``"delayed"``: the window's centre, in causal mode the pose
            of P = (R - 1) / 2 frames ago, as in the reference implementation.
        length_target: the bone lengths of the target ``"frame"``, or their mean over the
            edge-padded ``"window"`` as in the reference implementation. A chunk's target is the
            mean of these over its frames.
        frame_step: take every n-th frame of a sequence as a window's frame, or every n-th chunk.
        shuffle: draw a new random order of the windows every epoch.
        seed: a number from 0.
        drop_remainder: leave out the last windows of an epoch that do not fill a batch.

    Raises:
        AnatomyError: for an unknown name or choice, or a value of another kind or range.
    """

    receptive_field: int
    causal: bool = False
    chunk_frames: int | None = None
    sampled_frames: int = 50
    batch_size: int = 1024
    inputs: Sequence[str] = INPUTS
    outputs: Sequence[str] = ("positions", "bone_lengths", "augmented_bone_lengths")
    flip: bool = True
    sampling: str = "random"
    length_augmentation_degree: float = 0.6
    target: str = "target_frame"
    length_target: str = "frame"
    frame_step: int = 1
    shuffle: bool = True
    seed: int = 0
    drop_remainder: bool = True

    def __post_init__(self) -> None:
        for field, choices in _CHOICES.items():
            _check_choice(field, getattr(self, field), choices)
        for field in _SWITCHES:
            value = getattr(self, field)
            if not isinstance(value, bool):
                raise AnatomyError(f"batches: expected {field} to be true or false, got {value!r}")
        for field, least in _LEAST.items():
            if field != "chunk_frames" or self.chunk_frames is not None:
                check_least(field, getattr(self, field), least)
        degree = self.length_augmentation_degree
        # At 2 a bone could have no length.
        if not is_number(degree) or not 0 <= degree < 2:
            raise AnatomyError(
                "batches: expected length_augmentation_degree of at least 0 and below 2, "
                f"got {degree!r}"
            )
        if self.receptive_field % 2 == 0:
            raise AnatomyError(
                f"batches: expected an odd receptive_field, got {self.receptive_field}"
            )
        object.__setattr__(self, "inputs", tuple(self.inputs))
        object.__setattr__(self, "outputs", tuple(self.outputs))
        for name in self.inputs:
            _check_choice("input", name, INPUTS + CANONICAL_INPUTS)
        for name in self.outputs:
            if generic_name(name) not in OUTPUTS:
                raise AnatomyError(
                    f"batches: unknown output {name!r}; known are {', '.join(OUTPUTS)}"
                )

    @property
    def delay(self) -> int:
        """The number of frames from a window's target to its frame."""
        delayed = self.causal and self.target == "delayed"
        return (self.receptive_field - 1) // 2 if delayed else 0

    @property
    def canonical(self) -> bool:
        """Whether frames are in the canonical view."""
        return "view" in self.inputs

    def holds(self, *prefixes: str) -> bool:
        """Return whether an input or output has a name that begins with one of these."""
        return any(name.startswith(prefixes) for name in (*self.inputs, *self.outputs))


def generic_name(output: str) -> str:
    """Return an output's name in ``OUTPUTS``: ``bone_directions_q`` for ``bone_directions_1``."""
    return re.sub(r"_[1-9]\d*$", "_q", output)


def check_least(name: str, value: int, least: int) -> None:
    """Raise AnatomyError where a number is too small, or is not whole.

    Raises:
        AnatomyError: naming the number.
    """
    if not is_whole(value) or value < least:
        raise AnatomyError(f"batches: expected {name} of at least {least}, got {value!r}")


def _check_choice(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise AnatomyError(f"batches: unknown {what} {value!r}; known are {', '.join(choices)}")
