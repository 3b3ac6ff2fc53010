"""A person's height, which tells the scale of poses from one camera."""

from __future__ import annotations

import dataclasses

import numpy as np

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import HEIGHT
from anatomy_tf.poses.quality import IMPLAUSIBLE, bone_length_warnings
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.sequences.person_checks import check_person

LEG_SHARE = 0.245 + 0.246
"""Share of thigh and shank in the stature: Drillis and Contini's segments (Winter, Biomechanics and
Motor Control of Human Movement, figure 4.1). People differ by some 3 %."""

ANKLE_SHARE = 0.039
"""Share of a standing ankle's height in the stature, from the same figure."""


def stature(poses: PoseSequence) -> float:
    """Return a person's height, metres, from the mean length of the legs where they are seen.

    Every layout has the legs' joints, but each puts the top of the head elsewhere.

    Args:
        poses: of one person, in any axes.

    Raises:
        AnatomyError: for a skeleton without two bones from each hip to its ankle.
    """
    check_person(poses, PoseSequence)
    skeleton = poses.skeleton
    legs = [bone for bone, name in enumerate(skeleton.bone_names) if _of_leg(name)]
    if len(legs) != 4:
        raise AnatomyError(
            f"{poses.source or 'poses'}: expected a skeleton with hips, knees and ankles to tell "
            f"the person's height by, got {skeleton.name}"
        )
    seen = poses.positions[poses.seen_frames].astype(np.float64)
    lengths = bone_lengths(seen, skeleton)[:, legs]
    return float(lengths.mean(axis=0).sum() / 2 / LEG_SHARE)


def scale_to_height(poses: PoseSequence, metres: float) -> PoseSequence:
    """Scale bones, path and camera of a clip by one factor, to a person of this height.

    Poses are scaled about the axes' origin, which for placed poses is the camera, so that the
    camera sees them as before. Warnings about bone lengths are those of the scaled person. Placing
    and scaling may come in either order; ``stand_on_floor`` comes last.

    Args:
        poses: any axes.
        metres: the person's height.

    Raises:
        AnatomyError: when the height is outside ``limits.HEIGHT``, or the skeleton has no legs or
            the poses have legs of no length.
    """
    check_person(poses, PoseSequence)
    where = poses.source or "poses"
    HEIGHT.check(metres, where)
    own = stature(poses)
    if not own > 0:
        raise AnatomyError(f"{where}: the legs are 0 m long and cannot be scaled to a height")
    factor = metres / own
    camera = poses.camera
    lengths = None if poses.bone_lengths is None else factor * poses.bone_lengths
    kept = [warning for warning in poses.warnings if not warning.startswith(IMPLAUSIBLE)]
    return dataclasses.replace(
        poses,
        positions=(factor * poses.positions).astype(np.float32),
        bone_lengths=lengths,
        spread=None if poses.spread is None else factor * poses.spread,
        camera=camera and dataclasses.replace(camera, position=factor * camera.position),
        warnings=(*kept, *bone_length_warnings(lengths, poses.skeleton, metres)),
    )


def _of_leg(bone_name: str) -> bool:
    return bone_name.endswith(("_knee", "_ankle"))
