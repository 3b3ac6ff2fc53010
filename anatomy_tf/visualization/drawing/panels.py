"""Panels of a figure with one frame's keypoints or pose, redrawn by moving their artists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.skeletons import Skeleton
from anatomy_tf.visualization.drawing.output import optional_module
from anatomy_tf.visualization.drawing.palette import Palette
from anatomy_tf.visualization.drawing.scene import (
    GRID_STEP,
    GUESS_OPACITY,
    Viewpoint,
    floor_height,
    link_sides,
    upright,
    visibility_opacity,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_GRID_CELLS = 5
"""Cells of the floor from its middle to its faded edge."""
_PATH_POINTS = 1000
"""The most points of a path: a frame of a long film costs no more than one of a short film."""


class _Sticks:
    """Bones with a halo in the panel's colour, so that the nearer of two crossing ones shows."""

    def __init__(self, axes: Axes, skeleton: Skeleton, palette: Palette, width: float) -> None:
        collections = optional_module("matplotlib.collections")
        rgba = optional_module("matplotlib.colors").to_rgba_array
        self.links = np.array(skeleton.links)
        self.colours = rgba([getattr(palette, side) for side in link_sides(skeleton)])
        self.joint_colours = rgba([getattr(palette, side) for side in skeleton.sides])
        self.halo = rgba(palette.panel)[0]
        self.width = width
        self.lines = collections.LineCollection([], capstyle="round", zorder=3)
        axes.add_collection(self.lines, autolim=False)
        self.dots: Any = axes.scatter([], [], s=(1.5 * width) ** 2, linewidths=0, zorder=4)

    def show(
        self,
        points: NDArray[np.floating],
        nearness: NDArray[np.floating],
        opacity: NDArray[np.floating],
    ) -> None:
        """Draw joints at (J, 2) and bones from far to near by nearness (J,), leaving out NaN."""
        first, second = self.links.T
        drawn = np.isfinite(points[self.links]).all(axis=(1, 2))
        order = np.argsort((nearness[first] + nearness[second])[drawn], kind="stable")
        chosen = np.flatnonzero(drawn)[order]
        colours = self.colours[chosen].copy()
        colours[:, 3] = np.minimum(opacity[first], opacity[second])[chosen]
        halos = np.tile(self.halo, (len(chosen), 1))
        halos[:, 3] = colours[:, 3]
        # Each bone's halo comes right before it, over the bones behind; it stops short of the
        # joints, so that it does not cut off the bones that meet there.
        bones = points[self.links[chosen]]
        trimmed = 0.8 * bones + 0.2 * bones.mean(axis=1, keepdims=True)
        self.lines.set_segments(np.stack([trimmed, bones], axis=1).reshape(-1, 2, 2))
        self.lines.set_color(np.stack([halos, colours], axis=1).reshape(-1, 4))
        self.lines.set_linewidth(np.tile([2.1 * self.width, self.width], len(chosen)))
        seen = np.isfinite(points).all(axis=-1)
        self.dots.set_offsets(points[seen])
        faces = self.joint_colours.copy()
        faces[:, 3] = opacity
        self.dots.set_facecolor(faces[seen])

    @property
    def artists(self) -> list[Artist]:
        return [self.lines, self.dots]


def _bare(axes: Axes, palette: Palette) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(palette.panel)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_aspect("equal", adjustable="box")


class KeypointPanel:
    """2D keypoints over the whole image, faded by visibility.

    Args:
        axes: an empty matplotlib panel.
        keypoints: T frames.
        palette: colours.
        width: width of a bone, points.
        pictures: the image of each frame that will be shown, (height, width, 3), in that order; by
            default the panel is empty behind the keypoints.
    """

    def __init__(
        self,
        axes: Axes,
        keypoints: KeypointSequence,
        palette: Palette,
        width: float,
        pictures: Iterator[NDArray[np.uint8]] | None = None,
    ) -> None:
        self.pictures = pictures
        self.image = None
        if pictures is not None:
            self.image = axes.imshow(
                np.zeros((1, 1, 3), np.uint8),
                extent=(0, keypoints.width, keypoints.height, 0),
                interpolation="bilinear",
                zorder=0,
            )
        _bare(axes, palette)
        axes.set_xlim(0, keypoints.width)
        axes.set_ylim(keypoints.height, 0)
        self.keypoints = keypoints
        self.sticks = _Sticks(axes, keypoints.skeleton, palette, width)

    def show(self, frame: int) -> None:
        """Move the artists to a frame."""
        if self.image is not None and self.pictures is not None:
            self.image.set_data(next(self.pictures))
        visibility = self.keypoints.visibility[frame]
        self.sticks.show(
            self.keypoints.keypoints[frame], visibility, visibility_opacity(visibility)
        )

    @property
    def artists(self) -> list[Artist]:
        """The artists that ``show`` moves, back to front."""
        return [*([] if self.image is None else [self.image]), *self.sticks.artists]


class PoseScene:
    """The geometry that a clip's panels share: upright points, floor, path and extent, metres.

    Args:
        poses: T frames. Where the root moves, the view follows it over the floor.
    """

    def __init__(self, poses: PoseSequence) -> None:
        self.skeleton = poses.skeleton
        self.seen = poses.seen
        self.moves = not poses.root_relative
        self.points = upright(poses)
        self.floor = floor_height(self.points)
        self.middles = np.zeros((len(poses), 3), np.float32)
        self.middles[:, :2] = self.points[:, poses.skeleton.root, :2]
        self.middles[:, 2] = self.floor
        count = min(len(poses), _PATH_POINTS)
        self.path_frames = np.linspace(0, len(poses) - 1, count).round().astype(int)
        bodies = self.points - self.middles[:, None]
        self.radius = max(0.35, float(np.linalg.norm(bodies[..., :2], axis=-1).max()))
        self.height = max(0.5, float(bodies[..., 2].max()))

    def limits(self, elevation: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return right and up limits, metres, that hold every frame from every azimuth."""
        tilt = np.radians(elevation)
        rise = self.radius * np.sin(tilt)
        margin = 0.12
        side = self.radius + margin
        return (-side, side), (-rise - margin, self.height * np.cos(tilt) + rise + margin)


class PosePanel:
    """A 3D pose above a floor grid, its shadow and its path there, in parallel projection.

    A frame in which the person was not seen is faded.

    Args:
        axes: an empty matplotlib panel.
        scene: the clip.
        palette: colours.
        width: width of a bone, points.
    """

    def __init__(self, axes: Axes, scene: PoseScene, palette: Palette, width: float) -> None:
        collections = optional_module("matplotlib.collections")
        colours = optional_module("matplotlib.colors")
        _bare(axes, palette)
        (left, right), (low, high) = scene.limits(Viewpoint().elevation)
        box = axes.get_window_extent()
        # The floor fills the panel, whatever its shape.
        metres = max((right - left) / box.width, (high - low) / box.height)
        spare = metres * box.width - (right - left), metres * box.height - (high - low)
        axes.set_xlim(left - spare[0] / 2, right + spare[0] / 2)
        axes.set_ylim(low - spare[1] / 2, high + spare[1] / 2)
        self.scene = scene
        self.grid_colour = np.array(colours.to_rgba(palette.grid))
        self.grid = collections.LineCollection([], linewidths=0.18 * width + 0.3, zorder=1)
        self.shadow = collections.LineCollection(
            [],
            linewidths=1.3 * width,
            colors=[(*self.grid_colour[:3], 0.38)],
            capstyle="round",
            zorder=2,
        )
        # The way so far, and the rest of it.
        self.path = collections.LineCollection(
            [],
            linewidths=0.55 * width,
            colors=[colours.to_rgba(palette.middle, opacity) for opacity in (0.9, 0.3)],
            capstyle="round",
            zorder=1.5,
        )
        for collection in (self.grid, self.shadow, self.path):
            axes.add_collection(collection, autolim=False)
        self.sticks = _Sticks(axes, scene.skeleton, palette, width)

    def show(self, frame: int, viewpoint: Viewpoint) -> None:
        """Move the artists to a frame, seen from a viewpoint."""
        middle = self.scene.middles[frame]
        body = self.scene.points[frame] - middle
        points, depth = viewpoint.project(body)
        shown = 1.0 if self.scene.seen[frame] else GUESS_OPACITY
        self.sticks.show(points, -depth, np.full(len(points), shown))
        if self.scene.moves:
            frames = self.scene.path_frames
            path = viewpoint.project(self.scene.middles[frames] - middle)[0]
            so_far = np.searchsorted(frames, frame)
            # The person's own place is the origin.
            self.path.set_segments(
                [[*path[:so_far], (0, 0)], [(0, 0), *path[so_far:]]],
            )
        on_floor, _ = viewpoint.project(body * np.array([1, 1, 0], np.float32))
        self.shadow.set_segments(on_floor[self.sticks.links])
        pieces = _grid_pieces(middle[:2])
        self.grid.set_segments(viewpoint.project(pieces)[0])
        distance = np.linalg.norm(pieces.mean(axis=1), axis=-1) / (_GRID_CELLS * GRID_STEP)
        shades = np.tile(self.grid_colour, (len(pieces), 1))
        shades[:, 3] = np.clip(1 - distance**2, 0, 1)
        self.grid.set_color(shades)

    @property
    def artists(self) -> list[Artist]:
        """The artists that ``show`` moves, back to front."""
        return [self.grid, self.path, self.shadow, *self.sticks.artists]


def _grid_pieces(middle: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the floor's cell edges (N, 2 ends, 3) around a point (2,), relative to it.

    The lines lie at whole multiples of the step in the clip's own coordinates, so that the floor
    stands still while the view follows the person.
    """
    nearest = np.round(np.asarray(middle) / GRID_STEP) * GRID_STEP - middle
    steps = np.arange(-_GRID_CELLS, _GRID_CELLS + 1) * GRID_STEP
    across, along = np.meshgrid(steps, steps[:-1], indexing="ij")
    start = np.stack([across, along], axis=-1).reshape(-1, 2)
    end = start + np.array([0, GRID_STEP])
    lengthwise = np.stack([start, end], axis=1)
    pieces = np.concatenate([lengthwise, lengthwise[..., ::-1]]) + nearest
    return np.concatenate([pieces, np.zeros((*pieces.shape[:2], 1))], axis=-1)
