"""Inputs in the canonical view, and the up direction (``cameras.canonical_view``)."""

from __future__ import annotations

import dataclasses
from typing import Any

from anatomy_tf.anatomy import unit
from anatomy_tf.cameras.canonical_view import (
    LARGEST_LOGARITHM,
    camera_up,
    level_view,
    ray_directions,
    seen,
    turned_back,
)
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.bone_lengths import EachFrame
from anatomy_tf.network.weights import NetworkWeights
from anatomy_tf.sequences.apparent_person import (
    centre_and_size,
    frame_sums,
    kept_share,
)
from anatomy_tf.sequences.running import fading_sums


@dataclasses.dataclass(frozen=True)
class CanonicalFrames:
    """Frames as the networks see them.

    Attributes:
        keypoints: (N, T, 2 J + 3) for the direction network.
        for_lengths: (N, T, 3 J + 3) for the bone length network.
        axes: (N, T, 3, 3) of the virtual camera, in the camera's axes.
        up: (N, T, 3) or (N, 1, 3), in the camera's axes.
    """

    keypoints: Any
    for_lengths: Any
    axes: Any
    up: Any


class CanonicalView:
    """Turns rays into the canonical view, levelled by an up direction that is given or estimated.

    Args:
        weights: of a model of the canonical view.
        arrays: whose arrays.
    """

    def __init__(self, weights: NetworkWeights, arrays: NumPyArrays) -> None:
        assert weights.up is not None
        self.arrays, self.up_network = arrays, EachFrame(weights.up, arrays)
        self.kept = kept_share(weights.config.fps)

    def frame_sums(self, rays: Any, visibility: Any) -> Any:
        """Return what each frame adds to the person's place and size: (N, T, 5).

        Args:
            rays: (N, T, J, 2) x / z, y / z.
            visibility: (N, T, J).
        """
        xp = self.arrays.xp
        return frame_sums(ray_directions(rays, xp), visibility, xp)

    def sums_so_far(self, sums: Any) -> Any:
        """Return the person's place and size in each frame from it and those before it."""
        return fading_sums(sums, self.kept, self.arrays.xp)

    def votes(self, rays: Any, visibility: Any, sums: Any) -> Any:
        """Return each frame's vote for the up direction: (N, T, 3), in the camera's axes.

        A vote is the mean direction times its concentration; the sum of independent votes points
        to the likeliest direction. That is the attention of Eq. 6 with the logarithms of the
        concentrations as logits.

        Args:
            rays, visibility: see ``frame_sums``.
            sums: of ``sums_so_far``.
        """
        arrays, xp = self.arrays, self.arrays.xp
        centre, size = centre_and_size(sums, xp)
        axes, _ = level_view(centre, camera_up(centre, xp), xp.ones_like(size), xp)
        keypoints = seen(ray_directions(rays, xp), axes, size, xp)
        found = self.up_network(
            xp.concatenate([arrays.flattened(keypoints, 2), visibility], axis=-1)
        )
        logarithm = xp.clip(found[..., 3:], -LARGEST_LOGARITHM, LARGEST_LOGARITHM)
        vote = unit(found[..., :3], xp=xp) * xp.exp(logarithm)
        return turned_back(vote[..., None, :], axes, xp)[..., 0, :]

    def frames(self, rays: Any, visibility: Any, sums: Any, up: Any) -> CanonicalFrames:
        """Return frames in the canonical view.

        Args:
            rays, visibility, sums: see ``votes``.
            up: (N, T, 3) or (N, 1, 3), of any length, in the camera's axes. Zeros say that it is
                not known: the picture's own up takes its place.
        """
        arrays, xp = self.arrays, self.arrays.xp
        centre, size = centre_and_size(sums, xp)
        length = xp.sqrt(xp.sum(xp.square(up), axis=-1, keepdims=True))
        known = arrays.cast(length > 0, "float32")
        direction = xp.where(length > 0, unit(up, xp=xp), camera_up(up, xp))
        each = direction + xp.zeros_like(centre)
        axes, view = level_view(centre, each, known + xp.zeros_like(size), xp)
        keypoints = arrays.flattened(seen(ray_directions(rays, xp), axes, size, xp), 2)
        return CanonicalFrames(
            xp.concatenate([keypoints, view], axis=-1),
            xp.concatenate([keypoints, visibility, view], axis=-1),
            axes,
            direction,
        )
