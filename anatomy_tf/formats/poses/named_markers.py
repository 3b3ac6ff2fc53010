"""Poses from markers that are named like joints."""

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
    first_frame: int,
    subject: str = "",
) -> PoseSequence:
    """Return the poses of named points, in world axes.

    Their layout is the registered one that has these joints and no others. The person is the
    subject, or else has the file's name, which tells the people of several files apart.

    Args:
        path: the file that they come from.
        names: names of the J points, which may all begin with ``SUBJECT:``.
        positions: (T, J, 3) metres, z up.
        fps: frames a second.
        first_frame: the number of the first frame in the video.
        subject: of markers whose names do not begin with it; empty if it is not stated.

    Raises:
        AnatomyError: when no layout has these joints, or a joint is missing from a frame: it is not
            finite, or at 0, 0, 0 while the root is elsewhere, as programs write gaps.
    """
    person, subjects = subject or path.stem, {name.rpartition(":")[0] for name in names}
    if len(subjects) == 1:
        person = subjects.pop() or person
        names = tuple(name.rpartition(":")[2] for name in names)
    known = [get_skeleton(name) for name in skeleton_names()]
    fitting = [s for s in known if sorted(s.joint_names) == sorted(names)]
    if not fitting:
        nearest = max(known, key=lambda one: len({*one.joint_names} & {*names}))
        odd = [name for name in names if name not in nearest.joint_names] or names
        some = ", ".join(f"{name!r:.40}" for name in odd[:3])
        raise AnatomyError(
            f"{path}: its {len(names)} markers are not the joints of any known layout, but "
            f"{some}{', ...' if len(odd) > 3 else ''}"
        )
    layout = fitting[0]
    ordered = positions[:, [names.index(name) for name in layout.joint_names]]
    _check_whole(path, ordered, layout)
    with np.errstate(over="ignore"):
        single = ordered.astype(np.float32)
    return PoseSequence(
        positions=single,
        skeleton=layout,
        fps=required_fps(fps, path),
        axes="world",
        root_relative=not single[:, layout.root].any(),
        person=person,
        source=str(path),
        first_frame=first_frame,
    )


def _check_whole(path: Path, positions: NDArray[np.floating], layout: Skeleton) -> None:
    """Raise ``AnatomyError`` naming the first joint that is missing from a frame."""
    zero = (positions == 0).all(axis=-1)
    # The root may be in the origin, and with it a joint in its place.
    zero &= ~zero[:, [layout.root]]
    missing = np.argwhere(zero | np.isnan(positions).any(axis=-1))
    if len(missing):
        frame, joint = missing[0]
        raise AnatomyError(
            f"{path}: expected all joints in all frames, but {layout.joint_names[joint]} is "
            f"missing from frame {frame} (counted from 0); fill gaps in the program that wrote it"
        )
