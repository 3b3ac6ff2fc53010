"""The base class of lifters with exported models."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError, first_line
from anatomy_tf.inference.clip_lifter import ClipInput, ClipLifter, Estimate
from anatomy_tf.inference.exported.description import Description, skeleton_of

Array = NDArray[np.float32]


class ExportedLifter(ClipLifter):
    """Lifts clips with an exported model, as ``Lifter`` does with the model it was made from.

    Args:
        description: the description stored in the file.
        path: of the file, for messages.

    Attributes:
        description: see above.
    """

    def __init__(self, description: Description, path: Path) -> None:
        try:
            skeleton = skeleton_of(description)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None
        super().__init__(
            skeleton,
            description["fps"],
            description["receptive_field"],
            canonical=description.get("recipe") == "canonical",
        )
        self.description, self.path = description, path

    @property
    def flip_averaged(self) -> bool:
        """Whether the file averages with the mirror image by itself."""
        return bool(self.description.get("flip_averaged"))

    def estimate_all(
        self, clips: Sequence[ClipInput], *, flip: bool = True, fit: bool = False
    ) -> list[Estimate]:
        """Return estimates as ``Lifter.estimate_all`` does, with the root at the origin.

        Raises:
            AnatomyError: for ``flip=False`` of a file that averages by itself, or an ``up`` that is
                given: exported models estimate it.
        """
        if any(ClipInput(*clip).up is not None for clip in clips):
            raise AnatomyError(
                f"{self.path}: an exported model cannot be told which way is up (up=, --up, "
                "--attitude, or a --camera file with a rotation)"
            )
        return super().estimate_all(clips, flip=flip, fit=fit)

    def _estimates(self, clips: list[ClipInput], flip: bool) -> list[Estimate]:
        if not self.flip_averaged:
            return super()._estimates(clips, flip)
        if not flip:
            raise AnatomyError(
                f"{self.path}: this file averages with the mirror image; export one with --no-flip "
                "(flip=False)"
            )
        return self._estimate_each(clips)

    def spread(self, clip: ClipInput) -> Array:
        """Return the spread (T, J), metres, of the estimates of the clip and its mirror image.

        Raises:
            AnatomyError: for a file that averages the two by itself.
        """
        if self.flip_averaged:
            raise AnatomyError(
                f"{self.path}: uncertainty compares with the mirror image, which this file "
                "averages in; export one with --no-flip (flip=False)"
            )
        return super().spread(clip)

    @abc.abstractmethod
    def run(self, keypoints: Array, visibility: Array) -> Mapping[str, Any]:
        """Return the file's outputs by name.

        Args:
            keypoints: (1, T, J, 2) as the model sees them.
            visibility: (1, T, J).
        """

    def _estimate_each(self, clips: Sequence[ClipInput]) -> list[Estimate]:
        for clip in clips:
            self._check(clip.keypoints, clip.visibility)
        return super()._estimate_each(clips)

    def _check(self, keypoints: Array, visibility: Array) -> None:
        count, joints = len(keypoints), self.skeleton.joint_count
        if (keypoints.shape, visibility.shape) != ((count, joints, 2), (count, joints)):
            raise AnatomyError(
                f"expected keypoints (T, {joints}, 2) and visibility (T, {joints}), got "
                f"{keypoints.shape} and {visibility.shape}"
            )

    def _estimate(self, clip: ClipInput) -> Estimate:
        return self._piece(clip.keypoints, clip.visibility, slice(0, len(clip.keypoints)))

    def _piece(self, keypoints: Array, visibility: Array, kept: slice) -> Estimate:
        """Run the file on a whole clip and return the estimate of the frames to keep."""
        clip = np.asarray(keypoints[None], np.float32), np.asarray(visibility[None], np.float32)
        try:
            found = self.run(*clip)
        except Exception as error:  # runtimes' errors of a damaged file have no common class
            raise AnatomyError(
                f"{self.path}: the model cannot be run: {first_line(error):.200}"
            ) from None
        positions, shape = np.asarray(found.get("positions")), (1, *keypoints.shape[:2], 3)
        if positions.shape != shape:
            raise AnatomyError(
                f"{self.path}: expected positions {shape} of the model, got {positions.shape}"
            )
        positions = positions[0, kept]
        if not np.isfinite(positions).all():
            raise AnatomyError(f"{self.path}: the model gives positions that are not finite")
        if "bone_lengths" not in found:
            return Estimate(positions)
        lengths = np.asarray(found["bone_lengths"])
        if lengths.ndim == 2:  # of the clip
            lengths = np.repeat(lengths[:, None], len(keypoints), axis=1)
        directions = np.asarray(found["bone_directions"])[0, kept]
        up = np.asarray(found["up"])[0, kept] if "up" in found else None
        return Estimate(positions, lengths[0, kept], directions, up)
