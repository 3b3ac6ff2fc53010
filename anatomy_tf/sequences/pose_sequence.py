"""3D poses of one person."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.sequences.resampling import interpolate_frames, resampled_times
from anatomy_tf.skeletons import Skeleton

Axes = Literal["camera", "world"]
"""``camera``: x right, y down, z forward. ``world``: z up."""


@dataclasses.dataclass(frozen=True)
class PoseSequence:
    """3D poses of one person, metres.

    Args:
        positions: (T, J, 3) metres.
        skeleton: names the J joints.
        fps: frames a second.
        axes: ``"camera"`` (x right, y down, z forward) or ``"world"`` (z up).
        root_relative: whether the root joint is the origin of every frame.
        bone_lengths: (b,) the person's bone lengths as estimated, metres; ``None`` where nothing
            estimated them.
        person: the track's identifier in its source.
        source: where it came from, for messages.
        spread: (T, J) metres that a joint may be off, relative to the root: from a calibrated model
            two of three joints with such a spread are no farther from the truth; from another, by
            how much estimates of the joint differ (``ClipLifter``). ``None`` where nobody asked.
        warnings: why to doubt the poses (``inference.quality``), a line each; files do not keep it.
        first_frame: the number of the first frame in the video, counted from 0.

    Raises:
        AnatomyError: saying what was expected and what came, for wrong shapes, an empty clip,
            non-finite numbers, unknown axes or a rate outside ``files.limits``.
    """

    positions: NDArray[np.float32]
    skeleton: Skeleton
    fps: float
    axes: Axes = "camera"
    root_relative: bool = True
    bone_lengths: NDArray[np.float32] | None = None
    person: str = "0"
    source: str = ""
    spread: NDArray[np.float32] | None = None
    warnings: tuple[str, ...] = ()
    first_frame: int = 0

    def __post_init__(self) -> None:
        where = self.source or "poses"
        positions = np.asarray(self.positions, np.float32)
        joints = self.skeleton.joint_count
        if positions.ndim != 3 or positions.shape[1:] != (joints, 3):
            raise AnatomyError(
                f"{where}: expected positions of shape (frames, {joints}, 3) for "
                f"{self.skeleton.name}, got {positions.shape}"
            )
        if len(positions) == 0:
            raise AnatomyError(f"{where}: expected at least one frame, got none")
        if not np.isfinite(positions).all():
            frame = int(np.argwhere(~np.isfinite(positions))[0][0])
            raise AnatomyError(f"{where}: a position of frame {frame} is NaN or infinite")
        FRAME_RATE.check(self.fps, where)
        if self.axes not in get_args(Axes):
            raise AnatomyError(f"{where}: expected axes 'camera' or 'world', got {self.axes!r}")
        object.__setattr__(self, "positions", positions)
        if self.bone_lengths is not None:
            lengths = np.asarray(self.bone_lengths, np.float32)
            if lengths.shape != (self.skeleton.bone_count,):
                raise AnatomyError(
                    f"{where}: expected {self.skeleton.bone_count} bone lengths, "
                    f"got shape {lengths.shape}"
                )
            if not np.isfinite(lengths).all():
                raise AnatomyError(f"{where}: a bone length is NaN or infinite")
            object.__setattr__(self, "bone_lengths", lengths)
        if self.spread is not None:
            spread = np.asarray(self.spread, np.float32)
            if spread.shape != positions.shape[:2]:
                raise AnatomyError(
                    f"{where}: expected spread of shape {positions.shape[:2]}, got {spread.shape}"
                )
            if not (np.isfinite(spread) & (spread >= 0)).all():
                raise AnatomyError(f"{where}: a spread is negative, NaN or infinite")
            object.__setattr__(self, "spread", spread)

    def __len__(self) -> int:
        return len(self.positions)

    def relative_to_root(self) -> PoseSequence:
        """The same poses with the root joint at the origin of every frame."""
        root = self.positions[:, self.skeleton.root, None]
        return dataclasses.replace(self, positions=self.positions - root, root_relative=True)

    def resampled(self, fps: float, frames: int | None = None) -> PoseSequence:
        """The same clip at another frame rate, by linear interpolation.

        Args:
            fps: the new rate.
            frames: how many frames to give; the last pose is held beyond the clip's end.

        Raises:
            AnatomyError: when the rate is outside ``files.limits``.
        """
        times = resampled_times(len(self), self.fps, fps, frames)
        return dataclasses.replace(
            self,
            positions=interpolate_frames(self.positions, times),
            spread=None if self.spread is None else interpolate_frames(self.spread, times),
            fps=fps,
            first_frame=round(self.first_frame * fps / self.fps),
        )
