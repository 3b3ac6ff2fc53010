"""Display of sequences in notebooks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anatomy_tf.sequences.keypoint_sequence import KeypointSequence
    from anatomy_tf.sequences.pose_sequence import PoseSequence
    from anatomy_tf.skeletons import Skeleton

_DRAWER = "anatomy_tf.visualization.viewer.inline_viewer"
"""Named, not imported: drawing stands on this room, and nothing here needs it but a notebook."""


def shown_html(sequence: KeypointSequence | PoseSequence) -> str:
    """Return HTML in which a sequence plays."""
    html: str = importlib.import_module(_DRAWER).inline_viewer(sequence)
    return html


def frames_and_joints(count: int, fps: float, skeleton: Skeleton, *, first_frame: int = 0) -> str:
    """Return a clip's frames, rate and joints in words, for its ``repr``.

    Args:
        count: the number of frames.
        fps: frames a second.
        skeleton: names the joints.
        first_frame: the number of the first frame in the video.
    """
    frames = f"{count} frame{'s' * (count != 1)}"
    if first_frame:
        frames += f" from {first_frame}"
    return f"{frames} at {fps:g} fps, {skeleton.joint_count} joints of {skeleton.name}"


def described(sequence: KeypointSequence | PoseSequence, *facts: str) -> str:
    """Return one line about a sequence.

    Args:
        sequence: the sequence.
        *facts: what it has besides frames, joints, rate and a person.
    """
    parts = (
        f"person {sequence.person!r}",
        frames_and_joints(
            len(sequence), sequence.fps, sequence.skeleton, first_frame=sequence.first_frame
        ),
        *facts,
        f"seen in {int(sequence.seen.sum())}",
        *(
            [f"{len(sequence.warnings)} warning{'s' * (len(sequence.warnings) != 1)}"]
            if sequence.warnings
            else []
        ),
    )
    return f"{type(sequence).__name__}({', '.join(parts)})"
