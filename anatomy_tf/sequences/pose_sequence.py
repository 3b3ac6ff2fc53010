"""3D poses of one person."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.limits import FRAME_RATE, POSITION
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.sequences.frame_arrays import (
    POSE_ARRAYS,
    check_track,
    joint_array,
    make_notes_plain,
    make_plain,
    part_of_clip,
)
from anatomy_tf.sequences.gaps import fill_frames
from anatomy_tf.sequences.labelled_arrays import data_frame, data_set
from anatomy_tf.sequences.notebook_display import described, shown_html
from anatomy_tf.sequences.resampling import resample_frames, resampled_times
from anatomy_tf.skeletons import Skeleton

Axes = Literal["camera", "world"]
"""``camera``: x right, y down, z forward. ``world``: z up."""

ROOT_ERROR = 1e-3
"""Metres by which the root of root-relative poses may be off the origin: files hold millimetres."""


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class PoseSequence(EqualFields):
    """3D poses of one person, metres.

    Args:
        positions: (T, J, 3) metres. A frame in which nobody is seen may be NaN, also in ``spread``;
            it is interpolated between the frames before and after it.
        skeleton: names the J joints.
        fps: frames a second.
        axes: ``"camera"`` (x right, y down, z forward) or ``"world"`` (z up).
        root_relative: whether the root joint is the origin of every frame. Where it is not, as the
            numbers show, the poses are not root-relative, and a warning says so.
        bone_lengths: (b,) the person's estimated bone lengths, metres; ``None`` if they were not
            estimated.
        person: the track's identifier in its source.
        source: where it came from, for messages.
        spread: (T, J) metres by which a joint may be off, relative to the root. From a calibrated
            model, the true joint is within this distance in two of three cases; from another, it is
            the difference between estimates of the joint (``ClipLifter``). ``None`` if it was not
            asked for.
        up: (3,) unit vector against gravity in the poses' axes; ``None`` if it is unknown. In world
            axes it is z.
        camera: the camera that took the video; the poses' axes are its world. ``None`` if it is
            unknown, and for root-relative poses, which have no fixed place in front of a camera.
        warnings: reasons to doubt the poses (``poses.quality``), a line each; files do not keep
            them.
        seen: (T,) whether anything of the person was found in a frame; poses of other frames are
            guesses. ``True`` stands for every frame.
        first_frame: the number of the first frame in the video, counted from 0.

    Raises:
        AnatomyError: saying what was expected and what came, for wrong shapes or types, an empty
            clip, non-finite numbers, unknown axes, an up of no length or a rate outside
            ``files.limits``.
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
    up: NDArray[np.float64] | None = None
    camera: Camera | None = None
    warnings: tuple[str, ...] = ()
    seen: NDArray[np.bool_] = True  # type: ignore[assignment]
    first_frame: int = 0

    def __post_init__(self) -> None:
        where, skeleton = make_notes_plain(self, "poses"), self.skeleton
        check_track(skeleton, self.person, self.first_frame, where)
        positions = joint_array(self.positions, skeleton, 3, "positions", where)
        seen = _checked_seen(self.seen, len(positions), where)
        checked: dict[str, Any] = {
            "seen": seen,
            "positions": _checked_positions(positions, seen, where),
        }
        FRAME_RATE.check(self.fps, where)
        make_plain(self, "fps", "first_frame")
        if self.axes not in get_args(Axes):
            raise AnatomyError(f"{where}: expected axes 'camera' or 'world', got {self.axes!r}")
        if self.bone_lengths is not None:
            checked["bone_lengths"] = _checked_lengths(self.bone_lengths, skeleton, where)
        if self.spread is not None:
            checked["spread"] = _checked_spread(self.spread, seen, skeleton.joint_count, where)
        if self.up is not None:
            checked["up"] = _checked_up(self.up, where)
        if not isinstance(self.camera, Camera | None):
            raise AnatomyError(f"{where}: expected a Camera, got {self.camera!r:.40}")
        if self.root_relative and (off := _off_origin(checked["positions"], skeleton)):
            checked |= {"root_relative": False, "warnings": (*self.warnings, off)}
        elif self.camera is not None and self.root_relative:
            raise AnatomyError(f"{where}: root-relative poses have no camera")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.positions)

    def __repr__(self) -> str:
        return described(self, f"{'root-relative, ' if self.root_relative else ''}{self.axes} axes")

    def _repr_html_(self) -> str:
        return shown_html(self)

    @property
    def root(self) -> NDArray[np.float32] | None:
        """(T, 3) metres, the root joint's path; ``None`` for root-relative poses."""
        return None if self.root_relative else self.positions[:, self.skeleton.root]

    @property
    def seen_frames(self) -> NDArray[np.intp]:
        """(n,) the frames in which the person is seen; all frames if the person never is."""
        return np.flatnonzero(self.seen if self.seen.any() else np.ones(len(self), bool))

    def relative_to_root(self) -> PoseSequence:
        """Return the same poses with the root joint at the origin of every frame."""
        root = self.positions[:, self.skeleton.root, None]
        return dataclasses.replace(
            self, positions=self.positions - root, root_relative=True, camera=None
        )

    def resampled(self, fps: float, frames: int | None = None) -> PoseSequence:
        """Return the same clip at another frame rate, by linear interpolation.

        The first pose stays the first. Its number in the video, ``first_frame``, is rounded to the
        new rate, so that times in the video are off by up to half a frame of the new rate; those of
        a clip that begins with the video (frame 0) are exact. A person is seen between two frames
        when seen in both.

        Args:
            fps: the new rate, frames a second.
            frames: how many frames to return; the last pose is held beyond the clip's end.

        Raises:
            AnatomyError: when the rate is outside ``files.limits``.
        """
        times = resampled_times(len(self), self.fps, fps, frames)
        arrays = self.frame_arrays()
        for name, values in arrays.items():
            arrays[name] = resample_frames(values, times)
        first = round(self.first_frame * fps / self.fps)
        return dataclasses.replace(self, **arrays, fps=fps, first_frame=first)

    def between(self, first: int, last: int) -> PoseSequence:
        """Return a part of the clip.

        Args:
            first: the first frame of the part; the clip's own first frame is 0.
            last: the last frame of the part, which is included.

        Raises:
            AnatomyError: when the clip does not have these frames.
        """
        frames = part_of_clip(first, last, len(self), self.source or "poses")
        arrays = {name: values[frames] for name, values in self.frame_arrays().items()}
        return dataclasses.replace(self, **arrays, first_frame=self.first_frame + first)

    def frame_arrays(self, *, seen_only: bool = False) -> dict[str, Any]:
        """Return the arrays of ``POSE_ARRAYS`` that these poses have, by name.

        Args:
            seen_only: replace the numbers of frames that are not seen by NaN.
        """
        arrays = {}
        for name, array in POSE_ARRAYS.items():
            values = getattr(self, name)
            if values is None:
                continue
            if seen_only and not array.truth:
                values = np.array(values)
                values[~self.seen] = np.nan
            arrays[name] = values
        return arrays

    def to_dataframe(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each frame.

        Columns are those of our CSV files: ``person``, ``frame`` (its number in the video),
        ``time`` in seconds, ``seen``, and for each joint ``JOINT_x``, ``JOINT_y`` and ``JOINT_z``
        in metres, with ``JOINT_spread`` where it is known. ``pandas.concat`` joins several people.

        Raises:
            AnatomyError: saying what to install, when pandas is missing.
        """
        spread = [] if self.spread is None else [(("spread",), self.spread)]
        return data_frame(self, ("xyz", self.positions), *spread)

    def to_xarray(self) -> Any:
        """Return an ``xarray.Dataset`` in the form of the package ``movement``'s "poses".

        ``position`` (time, space, keypoints, individuals) is in metres, ``seen`` (time,
        individuals), ``spread`` (time, keypoints, individuals) metres where it is known;
        ``confidence``, which ``movement`` asks for, is NaN. ``xarray.concat(..., "individuals")``
        joins several people.

        Raises:
            AnatomyError: saying what to install, when xarray is missing.
        """
        by_joint = {} if self.spread is None else {"spread": self.spread}
        return data_set(
            self,
            ("x", "y", "z"),
            self.positions,
            by_joint,
            unit="metres",
            axes=self.axes,
            root_relative=int(self.root_relative),
        )


def _known(values: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (T,) false where a frame is not seen and all NaN; all true if that left none."""
    known = seen | ~np.isnan(values).reshape(len(values), -1).all(axis=1)
    return known if known.any() else ~known


def _checked_seen(values: Any, frames: int, where: str) -> NDArray[np.bool_]:
    """Return whether the person is seen in each frame, (T,)."""
    # A copy, so that whoever changes the given array does not change the sequence.
    seen = np.array(values)
    # Where all frames are seen, a part of the clip is, too: replace(positions=positions[:9]).
    if seen.dtype == np.bool_ and seen.all():
        return np.ones(frames, np.bool_)
    if seen.dtype != np.bool_ or seen.shape != (frames,):
        raise AnatomyError(
            f"{where}: expected seen as {frames} truth values, got {seen.dtype} of shape "
            f"{seen.shape}"
        )
    return seen


def _checked_positions(
    positions: NDArray[np.float32], seen: NDArray[np.bool_], where: str
) -> NDArray[np.float32]:
    """Return positions (T, J, 3) without gaps."""
    known = _known(positions, seen)
    wrong = np.flatnonzero(known & ~np.isfinite(positions).all(axis=(1, 2)))
    if len(wrong):
        raise AnatomyError(f"{where}: a position of frame {wrong[0]} is NaN or infinite")
    if known.any():
        POSITION.check(float(positions[known].max()), where)
        POSITION.check(float(positions[known].min()), where)
    return fill_frames(positions, known)


def _off_origin(positions: NDArray[np.float32], skeleton: Skeleton) -> str | None:
    """Return a warning where the root of root-relative poses is not the origin."""
    off = float(np.linalg.norm(positions[:, skeleton.root], axis=-1).max())
    if off <= ROOT_ERROR:
        return None
    return (
        f"stated to be relative to the root, but {skeleton.joint_names[skeleton.root]} is up to "
        f"{off:.3g} m from the origin; the positions are taken as places in space"
    )


def _checked_lengths(values: Any, skeleton: Skeleton, where: str) -> NDArray[np.float32]:
    """Return bone lengths (b,)."""
    lengths = number_array(values, np.float32, f"{where}: bone lengths")
    if lengths.shape != (skeleton.bone_count,):
        raise AnatomyError(
            f"{where}: expected {skeleton.bone_count} bone lengths, got shape {lengths.shape}"
        )
    if not np.isfinite(lengths).all():
        raise AnatomyError(f"{where}: a bone length is NaN or infinite")
    return lengths


def _checked_spread(
    values: Any, seen: NDArray[np.bool_], joints: int, where: str
) -> NDArray[np.float32]:
    """Return the spread (T, J) without gaps."""
    spread = number_array(values, np.float32, f"{where}: spread")
    if spread.shape != (len(seen), joints):
        raise AnatomyError(
            f"{where}: expected spread of shape {(len(seen), joints)}, got {spread.shape}"
        )
    known = _known(spread, seen)
    if not (np.isfinite(spread) & (spread >= 0))[known].all():
        raise AnatomyError(f"{where}: a spread is negative, NaN or infinite")
    return fill_frames(spread, known)


def _checked_up(values: Any, where: str) -> NDArray[np.float64]:
    """Return the up direction (3,) as a unit vector."""
    up = number_array(values, np.float64, f"{where}: up")
    length = np.linalg.norm(up)
    if up.shape != (3,) or not (np.isfinite(length) and length > 0):
        raise AnatomyError(f"{where}: expected up as a direction (x, y, z), got {values}")
    return up / length
