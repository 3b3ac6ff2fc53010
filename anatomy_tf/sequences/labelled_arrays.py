"""Sequences as pandas' and xarray's labelled arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.extras import extra_module

if TYPE_CHECKING:
    from anatomy_tf.sequences.keypoint_sequence import KeypointSequence
    from anatomy_tf.sequences.pose_sequence import PoseSequence
    from anatomy_tf.skeletons import Skeleton

EXTRA = "dataframes"

KEYPOINT_ENDINGS = ("x", "y", "visibility")
"""Of the columns of a joint's keypoints in a table."""

SOURCE = "anatomy_tf"
"""The software that data sets of ``movement`` name."""


def frame_times(sequence: KeypointSequence | PoseSequence) -> NDArray[np.float64]:
    """Return the time (T,) of each frame in the video, seconds."""
    return (sequence.first_frame + np.arange(len(sequence))) / sequence.fps


def joint_columns(skeleton: Skeleton, endings: Sequence[str]) -> list[str]:
    """Return the names of a table's columns for each joint, such as ``JOINT_x``.

    Args:
        skeleton: names the joints.
        endings: of the columns of each joint, such as ``KEYPOINT_ENDINGS``.
    """
    return [f"{joint}_{ending}" for joint in skeleton.joint_names for ending in endings]


def data_frame(
    sequence: KeypointSequence | PoseSequence, *blocks: tuple[Sequence[str], NDArray[Any]]
) -> Any:
    """Return a ``pandas.DataFrame`` with a row for each frame, with the columns of our CSV files.

    Args:
        sequence: T frames.
        *blocks: the N endings of columns, and the array (T, J, N) that they hold.

    Raises:
        AnatomyError: saying what to install, when pandas is missing.
    """
    pandas = extra_module("pandas", EXTRA, "a data frame needs")
    columns: dict[str, Any] = {
        "person": sequence.person,
        "frame": sequence.first_frame + np.arange(len(sequence)),
        "time": frame_times(sequence),
        "seen": sequence.seen,
    }
    for endings, values in blocks:
        names = joint_columns(sequence.skeleton, endings)
        columns |= zip(names, values.reshape(len(sequence), -1).T, strict=True)
    return pandas.DataFrame(columns)


def data_set(
    sequence: KeypointSequence | PoseSequence,
    space: Sequence[str],
    positions: NDArray[np.floating],
    by_joint: Mapping[str, NDArray[np.floating]],
    **attributes: Any,
) -> Any:
    """Return an ``xarray.Dataset`` in the form of the package ``movement``'s "poses".

    Args:
        sequence: T frames.
        space: names of the S axes.
        positions: (T, J, S), the variable ``position``.
        by_joint: further variables (T, J); ``confidence`` is NaN where it is not among them.
        **attributes: further attributes of the data set.

    Raises:
        AnatomyError: saying what to install, when xarray is missing.
    """
    xarray = extra_module("xarray", EXTRA, "a labelled data set needs")
    confidence = {"confidence": np.full(positions.shape[:2], np.nan, np.float32)}
    variables: dict[str, Any] = {
        "position": (
            ("time", "space", "keypoints", "individuals"),
            positions.transpose(0, 2, 1)[..., None],
        ),
        "seen": (("time", "individuals"), np.asarray(sequence.seen)[:, None]),
    }
    for name, values in (confidence | dict(by_joint)).items():
        variables[name] = (("time", "keypoints", "individuals"), values[..., None])
    return xarray.Dataset(
        variables,
        coords={
            "time": frame_times(sequence),
            "space": list(space),
            "keypoints": list(sequence.skeleton.joint_names),
            "individuals": [sequence.person],
        },
        attrs={
            "source_software": SOURCE,
            "ds_type": "poses",
            "fps": float(sequence.fps),
            "time_unit": "seconds",
            "source_file": sequence.source,
            "skeleton": sequence.skeleton.name,
            **attributes,
        },
    )
