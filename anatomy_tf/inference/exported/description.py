"""The description that is stored in an exported model."""

from __future__ import annotations

from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import shown
from anatomy_tf.files.limits import FRAME_RATE, FRAMES, is_whole
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

Description = dict[str, Any]

_KINDS: dict[str, type | tuple[type, ...]] = {
    "layout": str,
    "joint_names": list,
    "parents": list,
    "fps": (int, float),
    "receptive_field": int,
    "causal": bool,
}
"""The entries of a description that lifting reads, and their types."""


def checked(description: Any, where: str) -> Description:
    """Return a description that says what lifting needs.

    Raises:
        AnatomyError: when something lacks or is of another type, naming it.
    """
    if not isinstance(description, dict):
        raise AnatomyError(f"{where}: expected a description by anatomy_tf, got something else")
    for name, kind in _KINDS.items():
        if not isinstance(description.get(name), kind):
            raise AnatomyError(f"{where}: its description lacks {name}, or has it of another type")
    FRAME_RATE.check(description["fps"], f"{where}: its description")
    if not 1 <= description["receptive_field"] <= FRAMES.most:
        raise AnatomyError(f"{where}: its description has no possible receptive_field")
    frames = description.get("frames", "any")
    # A stream takes one frame at a time.
    least = 1 if description.get("signature") == "stream" else description["receptive_field"]
    if frames != "any" and not (is_whole(frames) and least <= frames <= FRAMES.most):
        raise AnatomyError(
            f"{where}: expected a clip length of at least {least} frames, got {shown(frames)}"
        )
    return description


def skeleton_of(description: Description) -> Skeleton:
    """Return the layout that a description names, with what is known of it beyond its joints."""
    skeleton = Skeleton(
        description["layout"], tuple(description["joint_names"]), tuple(description["parents"])
    )
    if skeleton.name in skeleton_names():
        known = get_skeleton(skeleton.name)
        if (known.joint_names, known.parents) == (skeleton.joint_names, skeleton.parents):
            return known
    return skeleton
