"""Markers that are named like joints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.stated import required_fps
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names


def marker_poses(
    path: Path,
    names: tuple[str, ...],
    positions: NDArray[np.floating],
    fps: float,
    skeleton: Skeleton | None,
    first_frame: int = 0,
) -> PoseSequence:
    """Poses of (T, J, 3) named points, metres, in world axes.

    Args:
        path: where they come from.
        names: of the J points.
        positions: z up.
        fps: frames a second.
        skeleton: the layout; by default the registered one that has these joints and no others.
        first_frame: the first one's number in the video.

    Raises:
        AnatomyError: when no layout has these joints, or a position is not finite.
    """
    known = [get_skeleton(name) for name in skeleton_names()] if skeleton is None else [skeleton]
    fitting = [s for s in known if sorted(s.joint_names) == sorted(names)]
    if not fitting:
        expected = skeleton.name if skeleton else "any known layout"
        raise AnatomyError(f"{path}: its {len(names)} markers are not the joints of {expected}")
    layout = fitting[0]
    ordered = positions[:, [names.index(name) for name in layout.joint_names]]
    with np.errstate(over="ignore"):
        single = ordered.astype(np.float32)
    return PoseSequence(
        positions=single,
        skeleton=layout,
        fps=required_fps(fps, path),
        axes="world",
        root_relative=not single[:, layout.root].any(),
        source=str(path),
        first_frame=first_frame,
    )
