"""Clips in pixels, at any rate and with gaps, brought to what the network sees and back.

The same as ``KeypointSequence.filled``, ``resampled`` and ``normalized`` and
``PoseSequence.resampled``, for a batch whose rows have sizes, rates and lengths of their own.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from anatomy_tf.export.bone_length_graph import running
from anatomy_tf.export.graph_products import shape_of, unit
from anatomy_tf.export.lifting_graph import LiftingGraph


def filled(pixels: Any, visibility: Any, frames: Any) -> tuple[Any, Any]:
    """Gaps closed by linear interpolation in time, with visibility 0 there.

    Before a joint's first and after its last detection its nearest position is held. A joint that
    was never detected takes the mean of the frame's other joints.

    Args:
        pixels: (B, T, J, 2), NaN where a joint was not detected.
        visibility: (B, T, J).
        frames: (B,) valid frames.
    """
    count = shape_of(pixels)[1]
    times = tf.range(count)[None, :, None]
    known = ~tf.reduce_any(tf.math.is_nan(pixels), axis=-1) & (times < frames[:, None, None])
    previous = _latest(tf.where(known, times, -1))
    from_end = tf.where(known, count - 1 - times, -1)
    following = count - 1 - tf.reverse(_latest(tf.reverse(from_end, [1])), [1])
    # Beside the detections there is one side only.
    before = tf.where(previous >= 0, previous, following)
    after = tf.where(following < count, following, previous)
    never = before >= count
    low, high = (_at(pixels, tf.clip_by_value(t, 0, count - 1)) for t in (before, after))
    low, high = (tf.cast(values, tf.float64) for values in (low, high))
    gap = tf.cast(tf.maximum(after - before, 1), tf.float64)
    share = tf.cast(tf.maximum(times - before, 0), tf.float64) / gap
    share = tf.where(after > before, share, 0)[..., None]
    # A detected joint is itself to the last digit: both sides are it.
    closed = tf.cast(low + share * (high - low), tf.float32)
    seen = tf.where(never[..., None], 0.0, closed)
    others = tf.reduce_sum(tf.cast(~never, tf.float32), axis=2)[..., None]
    mean = (tf.reduce_sum(seen, axis=2) / others)[:, :, None]
    return tf.where(never[..., None], mean, closed), tf.where(known, visibility, 0.0)


def _latest(values: Any) -> Any:
    """Largest of each frame's and all earlier ones."""
    return running((values,), lambda early, late: (tf.maximum(early[0], late[0]),), (-1,))[0]


def _at(pixels: Any, frames: Any) -> Any:
    """(B, T, J, 2) pixels of each joint at frames of its own (B, T, J)."""
    joints_first = tf.transpose(pixels, (0, 2, 1, 3))
    found = tf.gather(joints_first, tf.transpose(frames, (0, 2, 1)), batch_dims=2)
    return tf.transpose(found, (0, 2, 1, 3))


def exact_rate(fps: Any) -> Any:
    """Frame rates in double precision, 29.97 as the decimal fraction that a float32 stands for."""
    exact = tf.cast(fps, tf.float64)
    decimal = tf.round(exact * 1000) / 1000
    return tf.where(tf.cast(decimal, tf.float32) == fps, decimal, exact)


def frames_at(frames: Any, fps: Any, new_fps: Any) -> Any:
    """(B,) frames of the new rate within clips of (B,) frames."""
    last = tf.cast(frames - 1, tf.float64)
    return tf.cast(tf.floor(last / fps * new_fps + 1e-6), tf.int32) + 1


def resampled(values: Any, frames: Any, count: Any, fps: Any, new_fps: Any) -> Any:
    """(B, T, ...) at another frame rate by linear interpolation: (B, count, ...).

    Args:
        values: the clips; (B,) ``frames`` of them are valid, the last one is held after it.
        frames: see above.
        count: of the new frames.
        fps: (B,) or scalar, of the clips, double precision.
        new_fps: (B,) or scalar, the wanted rate.
    """
    numbers = tf.cast(tf.range(count), tf.float64)[None]
    # Multiplied first, so that where both rates meet the time is a whole frame without rounding.
    times = numbers * tf.reshape(fps, (-1, 1)) / tf.reshape(new_fps, (-1, 1))
    last = frames[:, None] - 1
    at = tf.clip_by_value(times, 0, tf.cast(last, tf.float64))
    before = tf.minimum(tf.cast(tf.floor(at), tf.int32), tf.maximum(last - 1, 0))
    share = tf.cast(at - tf.cast(before, tf.float64), tf.float32)
    share = tf.reshape(share, [*shape_of(share), *[1] * (len(values.shape) - 2)])
    low = tf.gather(values, before, batch_dims=1)
    high = tf.gather(values, tf.minimum(before + 1, last), batch_dims=1)
    return (1 - share) * low + share * high


def normalized(pixels: Any, image_size: Any) -> Any:
    """Pixels (B, ..., 2) to screen coordinates, by images of (B, 2) width and height."""
    axes = [1] * (len(pixels.shape) - 2)
    width, height = image_size[:, 0], image_size[:, 1]
    scale = tf.reshape(2 / width, [-1, *axes, 1])
    centre = tf.reshape(tf.stack([tf.ones_like(width), height / width], axis=1), [-1, *axes, 2])
    return pixels * scale - centre


def lift_clips(
    graph: LiftingGraph, pixels: Any, visibility: Any, image_size: Any, fps: Any, frames: Any
) -> dict[str, Any]:
    """Poses of clips in pixels at their own rates: what ``Lifter.lift`` gives of each.

    Args:
        graph: the network.
        pixels: (B, T, J, 2), NaN where a joint was not detected.
        visibility: (B, T, J) in [0, 1].
        image_size: (B, 2) width and height, pixels.
        fps: (B,) frames a second.
        frames: (B,) valid frames of each row; what follows them changes nothing.

    Returns:
        What ``LiftingGraph.estimate`` gives, at the clips' rates, but bone lengths (B, b) of any
        model: those of a clip's last frame.
    """
    count = shape_of(pixels)[1]
    pixels, visibility = filled(pixels, visibility, frames)
    fps, model_fps = exact_rate(fps), tf.constant(graph.fps, tf.float64)
    model_frames = frames_at(frames, fps, model_fps)
    model_count = tf.reduce_max(model_frames)
    pixels, visibility = (
        resampled(values, frames, model_count, fps, model_fps) for values in (pixels, visibility)
    )
    found = graph.estimate(normalized(pixels, image_size), visibility, model_frames)
    valid = tf.sequence_mask(frames, count, tf.float32)
    lifted = {}
    for name, values in found.items():
        if name == "bone_lengths":
            lengths = values
            if graph.per_frame_lengths:
                lengths = tf.gather(values, model_frames - 1, batch_dims=1)
            lifted[name] = lengths
            continue
        values = resampled(values, model_frames, count, model_fps, fps)
        if name == "bone_directions":
            values = unit(values)
        values = values * tf.reshape(valid, [*shape_of(valid), *[1] * (len(values.shape) - 2)])
        if name == "bone_length_attention":
            values = values / tf.reduce_sum(values, axis=1, keepdims=True)
        lifted[name] = values
    return lifted
