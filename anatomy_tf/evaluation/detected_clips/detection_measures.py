"""The measures of poses lifted from detections, in the order and units of the tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from anatomy_tf import metrics
from anatomy_tf.evaluation.detected_clips.scored_clip import ScoredClip
from anatomy_tf.evaluation.measures import TitledColumn

NOTHING = np.zeros(0)


@dataclasses.dataclass(frozen=True)
class ClipMeasure(TitledColumn):
    """A column of a report on detected clips, and the function that measures its values.

    Attributes:
        of: function from a clip with at least one valid frame to the values whose mean is
            reported; NaN values do not count, nor does a clip without values.
    """

    of: Callable[[ScoredClip], NDArray[np.float64]]


def _mpjpe(clip: ScoredClip) -> NDArray[np.float64]:
    return metrics.mpjpe(*clip.counted) if clip.clip.metric else NOTHING


def _lean(clip: ScoredClip) -> NDArray[np.float64]:
    return NOTHING if clip.trunks is None else metrics.direction_error(*clip.trunks)


def _tilt(clip: ScoredClip) -> NDArray[np.float64]:
    """Return the clip's tilt in degrees, for each frame because the camera may turn."""
    if clip.clip.up is None:
        return NOTHING
    up = np.broadcast_to(clip.clip.up, (len(clip.clip), 3))
    seen = clip.clip.in_camera_axes(up)[clip.valid]
    return metrics.direction_error(seen @ metrics.clip_rotation(*clip.counted), seen)


def _depth_signs(clip: ScoredClip) -> NDArray[np.float64]:
    return metrics.depth_sign_errors(*clip.counted, clip.limbs) if clip.limbs else NOTHING


def _skating(clip: ScoredClip) -> NDArray[np.float64]:
    ours, _, standing = clip.feet
    return metrics.foot_skating(ours, standing) if len(ours) > 1 and ours.size else NOTHING


def _foot_height(clip: ScoredClip) -> NDArray[np.float64]:
    ours, theirs, standing = clip.feet
    if clip.clip.up is None or not ours.size:
        return NOTHING
    return np.abs(metrics.foot_height_error(ours, theirs, standing, clip.clip.up))


def _velocity(clip: ScoredClip) -> NDArray[np.float64]:
    if not clip.steps.any():
        return NOTHING
    return metrics.mpjve(clip.predicted, clip.target)[clip.steps]


def _sway(clip: ScoredClip) -> NDArray[np.float64]:
    if not clip.limbs:
        return NOTHING
    start, end = np.array(clip.limbs).T
    ours, _ = clip.counted
    lengths = np.linalg.norm(ours[:, end] - ours[:, start], axis=-1)
    return np.full(len(ours), lengths.std(axis=0).mean())


DETECTION_MEASURES: tuple[ClipMeasure, ...] = (
    ClipMeasure("mpjpe", "P1", "mm", 1, 1e3, "MPJPE; not where one scale is taken out", _mpjpe),
    ClipMeasure(
        "clip_n_mpjpe",
        "N",
        "mm",
        1,
        1e3,
        "N-MPJPE, after one scale a clip",
        lambda clip: metrics.n_mpjpe(*clip.counted, whole_clip=True),
    ),
    ClipMeasure(
        "p_mpjpe",
        "P2",
        "mm",
        1,
        1e3,
        "P-MPJPE, after Procrustes alignment of each frame",
        lambda clip: metrics.p_mpjpe(*clip.counted),
    ),
    ClipMeasure(
        "depth_error",
        "depth",
        "mm",
        1,
        1e3,
        "error along the camera's axis",
        lambda clip: metrics.depth_error(*clip.counted),
    ),
    ClipMeasure("lean", "lean", "°", 1, 1, "angle between estimated and true trunk", _lean),
    ClipMeasure(
        "tilt",
        "tilt",
        "°",
        1,
        1,
        "angle between true up and up as a clip's poses have it",
        _tilt,
    ),
    ClipMeasure(
        "depth_sign_error",
        "sign",
        "%",
        1,
        1e2,
        f"limbs more than {metrics.DEEP_ANGLE:g}° out of the image plane that lean the wrong way",
        _depth_signs,
    ),
    ClipMeasure(
        "foot_skating", "skate", "mm/f", 2, 1e3, "movement of a foot that truly stands", _skating
    ),
    ClipMeasure(
        "foot_height_error",
        "foot",
        "mm",
        1,
        1e3,
        "how far above or below its place a foot is that truly stands",
        _foot_height,
    ),
    ClipMeasure("mpjve", "vel", "mm/f", 2, 1e3, "MPJVE, velocity error a frame", _velocity),
    ClipMeasure(
        "limb_length_deviation",
        "sway",
        "mm",
        1,
        1e3,
        "standard deviation of the estimated lengths of limbs over a clip",
        _sway,
    ),
)
