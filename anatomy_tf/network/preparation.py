"""Conversion of keypoints in pixels to the network's input, and of values to another frame rate.

Clips, streams, exported models and their clients use the same functions. ``KeypointSequence`` has
the same steps as methods; both call ``sequences``.
"""

from __future__ import annotations

from typing import Any

from anatomy_tf.cameras.field_of_view import DEFAULT_FIELD_OF_VIEW, focal_of_view
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.sequences.gaps import NOT_FOUND, fill_gaps
from anatomy_tf.sequences.resampling import frames_within, interpolate_clips, times_at

HALF_LIFE = 0.2
"""Seconds in which the visibility of a joint that a stream has lost halves."""


def kept_visibility(fps: float, half_life: float = HALF_LIFE) -> float:
    """Return what is left of a lost joint's visibility after a frame."""
    return 0.5 ** (1 / (half_life * fps))


def normalized(pixels: Any, image_size: Any, arrays: NumPyArrays) -> Any:
    """Return screen coordinates: x in [-1, 1] over the image, y scaled alike.

    Args:
        pixels: (N, ..., 2).
        image_size: (N, 2) width and height, pixels.
        arrays: whose arrays.
    """
    xp, ones = arrays.xp, [1] * (len(pixels.shape) - 2)
    width, height = image_size[:, 0], image_size[:, 1]
    scale = xp.reshape(2 / width, (-1, *ones, 1))
    centre = xp.stack([xp.ones_like(width), height / width], axis=1)
    return pixels * scale - xp.reshape(centre, (-1, *ones, 2))


def rays(pixels: Any, image_size: Any, arrays: NumPyArrays) -> Any:
    """Return rays x / z, y / z of pixels, by a lens of the default field of view.

    Args:
        pixels, image_size, arrays: see ``normalized``.
    """
    xp = arrays.xp
    screen = normalized(pixels, image_size, arrays)
    width, height = image_size[:, 0], image_size[:, 1]
    longer = 2 * xp.maximum(width, height) / width
    focal = longer * focal_of_view(DEFAULT_FIELD_OF_VIEW, 1.0)
    return screen / xp.reshape(focal, (-1, *[1] * (len(pixels.shape) - 1)))


def network_keypoints(pixels: Any, image_size: Any, canonical: bool, arrays: NumPyArrays) -> Any:
    """Return keypoints as the network takes them: ``rays`` or ``normalized``."""
    return (rays if canonical else normalized)(pixels, image_size, arrays)


def filled(pixels: Any, visibility: Any, valid: Any, arrays: NumPyArrays) -> tuple[Any, Any]:
    """Return pixels without gaps, and visibility that is 0 in them.

    Args:
        pixels: (N, T, J, 2), NaN where a joint was not detected.
        visibility: (N, T, J).
        valid: (N, T) frames that belong to the clip.
        arrays: whose arrays.
    """
    xp = arrays.xp
    lost = not_found(pixels, visibility, arrays)
    pixels = xp.where(lost[..., None], xp.zeros_like(pixels), pixels)
    closed = fill_gaps(pixels, xp.logical_not(lost), valid, xp)
    hidden = xp.logical_or(lost, xp.logical_not(valid[..., None]))
    return closed, xp.where(hidden, xp.zeros_like(visibility), visibility)


def not_found(pixels: Any, visibility: Any, arrays: NumPyArrays) -> Any:
    """Return which joints (..., J) of pixels (..., J, 2) a detector did not find."""
    xp = arrays.xp
    return xp.logical_or(xp.any(xp.isnan(pixels), axis=-1), visibility < NOT_FOUND)


def exact_rate(fps: Any, arrays: NumPyArrays) -> Any:
    """Return frame rates in double precision: 29.97 as the decimal that a float32 stands for."""
    xp = arrays.xp
    exact = arrays.cast(fps, "float64")
    decimal = xp.round(exact * 1000) / 1000
    return xp.where(arrays.cast(decimal, "float32") == fps, decimal, exact)


def resampled(values: Any, frames: Any, count: Any, fps: Any, new_fps: Any, arrays: Any) -> Any:
    """Return clips at another frame rate by linear interpolation: (N, count, ...).

    Args:
        values: (N, T, ...).
        frames: (N,) valid frames; the last one is held after them.
        count: of the new frames.
        fps: (N,) or a number, of the clips, float64.
        new_fps: (N,) or a number, the wanted rate, float64.
        arrays: whose arrays.
    """
    xp = arrays.xp
    numbers = arrays.cast(xp.arange(count), "float64")[None]
    times = times_at(numbers, xp.reshape(fps, (-1, 1)), xp.reshape(new_fps, (-1, 1)))
    rows = arrays.cast(0 * frames[:, None], "float64")
    return interpolate_clips(values, times + rows, frames[:, None] - 1, xp)


def resampled_frames(frames: Any, fps: Any, new_fps: Any, arrays: NumPyArrays) -> Any:
    """Return (N,) how many frames of the new rate lie within clips of (N,) frames."""
    return frames_within(arrays.cast(frames, "float64"), fps, new_fps, arrays.xp)


def valid_frames(frames: Any, count: Any, arrays: NumPyArrays) -> Any:
    """Return (N, count) whether a frame belongs to a clip of (N,) frames."""
    return arrays.xp.arange(count, dtype="int32")[None] < frames[:, None]


def held(
    screen: Any, visibility: Any, lost: Any, before: tuple[Any, Any, Any], kept: float, arrays: Any
) -> tuple[Any, Any]:
    """Return a stream's newest keypoints with lost joints held where they were last seen.

    A lost joint's visibility fades. A joint that was never seen stands at the mean of the person's
    first detected joints, with visibility 0.

    Args:
        screen: (N, J, 2); what a lost joint has is not read.
        visibility: (N, J).
        lost: (N, J) joints that were not detected.
        before: (N, J, 2), (N, J) what was returned for the frame before, and (N,) whether there
            was one with a detected joint.
        kept: of a lost joint's visibility after a frame.
        arrays: whose arrays.
    """
    xp = arrays.xp
    last_screen, last_visibility, started = before
    found = xp.where(lost[..., None], xp.zeros_like(screen), screen)
    seen = arrays.cast(xp.logical_not(lost), "float32")
    count = xp.maximum(xp.sum(seen, axis=1, keepdims=True), 1)
    middle = (xp.sum(found, axis=1) / count)[:, None]
    last = xp.where(started[:, None, None], last_screen, middle)
    fading = xp.where(started[:, None], last_visibility * kept, xp.zeros_like(last_visibility))
    return xp.where(lost[..., None], last, found), xp.where(lost, fading, visibility)
