"""2D keypoints of one person in one video."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import normalize_screen
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.equal_fields import EqualFields
from anatomy_tf.files.limits import FRAME_RATE, IMAGE_SIDE, LEAST_SCORE, PIXEL
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.sequences.frame_arrays import (
    check_track,
    joint_array,
    make_notes_plain,
    make_plain,
    part_of_clip,
)
from anatomy_tf.sequences.gaps import fill_gaps
from anatomy_tf.sequences.labelled_arrays import KEYPOINT_ENDINGS, data_frame, data_set
from anatomy_tf.sequences.notebook_display import described, shown_html
from anatomy_tf.sequences.resampling import interpolate_frames, resampled_times, smooth_frames
from anatomy_tf.skeletons import Skeleton, get_skeleton, map_skeleton


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class KeypointSequence(EqualFields):
    """2D keypoints of one person in one video.

    Args:
        keypoints: (T, J, 2) pixels, x right and y down; NaN (or masked, in a masked array) where a
            joint was not detected.
        visibility: (T, J) scores in [0, 1]; 0 where a joint was not detected.
        skeleton: names the J joints.
        fps: frames a second.
        width: image width, pixels.
        height: image height, pixels.
        person: the track's identifier in its source.
        source: where it came from, for messages.
        first_frame: the number of the first frame in the video, counted from 0.
        warnings: reasons to doubt that this is one person, a line each; files do not keep them.

    Raises:
        AnatomyError: saying what was expected and what came, for wrong shapes, an empty clip, what
            is no number, scores outside [0, 1], a coordinate, rate or size outside
            ``files.limits``, or a clip without a single detected joint.
    """

    keypoints: NDArray[np.float32]
    visibility: NDArray[np.float32]
    skeleton: Skeleton
    fps: float
    width: int
    height: int
    person: str = "0"
    source: str = ""
    first_frame: int = 0
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = make_notes_plain(self, "keypoints")
        check_track(self.skeleton, self.person, self.first_frame, where)
        keypoints = joint_array(self.keypoints, self.skeleton, 2, "keypoints", where)
        visibility = number_array(self.visibility, np.float32, f"{where}: visibility")
        if visibility.shape != keypoints.shape[:2]:
            raise AnatomyError(
                f"{where}: expected visibility of shape {keypoints.shape[:2]}, "
                f"got {visibility.shape}"
            )
        PIXEL.check_each(keypoints, where)
        bad = np.argwhere(np.logical_not((visibility >= 0) & (visibility <= 1)))
        if len(bad):
            raise AnatomyError(
                f"{where}: expected visibility in [0, 1], got {visibility[tuple(bad[0])]} "
                f"in frame {bad[0][0]}"
            )
        FRAME_RATE.check(self.fps, where)
        for side in (self.width, self.height):
            IMAGE_SIDE.check(side, where)
            if side % 1:
                raise AnatomyError(f"{where}: expected an image size of whole pixels, got {side}")
        make_plain(self, "fps", "width", "height", "first_frame")
        missing = np.isnan(keypoints.sum(axis=-1))
        if missing.all():
            raise AnatomyError(f"{where}: no joint was detected in any frame")
        object.__setattr__(self, "keypoints", np.where(missing[..., None], np.nan, keypoints))
        object.__setattr__(self, "visibility", np.where(missing, np.float32(0), visibility))

    def __len__(self) -> int:
        return len(self.keypoints)

    def __repr__(self) -> str:
        return described(self, f"{self.width}x{self.height}")

    def _repr_html_(self) -> str:
        return shown_html(self)

    @property
    def duration(self) -> float:
        """Length of the clip in seconds."""
        return len(self) / self.fps

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(T,) whether any joint was detected in a frame."""
        return np.asarray(~np.isnan(self.keypoints[..., 0]).all(axis=1))

    @property
    def seen_span(self) -> tuple[int, int]:
        """The first and the last frame in which the person is seen; of all if that is never."""
        seen = np.flatnonzero(self.seen)
        return (int(seen[0]), int(seen[-1])) if len(seen) else (0, len(self) - 1)

    def mapped(self, skeleton: str | Skeleton) -> KeypointSequence:
        """Return the same clip in another layout, or the one of this name, mapped by joint names.

        Args:
            skeleton: the layout of the result.

        Raises:
            AnatomyError: for an unknown layout, or one with joints that no joints here can stand
                for.
        """
        skeleton = get_skeleton(skeleton)
        if skeleton == self.skeleton:
            return self
        mapping = map_skeleton(self.skeleton, skeleton)
        return dataclasses.replace(
            self,
            keypoints=mapping.points(self.keypoints),
            visibility=mapping.visibility(self.visibility),
            skeleton=skeleton,
        )

    def without(self, least: float) -> KeypointSequence:
        """Return the same clip with points below a score marked as not detected.

        Args:
            least: the lowest score of a point that is kept.

        Raises:
            AnatomyError: when no point is left, or the score is not from 0 to 1.
        """
        LEAST_SCORE.check(least, "least")
        lost = self.visibility < least
        if not (lost & ~np.isnan(self.keypoints[..., 0])).any():
            return self
        if lost.all():
            raise AnatomyError(
                f"{self.source or 'keypoints'}: person {self.person}: expected a joint with a "
                f"score of at least {least:g} in some frame, the highest is "
                f"{self.visibility.max():.2g}"
            )
        return dataclasses.replace(
            self,
            keypoints=np.where(lost[..., None], np.float32(np.nan), self.keypoints),
            visibility=np.where(lost, np.float32(0), self.visibility),
        )

    def filled(self) -> KeypointSequence:
        """Return the clip with gaps closed by linear interpolation in time.

        Visibility stays 0 in the gaps. Before a joint's first and after its last detection its
        nearest position is held. A joint that was never detected takes the mean of the frame's
        other joints.
        """
        lost = np.isnan(self.keypoints[..., 0])
        if not lost.any():
            return self
        keypoints = np.where(lost[..., None], np.float32(0), self.keypoints)
        keypoints = fill_gaps(keypoints[None], ~lost[None])[0]
        return dataclasses.replace(self, keypoints=keypoints)

    def resampled(self, fps: float) -> KeypointSequence:
        """Return the same clip at another frame rate, by linear interpolation.

        The first frame stays the first. Its number in the video, ``first_frame``, is rounded to the
        new rate, so that times in the video are off by up to half a frame of the new rate; those of
        a clip that begins with the video (frame 0) are exact. A joint is missing between two frames
        when one of them lacks it, so fill gaps first.

        Args:
            fps: the new rate, frames a second.

        Raises:
            AnatomyError: when the rate is outside ``files.limits``.
        """
        if fps == self.fps:
            return self
        times = resampled_times(len(self), self.fps, fps)
        return dataclasses.replace(
            self,
            keypoints=interpolate_frames(self.keypoints, times),
            visibility=interpolate_frames(self.visibility, times),
            fps=fps,
            first_frame=round(self.first_frame * fps / self.fps),
        )

    def between(self, first: int, last: int) -> KeypointSequence:
        """Return a part of the clip.

        Args:
            first: the first frame of the part; the clip's own first frame is 0.
            last: the last frame of the part, which is included.

        Raises:
            AnatomyError: when the clip does not have these frames, or no joint was detected there.
        """
        frames = part_of_clip(first, last, len(self), self.source or "keypoints")
        return dataclasses.replace(
            self,
            keypoints=self.keypoints[frames],
            visibility=self.visibility[frames],
            first_frame=self.first_frame + first,
        )

    def densified(self, every: int, frames: int) -> KeypointSequence:
        """Return the whole clip from every n-th frame, by cubic interpolation.

        A joint is missing between two frames when one of them lacks it. After the last frame its
        keypoints are held.

        Args:
            every: the n of n-th.
            frames: length of the whole clip.
        """
        if every == 1 and frames == len(self):
            return self
        times = np.arange(frames) / every
        return dataclasses.replace(
            self,
            keypoints=smooth_frames(self.keypoints, times),
            visibility=interpolate_frames(self.visibility, times),
            fps=self.fps * every,
            first_frame=self.first_frame * every,
        )

    def normalized(self) -> NDArray[np.float32]:
        """Return (T, J, 2) screen coordinates: x in [-1, 1], y scaled alike."""
        return normalize_screen(self.keypoints, self.width, self.height).astype(np.float32)

    @property
    def points(self) -> NDArray[np.float32]:
        """Keypoints and visibility in one array (T, J, 3): x, y, visibility."""
        return np.concatenate([self.keypoints, self.visibility[..., None]], axis=-1)

    def to_dataframe(self) -> Any:
        """Return a ``pandas.DataFrame`` with a row for each frame.

        Columns are ``person``, ``frame`` (its number in the video), ``time`` in seconds, ``seen``,
        and for each joint ``JOINT_x`` and ``JOINT_y`` in pixels, NaN where it was not detected, and
        ``JOINT_visibility``. ``pandas.concat`` joins several people.

        Raises:
            AnatomyError: saying what to install, when pandas is missing.
        """
        return data_frame(self, (KEYPOINT_ENDINGS, self.points))

    def to_xarray(self) -> Any:
        """Return an ``xarray.Dataset`` in the form of the package ``movement``'s "poses".

        ``position`` (time, space, keypoints, individuals) is in pixels, NaN where a joint was not
        detected, ``confidence`` (time, keypoints, individuals) the visibility, ``seen`` (time,
        individuals). ``xarray.concat(..., "individuals")`` joins several people.

        Raises:
            AnatomyError: saying what to install, when xarray is missing.
        """
        return data_set(
            self,
            ("x", "y"),
            self.keypoints,
            {"confidence": self.visibility},
            unit="pixels",
            width=self.width,
            height=self.height,
        )
