"""Keypoints in a virtual camera that looks at the person, level with the horizon.

All recordings look alike there: crops and whole pictures, near and far people, cameras that tilt or
roll. Turning a camera about its own centre changes no ray, so nothing is lost, and poses can be
turned back exactly.

Every function works on NumPy arrays and, with ``xp=keras.ops``, on tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

VIEW_CHANNELS = 3
"""Numbers that describe a view to a network: sine and cosine of the elevation of up, and whether up
is known."""

UP_CHANNELS = 4
"""Outputs of the up network for a frame: a vector, and the logarithm of its concentration."""

LARGEST_LOGARITHM = 8.0
"""Largest logarithm of a concentration that counts: 3000, which is a deviation of a degree."""

STEEP = 0.1
"""Cosine of the elevation below which the camera looks so steeply that the image's own up replaces
the horizon."""

LEAST_DEPTH = 0.05
"""Least depth of a unit ray in the virtual camera, so that points beside the camera stay finite."""


def ray_directions(rays: Any, xp: Any = np) -> Any:
    """Return the unit vectors (..., 3) of rays x / z, y / z (..., 2)."""
    points = xp.concatenate([rays, xp.ones_like(rays[..., :1])], axis=-1)
    return points / xp.sqrt(xp.sum(xp.square(points), axis=-1, keepdims=True))


def camera_up(like: Any, xp: Any = np) -> Any:
    """Return the up direction of a level camera, (0, -1, 0), in the shape of ``like`` (..., 3)."""
    return xp.zeros_like(like) + np.array([0, -1, 0], np.float32)


def level_view(forward: Any, up: Any, known: Any, xp: Any = np) -> tuple[Any, Any]:
    """Return the axes of a virtual camera and the numbers that describe it to a network.

    Args:
        forward: (..., 3) unit vectors to the person, in the camera's axes (x right, y down, z
            forward).
        up: (..., 3) unit vectors against gravity, in the same axes.
        known: (..., 1) 1 where up is known, 0 where it is the image's own.
        xp: NumPy or ``keras.ops``.

    Returns:
        (..., 3, 3), whose rows are the virtual camera's right, down and forward, and
        (..., ``VIEW_CHANNELS``).
    """
    sine = xp.sum(up * forward, axis=-1, keepdims=True)
    across = up - sine * forward
    cosine = xp.sqrt(xp.maximum(xp.sum(xp.square(across), axis=-1, keepdims=True), 1e-12))
    own = camera_up(forward, xp)
    own = own - xp.sum(own * forward, axis=-1, keepdims=True) * forward
    across = across + own * xp.exp(-xp.square(cosine / STEEP))
    down = -across / xp.sqrt(xp.maximum(xp.sum(xp.square(across), axis=-1, keepdims=True), 1e-12))
    axes = xp.stack([_cross(down, forward, xp), down, forward], axis=-2)
    return axes, xp.concatenate([sine, cosine, known], axis=-1)


def seen(directions: Any, axes: Any, size: Any, xp: Any = np) -> Any:
    """Return keypoints in a virtual camera, in units of the person's apparent size.

    Args:
        directions: (..., J, 3) unit rays in the camera's axes.
        axes: (..., 3, 3) axes of the virtual camera.
        size: (..., 1) apparent size of the person.
        xp: NumPy or ``keras.ops``.

    Returns:
        (..., J, 2).
    """
    turned = turned_into(directions, axes, xp)
    flat = turned[..., :2] / xp.maximum(turned[..., 2:], LEAST_DEPTH)
    return flat / size[..., None]


def turned_into(vectors: Any, axes: Any, xp: Any = np) -> Any:
    """Turn vectors (..., n, 3) from the camera's axes into a virtual camera's axes (..., 3, 3)."""
    return xp.matmul(vectors, xp.swapaxes(axes, -1, -2))


def turned_back(vectors: Any, axes: Any, xp: Any = np) -> Any:
    """Turn vectors (..., n, 3) from a virtual camera's axes (..., 3, 3) back into the camera's."""
    return xp.matmul(vectors, axes)


def _cross(one: Any, other: Any, xp: Any) -> Any:
    x, y, z = (one[..., i] for i in range(3))
    u, v, w = (other[..., i] for i in range(3))
    return xp.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=-1)
