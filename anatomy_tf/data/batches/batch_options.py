"""The options of training batches."""

from __future__ import annotations

import dataclasses
import re
from typing import Annotated, Literal

from anatomy_tf.data.batches.sampled_frames import Sampling
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import ODD, CheckedFields, Count, Seed, at_least, below

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

AugmentationDegree = Annotated[float, at_least(0), below(2)]
"""At 2 a bone of the mean length could have none."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchOptions(CheckedFields):
    """The options of ``Batches``.

    Args:
        receptive_field: R, frames of a window; odd.
        causal: whether a window ends at its frame instead of having it in the middle.
        chunk_frames: F, the neighbouring target frames of a chunk; ``None`` gives windows of one
            target frame each.
        sampled_frames: l, frames of the video from which bone lengths are predicted.
        batch_size: B, windows in a batch, or chunks.
        inputs: names of the inputs, of ``INPUTS`` and, for a model of the canonical view, of
            ``CANONICAL_INPUTS``. These need ``view`` among them; ``view`` excludes augmented
            frames.
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
        AnatomyError: for a value of another type or range, an unknown name of an input or output,
            or names that do not go together.
    """

    receptive_field: Annotated[Count, ODD]
    causal: bool = False
    chunk_frames: Count | None = None
    sampled_frames: Count = 50
    batch_size: Count = 1024
    inputs: tuple[str, ...] = INPUTS
    outputs: tuple[str, ...] = ("positions", "bone_lengths", "augmented_bone_lengths")
    flip: bool = True
    sampling: Sampling = "random"
    length_augmentation_degree: AugmentationDegree = 0.6
    target: Literal["target_frame", "delayed"] = "target_frame"
    length_target: Literal["frame", "window"] = "frame"
    frame_step: Count = 1
    shuffle: bool = True
    seed: Seed = 0
    drop_remainder: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.inputs:
            _check_known("input", name, name, INPUTS + CANONICAL_INPUTS)
        for name in self.outputs:
            _check_known("output", name, generic_name(name), OUTPUTS)
        of_view = [name for name in (*CANONICAL_INPUTS, "up") if self.holds(name)]
        if of_view and not self.canonical:
            raise AnatomyError(f"batches: {', '.join(of_view)} needs the input view, too")
        if self.canonical and self.holds("augmented"):
            raise AnatomyError("batches: augmented frames are not made in the canonical view")

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


def _check_known(what: str, given: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise AnatomyError(f"batches: unknown {what} {given!r}; known are {', '.join(known)}")
