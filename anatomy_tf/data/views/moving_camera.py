"""A camera that may move and turn while it films."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError

_MARGIN = 0.3
"""Share of a side beyond the picture in which a lens may bend a point back into it."""


@dataclasses.dataclass(frozen=True)
class MovingCamera:
    """A lens with its own position and orientation in each of T frames.

    Args:
        lens: the picture's size and the intrinsics; its position and orientation do not count.
        rotation: (T, 3, 3), world to camera.
        position: (T, 3) the camera's centre in the world, metres.

    Raises:
        AnatomyError: when shapes disagree.
    """

    lens: Camera
    rotation: NDArray[np.floating]
    position: NDArray[np.floating]

    def __post_init__(self) -> None:
        frames = len(self.position)
        if self.rotation.shape != (frames, 3, 3) or self.position.shape != (frames, 3):
            raise AnatomyError(
                f"moving camera: expected rotation ({frames}, 3, 3) and position ({frames}, 3), "
                f"got {self.rotation.shape} and {self.position.shape}"
            )

    @property
    def up(self) -> NDArray[np.floating]:
        """The world's z axis (T, 3) in each frame's camera axes; up where the world is z up."""
        return self.rotation[:, :, 2]

    def world_to_camera(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return world points (T, J, 3) in each frame's camera axes, metres."""
        return (points - self.position[:, None]) @ self.rotation.swapaxes(-1, -2)


def pixels_in_picture(
    points: NDArray[np.floating], lens: Camera
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the pixels of points in a lens's picture, and whether they are inside.

    Args:
        points: (..., 3) metres in the camera's axes.
        lens: projects them.

    Returns:
        (..., 2) pixels and (...) truth values. A lens's distortion means nothing far outside its
        picture (its polynomial may even put points inside); there the pixels are a pinhole's.
    """
    points = np.asarray(points, np.float32)
    size = np.array([lens.width, lens.height], np.float32)
    bent = np.asarray(lens.project(points), np.float32)
    depth = np.maximum(points[..., 2:], np.float32(1e-3))
    straight = points[..., :2] / depth * lens.focal_length.astype(np.float32)
    straight += lens.centre.astype(np.float32)
    near = (np.abs(straight / size - 0.5) < 0.5 + _MARGIN).all(axis=-1)
    inside = near & (bent >= 0).all(axis=-1) & (bent <= size).all(axis=-1)
    inside &= points[..., 2] > 0
    return np.where(inside[..., None], bent, straight), inside
