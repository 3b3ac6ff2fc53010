"""Training frames in the canonical view (``cameras.canonical_view``)."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras.canonical_view import (
    camera_up,
    level_view,
    ray_directions,
    seen,
    turned_back,
    turned_into,
)
from anatomy_tf.cameras.field_of_view import assumed_intrinsics
from anatomy_tf.cameras.projection import pinhole_rays
from anatomy_tf.data.batches.batch_options import BatchOptions
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.windows import EdgePaddedFrames
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences.apparent_person import (
    centre_and_size,
    frame_sums,
    kept_share,
)
from anatomy_tf.sequences.running import fading_sums

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

KNOWN_LENS = 0.5
"""Share of the sequences whose lens is known; for the others the default lens is assumed."""

UP_ERRORS = (0.0, 3.0, 6.0, 12.0, 20.0)
"""Standard deviations of the up direction about both axes, degrees; each chunk draws one."""

UP_UNKNOWN = 0.1
"""Share of the chunks without a known up direction."""

_CENTRE, _SIZE, _TRUE_CENTRE, _UP = (slice(0, 3), slice(3, 4), slice(4, 7), slice(7, 10))


@dataclasses.dataclass(frozen=True)
class SeenFrames:
    """Frames as a network sees them, and the axes of their poses.

    Attributes:
        keypoints: (..., J, 2).
        view: (..., 3), the network's input on the view.
        axes: (..., 3, 3) of the virtual camera, in the camera's true axes.
    """

    keypoints: Array
    view: Array
    axes: Array


class CanonicalTrainingFrames:
    """Frames turned into the canonical view, with the errors that inference has.

    Where the lens is not known, its field of view is assumed and the principal point is taken to be
    in the picture's middle. Keypoints are then seen from a slightly wrong direction; poses are in
    the axes of the right direction, because a person's looks depend on it.

    Args:
        store: the sequences, with ``up`` and ``aspect_ratios``.
        options: of the batches.

    Raises:
        AnatomyError: when the store does not state ``up`` and ``aspect_ratios``.
    """

    def __init__(self, store: SequenceStore, options: BatchOptions) -> None:
        for number, frames in enumerate(store.slices):
            if np.isnan(store.up[frames]).any() or np.isnan(store.aspect_ratios[number]):
                clip = f"{store.subjects[number]}/{store.clips[number]}/{store.cameras[number]}"
                raise AnatomyError(
                    "batches: training in the canonical view needs the up direction and the "
                    f"picture's aspect ratio of every sequence; those of {clip} are not known"
                )
        known = np.random.default_rng([options.seed, 1]).random(len(store)) < KNOWN_LENS
        rays = np.empty_like(store.keypoints)
        state = np.empty((store.frame_count, 10), np.float32)
        kept = kept_share(store.fps)
        for number, frames in enumerate(store.slices):
            true = pinhole_rays(store.keypoints[frames], store.intrinsics[number])
            assumed = true
            if not known[number]:
                lens = assumed_intrinsics(float(store.aspect_ratios[number]))
                assumed = pinhole_rays(store.keypoints[frames], lens)
            rays[frames] = assumed
            for chosen, places in ((assumed, (_CENTRE, _SIZE)), (true, (_TRUE_CENTRE,))):
                sums = frame_sums(ray_directions(chosen[None]), store.visibility[None, frames])
                found = centre_and_size(fading_sums(sums, kept, np))
                for place, values in zip(places, found, strict=False):
                    state[frames, place] = values[0]
        state[:, _UP] = store.up
        window = (store.offsets, options.receptive_field, options.causal)
        self._rays = EdgePaddedFrames(rays, *window, options.chunk_frames or 1)
        self._state = EdgePaddedFrames(state, *window, options.chunk_frames or 1)

    def errors(self, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
        """Draw the error of each chunk's up direction.

        Returns:
            (B, 3, 3) rotations of the true direction, and (B, 1) 1 where up is known, else 0.
        """
        degrees = rng.choice(UP_ERRORS, count)[:, None] * rng.standard_normal((count, 2))
        known = rng.random((count, 1)) >= UP_UNKNOWN
        return _small_turns(np.radians(degrees)), known.astype(np.float32)

    def windows(self, sequence: Indices, frame: Indices, errors: tuple[Array, Array]) -> SeenFrames:
        """Return the windows of a batch: (B, R + F - 1, ...)."""
        return self._seen(
            self._rays.windows(sequence, frame), self._state.windows(sequence, frame), errors
        )

    def frames(self, sequence: Indices, frame: Indices, errors: tuple[Array, Array]) -> SeenFrames:
        """Return single frames: (B, n, ...) of (B, n) sequences and frames."""
        return self._seen(
            self._rays.frames(sequence, frame), self._state.frames(sequence, frame), errors
        )

    def unlevelled(self, sequence: Indices, frame: Indices) -> tuple[Array, Array]:
        """Return single frames as seen where up is not known, and true up in those axes.

        Returns:
            (B, n, J, 2), and (B, n, 3).
        """
        rays, state = self._rays.frames(sequence, frame), self._state.frames(sequence, frame)
        axes = _own_axes(state[..., _CENTRE])
        keypoints = seen(ray_directions(rays), axes, state[..., _SIZE])
        up = turned_into(state[..., None, _UP], _own_axes(state[..., _TRUE_CENTRE]))[..., 0, :]
        return keypoints.astype(np.float32), up.astype(np.float32)

    def _seen(self, rays: Array, state: Array, errors: tuple[Array, Array]) -> SeenFrames:
        turns, known = errors
        centre, size = state[..., _CENTRE], state[..., _SIZE]
        true_centre, up = state[..., _TRUE_CENTRE], state[..., _UP]
        known = np.broadcast_to(known[:, None], (*up.shape[:-1], 1))
        up = np.einsum("bij,btj->bti", turns, up)
        up = np.where(known > 0, up, camera_up(up))
        axes, _ = level_view(true_centre, up, known)
        # The same direction as seen from the person's assumed place.
        own = turned_into(up[..., None, :], _own_axes(true_centre))
        assumed = turned_back(own, _own_axes(centre))[..., 0, :]
        assumed = np.where(known > 0, assumed, up)
        assumed_axes, view = level_view(centre, assumed, known)
        keypoints = seen(ray_directions(rays), assumed_axes, size)
        return SeenFrames(
            keypoints.astype(np.float32), view.astype(np.float32), axes.astype(np.float32)
        )


def _own_axes(centre: Array) -> Array:
    """Return the axes of a virtual camera that takes the picture's up as up."""
    return level_view(centre, camera_up(centre), np.ones_like(centre[..., :1]))[0]


def _small_turns(angles: NDArray[np.float64]) -> Array:
    """Return rotations (B, 3, 3) by angles (B, 2), radians, about the camera's x and z axes."""
    (sx, cx), (sz, cz) = ((np.sin(a), np.cos(a)) for a in angles.T)
    zero, one = np.zeros_like(sx), np.ones_like(sx)
    about_x = np.stack([one, zero, zero, zero, cx, -sx, zero, sx, cx], -1).reshape(-1, 3, 3)
    about_z = np.stack([cz, -sz, zero, sz, cz, zero, zero, zero, one], -1).reshape(-1, 3, 3)
    return (about_x @ about_z).astype(np.float32)
