"""Checks of the inputs of an exported model's signatures, and their messages.

The messages travel in the graph: whoever serves it answers with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from anatomy_tf.export.graph_arrays import GraphArrays
from anatomy_tf.files.limits import Limit
from anatomy_tf.network.preparation import not_found

Check = tuple[Any, str, Any]
"""A condition, what was expected, and what came, to be printed after it."""


def checked(tensors: Iterable[Any], checks: Iterable[Check]) -> list[Any]:
    """Return the tensors, once all checks have passed."""
    assertions = [
        tf.debugging.Assert(condition, [expected, came], summarize=8)
        for condition, expected, came in checks
    ]
    with tf.control_dependencies([a for a in assertions if a is not None]):
        return [tf.identity(values) for values in tensors]


def valid_joints(keypoints: Any, frames: Any) -> Any:
    """Return which joints of clips (B, T, J, 2) are no padding: (B, T, J)."""
    times = tf.range(tf.shape(keypoints)[1])[None, :, None]
    return tf.broadcast_to(times < frames[:, None, None], tf.shape(keypoints)[:3])


def shape(what: str, values: Any, axes: str) -> Check:
    """Check that the axes that are known by number have their size.

    Callers of a loaded graph can pass any shape: the known one is what the graph was traced with.
    """
    known = values.shape
    came = tf.shape(tf.raw_ops.PlaceholderWithDefault(input=values, shape=tf.TensorShape(None)))
    sizes = tf.constant([-1 if size is None else size for size in known])
    aligned = tf.concat([came, tf.fill([len(known)], -1)], axis=0)[: len(known)]
    good = (tf.size(came) == len(known)) & tf.reduce_all((sizes < 0) | (sizes == aligned))
    return good, f"{what}: expected shape ({axes}), got", came


def same_size(what: str, values: Any, like: Any, axes: int) -> Check:
    """Check that the first axes of a tensor have the sizes of the keypoints' own."""
    found, expected = tf.shape(values)[:axes], tf.shape(like)[:axes]
    names = "rows and frames" if axes == 2 else "rows"
    came = tf.concat([expected, found], axis=0)
    return (
        tf.reduce_all(found == expected),
        f"{what}: expected as many {names} as of keypoints; those and these are",
        came,
    )


def frame_counts(frames: Any, keypoints: Any) -> Check:
    """Check that the numbers of valid frames lie within the clips."""
    count = tf.shape(keypoints)[1]
    good = tf.reduce_all((frames >= 1) & (frames <= count))
    return good, "frames: expected 1 to the number of frames sent, got", frames


def shares(visibility: Any, valid: Any) -> Check:
    """Check that the visibility of valid joints lies in [0, 1]."""
    good = (visibility >= 0) & (visibility <= 1)
    bad = valid & ~good
    return (
        ~tf.reduce_any(bad),
        "visibility: expected numbers from 0 to 1, got",
        tf.boolean_mask(visibility, bad),
    )


def within(what: str, values: Any, limit: Limit) -> Check:
    """Check that all numbers lie in a range of ``files.limits``."""
    return tf.reduce_all(limit.holds(values)), f"{what}: expected {limit.described}, got", values


def coordinates(pixels: Any, visibility: Any, valid: Any) -> list[Check]:
    """Check that visible joints have finite coordinates; NaN says that one was not detected."""
    infinite = tf.reduce_any(tf.math.is_inf(pixels), axis=-1) & valid
    lost = tf.reduce_any(tf.math.is_nan(pixels), axis=-1) & valid
    claimed = lost & (visibility > 0)
    return [
        (
            ~tf.reduce_any(infinite),
            "pixels: expected finite coordinates; infinite at (row, ..., joint)",
            tf.where(infinite),
        ),
        (
            ~tf.reduce_any(claimed),
            "pixels: expected NaN only where visibility is 0; NaN at (row, ..., joint)",
            tf.where(claimed),
        ),
    ]


def finite(keypoints: Any, valid: Any) -> Check:
    """Check that normalised keypoints have no gaps."""
    bad = valid & ~tf.reduce_all(tf.math.is_finite(keypoints), axis=-1)
    return (
        ~tf.reduce_any(bad),
        "keypoints: expected finite numbers; not so at (row, frame, joint)",
        tf.where(bad),
    )


def somebody(pixels: Any, visibility: Any, valid: Any) -> Check:
    """Check that every clip has a detected joint."""
    seen = ~not_found(pixels, visibility, GraphArrays()) & valid
    good = tf.reduce_any(seen, axis=(1, 2))
    return (
        tf.reduce_all(good),
        "pixels: expected a detected joint in every row; none in row",
        tf.where(~good),
    )
