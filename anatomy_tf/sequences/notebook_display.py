"""Display of sequences in notebooks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anatomy_tf.sequences.keypoint_sequence import KeypointSequence
    from anatomy_tf.sequences.pose_sequence import PoseSequence

_DRAWER = "anatomy_tf.visualization.viewer.inline_viewer"
"""Named, not imported: drawing stands on this room, and nothing here needs it but a notebook."""


def shown_html(sequence: KeypointSequence | PoseSequence) -> str:
    """Return HTML in which a sequence plays."""
    html: str = importlib.import_module(_DRAWER).inline_viewer(sequence)
    return html


def described(sequence: KeypointSequence | PoseSequence, *facts: str) -> str:
    """Return one line about a sequence.

    Args:
        sequence: the sequence.
        *facts: what it has besides frames, joints, rate and a person.
    """
    frames = f"{len(sequence)} frame{'s' * (len(sequence) != 1)}"
    if sequence.first_frame:
        frames += f" from {sequence.first_frame}"
    parts = (
        f"person {sequence.person!r}",
        f"{frames} at {sequence.fps:g} fps",
        f"{sequence.skeleton.joint_count} joints of {sequence.skeleton.name}",
        *facts,
        f"seen in {int(sequence.seen.sum())}",
        *(
            [f"{len(sequence.warnings)} warning{'s' * (len(sequence.warnings) != 1)}"]
            if sequence.warnings
            else []
        ),
    )
    return f"{type(sequence).__name__}({', '.join(parts)})"
