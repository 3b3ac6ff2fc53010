"""A calibrated camera."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatomy_tf.cameras.field_of_view import focal_of_view, view_of_focal
from anatomy_tf.cameras.projection import pinhole_rays, project
from anatomy_tf.cameras.screen import normalize_screen
from anatomy_tf.cameras.undistortion import reached_rays
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.limits import FIELD_OF_VIEW, IMAGE_SIDE, LENS_BEND, PIXEL
from anatomy_tf.files.number_arrays import number_array

TINY = 1e-9
"""Least distance of a corner from the principal point that is divided by."""


@dataclasses.dataclass(frozen=True, eq=False)
class Camera(EqualFields):
    """A calibrated camera, which maps world positions to its own frame and to pixels.

    The camera's frame has x to the right of the image, y down and z forward. The world frame is the
    data set's (Human3.6M's and this package's motion capture: z up). Without a rotation (the
    identity, as ``from_field_of_view`` makes it) the world is the camera's own frame.

    Args:
        rotation: (3, 3), world to camera.
        position: (3,) the camera's centre in the world, metres.
        focal_length: (2,) pixels.
        centre: (2,) principal point, pixels.
        width: image width, pixels.
        height: image height, pixels.
        radial: (3,) distortion k1, k2, k3.
        tangential: (2,) distortion p1, p2.
        name: the camera's name in its data set.

    Raises:
        AnatomyError: when a shape is wrong, a number is not finite, the matrix is no rotation, or
            the size, field of view, centre or distortion is outside ``files.limits``.
    """

    rotation: NDArray[np.float64]
    position: NDArray[np.float64]
    focal_length: NDArray[np.float64]
    centre: NDArray[np.float64]
    width: int
    height: int
    radial: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.zeros(3))
    tangential: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.zeros(2))
    name: str = ""

    def __post_init__(self) -> None:
        where = f"camera {self.name!r:.40}"
        if not isinstance(self.name, str):
            raise AnatomyError(f"{where}: expected name as text, got {self.name!r:.40}")
        shapes = {
            "rotation": (3, 3),
            "position": (3,),
            "focal_length": (2,),
            "centre": (2,),
            "radial": (3,),
            "tangential": (2,),
        }
        for field, shape in shapes.items():
            value = _numbers(getattr(self, field), shape, field, where)
            object.__setattr__(self, field, value)
        if not np.allclose(self.rotation @ self.rotation.T, np.eye(3), atol=1e-4):
            raise AnatomyError(f"{where}: the rotation matrix is not orthonormal")
        if np.linalg.det(self.rotation) < 0:
            raise AnatomyError(f"{where}: expected a rotation, got a mirror image (determinant -1)")
        if (self.focal_length <= 0).any():
            raise AnatomyError(f"{where}: focal lengths must be positive, got {self.focal_length}")
        _check_sides(self.width, self.height, where)
        for field in ("width", "height"):
            side = getattr(self, field)
            # Python's own number, which every file format can hold.
            object.__setattr__(self, field, float(side) if side % 1 else int(side))
        for focal in self.focal_length.tolist():
            lens = f"{where}: focal length {focal:g} of {self.width} pixels"
            FIELD_OF_VIEW.check(view_of_focal(focal, self.width), lens)
        for place in self.centre.tolist():
            PIXEL.check(place, f"{where}: centre")
        bent = [*self.radial.tolist(), *self.tangential.tolist()]
        LENS_BEND.check(self._bend(), f"{where}: k1, k2, k3, p1, p2 = {bent}")

    def _bend(self) -> float:
        """Return how far the distortion moves a corner, in its distances from the middle."""
        corners = np.array([(x, y) for x in (0, self.width) for y in (0, self.height)])
        rays = np.clip((corners - self.centre) / self.focal_length, -1, 1)
        points = np.concatenate([rays, np.ones((4, 1))], axis=-1)
        with np.errstate(over="ignore", invalid="ignore"):
            moved = (project(points, self.intrinsics) - self.centre) / self.focal_length - rays
            shares = np.linalg.norm(moved, axis=-1) / np.maximum(
                np.linalg.norm(rays, axis=-1), TINY
            )
        return float(shares.max())

    @classmethod
    def from_intrinsics(
        cls, intrinsics: ArrayLike, width: int, height: int, name: str = ""
    ) -> Camera:
        """Return a camera in its own frame with these intrinsics.

        Args:
            intrinsics: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2 in pixels.
            width: pixels.
            height: pixels.
            name: the camera's name.

        Raises:
            AnatomyError: see ``Camera``.
        """
        numbers = _numbers(intrinsics, (9,), "intrinsics", f"camera {name!r:.40}")
        focal_length, centre, radial, tangential = np.split(numbers, (2, 4, 7))
        return cls(
            np.eye(3), np.zeros(3), focal_length, centre, width, height, radial, tangential, name
        )

    @classmethod
    def pinhole(cls, focal_length: float, width: int, height: int, name: str = "") -> Camera:
        """Return a camera in its own frame without distortion.

        The principal point is the middle of the image.

        Args:
            focal_length: pixels.
            width: pixels.
            height: pixels.
            name: the camera's name.

        Raises:
            AnatomyError: see ``Camera``.
        """
        _check_sides(width, height, f"camera {name!r:.40}")
        half = width / 2, height / 2
        return cls.from_intrinsics(
            [focal_length, focal_length, *half, 0, 0, 0, 0, 0], width, height, name
        )

    @classmethod
    def from_field_of_view(cls, degrees: float, width: int, height: int, name: str = "") -> Camera:
        """Return a ``pinhole`` camera with a horizontal field of view.

        Args:
            degrees: the angle from the image's left edge to its right edge.
            width: pixels.
            height: pixels.
            name: the camera's name.

        Raises:
            AnatomyError: when the angle or the size is impossible.

        Example:
            >>> Camera.from_field_of_view(90, 1920, 1080).focal_length
            array([960., 960.])
        """
        _check_sides(width, height, f"camera {name!r:.40}")
        return cls.pinhole(focal_of_view(degrees, width), width, height, name)

    @classmethod
    def looking_at(
        cls,
        position: NDArray[np.floating],
        target: NDArray[np.floating],
        focal_length: float,
        width: int,
        height: int,
        roll: float = 0.0,
        name: str = "",
    ) -> Camera:
        """Return a pinhole camera at ``position`` that looks at ``target``.

        Args:
            position: (3,) camera centre, world metres, z up.
            target: (3,) world metres.
            focal_length: pixels.
            width: pixels.
            height: pixels.
            roll: turn about the optical axis, radians.
            name: the camera's name.

        Raises:
            AnatomyError: when position or target is no place, or the optical axis is vertical or
                both are one point, because the image's right is then undefined.
        """
        where = f"camera {name!r:.40}"
        _check_sides(width, height, where)
        position = _numbers(position, (3,), "position", where)
        target = _numbers(target, (3,), "target", where)
        focal_length = float(_numbers(focal_length, (), "focal length", where))
        roll = float(_numbers(roll, (), "roll", where))
        forward = target - position
        right = np.cross(forward, [0.0, 0.0, 1.0])
        if not np.linalg.norm(right) > 1e-9 * np.linalg.norm(forward):
            raise AnatomyError(
                f"{where}: expected a target that is not straight above, below or in the "
                f"camera, got target {target} from {position}"
            )
        forward /= np.linalg.norm(forward)
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        cosine, sine = np.cos(roll), np.sin(roll)
        rotation = np.stack([cosine * right + sine * down, cosine * down - sine * right, forward])
        return cls(
            rotation,
            position,
            np.full(2, focal_length),
            np.array([width / 2, height / 2]),
            width,
            height,
            name=name,
        )

    def resized(self, width: int, height: int) -> Camera:
        """Return the camera of the same video at another size.

        Args:
            width: width of the new image, pixels.
            height: pixels.

        Raises:
            AnatomyError: for an impossible size, or when the new image has another shape: it shows
                another part of the view.
        """
        _check_sides(width, height, f"camera {self.name!r:.40}")
        scale = np.array([width / self.width, height / self.height])
        if not np.isclose(scale[0], scale[1], rtol=0.01):
            raise AnatomyError(
                f"camera {self.name!r}: expected a video of the shape {self.width}x{self.height}, "
                f"got {width}x{height}"
            )
        return dataclasses.replace(
            self,
            focal_length=self.focal_length * scale,
            centre=self.centre * scale,
            width=width,
            height=height,
        )

    def turned(
        self, rotation: NDArray[np.floating], shift: NDArray[np.floating] | None = None
    ) -> Camera:
        """Return the same camera in another world, whose points are ``rotation @ old + shift``.

        Args:
            rotation: (3, 3).
            shift: (3,) metres; none by default.

        Raises:
            AnatomyError: for another shape, or what is no rotation.
        """
        where = f"camera {self.name!r:.40}"
        rotation = _numbers(rotation, (3, 3), "rotation", where)
        moved = _numbers(np.zeros(3) if shift is None else shift, (3,), "shift", where)
        return dataclasses.replace(
            self,
            rotation=self.rotation @ rotation.T,
            position=rotation @ self.position + moved,
        )

    def world_to_camera(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return points of the world in the camera's axes: x right, y down, z forward.

        Args:
            points: (..., 3) metres.

        Raises:
            AnatomyError: for another shape, or no numbers.
        """
        return (_places(points, self) - self.position) @ self.rotation.T

    def camera_to_world(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return points of the camera's axes in the world's.

        Args:
            points: (..., 3) metres; x right, y down, z forward.

        Raises:
            AnatomyError: for another shape, or no numbers.
        """
        return _places(points, self) @ self.rotation + self.position

    @property
    def has_world(self) -> bool:
        """Whether the world is another frame than the camera's own."""
        return not np.array_equal(self.rotation, np.eye(3))

    @property
    def up(self) -> NDArray[np.float64]:
        """(3,) the world's z axis in the camera's axes; up where the world is z up."""
        return self.rotation[:, 2]

    @property
    def aspect_ratio(self) -> float:
        """The image's width divided by its height."""
        return self.width / self.height

    def project(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return where the camera's picture shows points, with the lens's distortion.

        The place of a point that the picture does not show is finite, but means nothing.

        Args:
            points: (..., 3) metres, in the camera's axes: x right, y down, z forward.

        Returns:
            (..., 2) pixels from the upper left corner, x right, y down.

        Raises:
            AnatomyError: for another shape, or no numbers.
        """
        return project(_places(points, self), self.intrinsics, limit=self._reach)

    @functools.cached_property
    def _reach(self) -> float:
        """The largest x / z or y / z of a ray in the picture, at least 1."""
        corners = np.array([(x, y) for x in (0, self.width) for y in (0, self.height)], np.float64)
        rays, reached = reached_rays(corners, self.intrinsics)
        straight = pinhole_rays(corners, self.intrinsics)
        return max(1.0, float(np.abs(np.where(reached[:, None], rays, straight)).max()))

    @property
    def intrinsics(self) -> NDArray[np.float64]:
        """(9,) fx, fy, cx, cy, k1, k2, k3, p1, p2 in pixels."""
        return np.concatenate([self.focal_length, self.centre, self.radial, self.tangential])

    @property
    def normalized_intrinsics(self) -> NDArray[np.float64]:
        """(9,) as ``intrinsics``, but for normalised screen coordinates."""
        centre = normalize_screen(self.centre, self.width, self.height)
        focal = self.focal_length * 2 / self.width
        return np.concatenate([focal, centre, self.radial, self.tangential])


def _numbers(values: Any, shape: tuple[int, ...], name: str, where: str) -> NDArray[np.float64]:
    """Return values as a new array of this shape.

    Raises:
        AnatomyError: where they are something else, or not finite.
    """
    array = number_array(values, np.float64, f"{where}: {name}")
    if array.shape != shape:
        raise AnatomyError(f"{where}: expected {name} of shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise AnatomyError(f"{where}: {name} has a NaN or infinite number")
    return array


def _check_sides(width: Any, height: Any, where: str) -> None:
    for side in (width, height):
        IMAGE_SIDE.check(side, where)


def _places(points: Any, camera: Camera) -> NDArray[np.floating]:
    """Return points (..., 3) as an array; NaN is accepted."""
    where = f"camera {camera.name!r:.40}: points"
    array = number_array(points, None, where)
    if array.shape[-1:] != (3,):
        raise AnatomyError(f"{where}: expected shape (..., 3), got {array.shape}")
    return array
