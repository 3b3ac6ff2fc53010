"""Running combinations of each frame with all earlier ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def running(
    values: tuple[Any, ...],
    joined: Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]],
    empty: tuple[float, ...],
    xp: Any,
) -> tuple[Any, ...]:
    """Join each frame with all earlier ones, in log2(T) steps.

    Args:
        values: NumPy arrays (N, T, ...), or tensors.
        joined: joins earlier values with later ones; it must be associative.
        empty: for each array the value before the first frame, which changes nothing.
        xp: NumPy or ``keras.ops``.

    Returns:
        Arrays of the same shapes.
    """
    frames = xp.shape(values[0])[1]

    def step(shift: Any, *values: Any) -> tuple[Any, ...]:
        earlier = tuple(
            xp.concatenate(
                [
                    xp.full_like(array[:, :shift], nothing),
                    array[:, : frames - shift],
                ],
                axis=1,
            )
            for array, nothing in zip(values, empty, strict=True)
        )
        return (2 * shift, *joined(earlier, values))

    if isinstance(frames, int):
        shift = 1
        while shift < frames:
            shift, *rest = step(shift, *values)
            values = tuple(rest)
        return values
    found = xp.while_loop(lambda shift, *_: shift < frames, step, (1, *values))
    return tuple(found[1:])


def kept_share(seconds: float, fps: float) -> float:
    """Return the share of its weight that a frame keeps when the next one comes.

    Args:
        seconds: after which the weight has fallen to 1 / e.
        fps: frames a second.
    """
    return math.exp(-1 / (seconds * fps))


def fading_sums(values: Any, kept: float, xp: Any) -> Any:
    """Return the sums over each frame and all earlier ones, whose weights fade.

    Args:
        values: (N, T, ...) of single frames.
        kept: ``kept_share``.
        xp: NumPy or ``keras.ops``.
    """
    shares = xp.full_like(values[..., :1], kept)

    def joined(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
        return earlier[0] * later[0], earlier[1] * later[0] + later[1]

    return running((shares, values), joined, (1.0, 0.0), xp)[1]
