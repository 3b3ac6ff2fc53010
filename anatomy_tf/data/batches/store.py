"""The store of a data set's frames in a few flat arrays."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import flip_points, flip_visibility
from anatomy_tf.anatomy.flip import flip_vectors
from anatomy_tf.cameras import flip_intrinsics
from anatomy_tf.data.views.view import (
    View,
    check_frame_values,
    checked_directions,
    unknown_direction,
)
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.files.npz_archive import INTEGER, NUMBER, TEXT, TRUTH, read_checked_npz
from anatomy_tf.formats.poses.pose_json import read_skeleton
from anatomy_tf.sequences.notebook_display import frames_and_joints
from anatomy_tf.skeletons import Skeleton

_FRAME_ARRAYS = ("keypoints", "visibility", "positions", "root", "up")
_SEQUENCE_ARRAYS = ("intrinsics", "aspect_ratios")
_NAMES = ("subjects", "actions", "clips", "cameras")
_ARRAYS = {
    "keypoints": (NUMBER, "(frames, joints, 2)"),
    "visibility": (NUMBER, "(frames, joints)"),
    "positions": (NUMBER, "(frames, joints, 3)"),
    "root": (NUMBER, "(frames, 3)"),
    "up": (NUMBER, "(frames, 3)"),
    "offsets": (INTEGER, "(offsets,)"),
    "intrinsics": (NUMBER, "(sequences, 9)"),
    "aspect_ratios": (NUMBER, "(sequences,)"),
    **dict.fromkeys(_NAMES, (TEXT, "(sequences,)")),
    "valid": (TRUTH, "(frames,)"),
    "activities": (INTEGER, "(frames,)"),
    "skeleton": (TEXT, "()"),
    "fps": (NUMBER, "()"),
}
"""Kinds of ``dtype`` and shape of each array in a file."""

# A store need not have the first two; files that were saved before the others were known lack them.
_OPTIONAL = {"valid", "activities", "up", "aspect_ratios"}


def _unknown_ratio() -> NDArray[np.float32]:
    return np.array(np.nan, np.float32)


@dataclasses.dataclass(frozen=True, eq=False)
class SequenceStore:
    """Sequences (one camera's view of one clip each) laid end to end in flat float32 arrays.

    Sequence ``i`` has the frames ``offsets[i]:offsets[i + 1]`` of every frame array, so that a
    batch of frames of any sequences is one gather.

    Args:
        skeleton: names the J joints of all sequences.
        fps: frames a second of all sequences.
        keypoints: (N, J, 2) normalised screen coordinates of all N frames.
        visibility: (N, J) scores in [0, 1].
        positions: (N, J, 3) metres, camera axes, relative to the root; the root is exactly 0.
        root: (N, 3) the root's trajectory in the camera's frame, metres.
        offsets: (S + 1,) index of the first frame of each of the S sequences, and N.
        intrinsics: (S, 9) fx, fy, cx, cy, k1, k2, k3, p1, p2 for normalised screen coordinates.
        subjects: S names of persons.
        actions: S names of actions.
        clips: S names of clips.
        cameras: S names of cameras.
        valid: (N,) whether a frame has a true pose; ``None`` when all have. A model sees the other
            frames, but their positions are neither trained on nor scored.
        activities: (N,) each frame's activity, see ``View``; ``None`` when unknown.
        up: (N, 3), or (3,) for all frames: the unit vector against gravity in the camera's axes;
            NaN where it is unknown.
        aspect_ratios: (S,), or one number for all sequences: the picture's width divided by its
            height; NaN where it is unknown.

    Raises:
        AnatomyError: when there is no sequence, or shapes disagree, or a number is not finite, or a
            sequence has no valid frame, or the rate is outside ``files.limits``.
    """

    skeleton: Skeleton
    fps: float
    keypoints: NDArray[np.float32]
    visibility: NDArray[np.float32]
    positions: NDArray[np.float32]
    root: NDArray[np.float32]
    offsets: NDArray[np.int64]
    intrinsics: NDArray[np.float32]
    subjects: tuple[str, ...]
    actions: tuple[str, ...]
    clips: tuple[str, ...]
    cameras: tuple[str, ...]
    valid: NDArray[np.bool_] | None = None
    activities: NDArray[np.uint8] | None = None
    up: NDArray[np.float32] = dataclasses.field(default_factory=unknown_direction)
    aspect_ratios: NDArray[np.float32] = dataclasses.field(default_factory=_unknown_ratio)

    def __post_init__(self) -> None:
        if len(self.offsets) < 2:
            raise AnatomyError("sequence store: expected at least one sequence, got none")
        if self.offsets[0] != 0 or (np.diff(self.offsets) < 1).any():
            raise AnatomyError("sequence store: every sequence needs at least one frame")
        FRAME_RATE.check(self.fps, "sequence store")
        frames, joints = self.frame_count, self.skeleton.joint_count
        expected = {
            "keypoints": (frames, joints, 2),
            "visibility": (frames, joints),
            "positions": (frames, joints, 3),
            "root": (frames, 3),
            "intrinsics": (len(self), 9),
        }
        for field, shape in expected.items():
            value = getattr(self, field)
            if value.shape != shape:
                raise AnatomyError(f"sequence store: expected {field} {shape}, got {value.shape}")
            if not np.isfinite(value).all():
                raise AnatomyError(f"sequence store: {field} has a NaN or infinite number")
        for field in _NAMES:
            count = len(getattr(self, field))
            if count != len(self):
                raise AnatomyError(f"sequence store: expected {len(self)} {field}, got {count}")
        if self.valid is not None:
            check_frame_values("valid", self.valid, np.bool_, frames, "sequence store")
            if not np.logical_or.reduceat(self.valid, self.offsets[:-1]).all():
                raise AnatomyError("sequence store: every sequence needs at least one valid frame")
        if self.activities is not None:
            check_frame_values("activities", self.activities, np.uint8, frames, "sequence store")
        up = checked_directions(self.up, frames, "sequence store")
        object.__setattr__(self, "up", np.broadcast_to(up, (frames, 3)))
        ratios: NDArray[np.float32] = np.asarray(self.aspect_ratios, np.float32)
        if ratios.shape not in ((), (len(self),)):
            raise AnatomyError(
                f"sequence store: expected aspect_ratios ({len(self)},), got {ratios.shape}"
            )
        if (np.isinf(ratios) | (ratios <= 0)).any():
            raise AnatomyError("sequence store: expected positive aspect_ratios, or NaN")
        object.__setattr__(self, "aspect_ratios", np.broadcast_to(ratios, (len(self),)))

    def __repr__(self) -> str:
        return (
            f"SequenceStore({len(self)} sequences of {len(set(self.subjects))} people, "
            f"{frames_and_joints(self.frame_count, self.fps, self.skeleton)})"
        )

    @classmethod
    def from_views(cls, views: Sequence[View]) -> SequenceStore:
        """Return the store of some views, in their order.

        Raises:
            AnatomyError: when there is none, or they differ in skeleton or frame rate.
        """
        if not views:
            raise AnatomyError("sequence store: expected at least one view, got none")
        skeleton, fps = views[0].skeleton, views[0].fps
        for view in views:
            where = f"sequence store: view {view.subject}/{view.clip}/{view.camera}"
            if view.skeleton != skeleton:
                raise AnatomyError(
                    f"{where}: expected skeleton {skeleton.name!r} as the first view's, "
                    f"got {view.skeleton.name!r}"
                )
            if view.fps != fps:
                raise AnatomyError(
                    f"{where}: expected {fps:g} fps as the first view's, "
                    f"got {view.fps:g}; resample it first"
                )
        absolute = np.concatenate([view.positions for view in views])
        root = absolute[:, skeleton.root].copy()
        lengths = [len(view.positions) for view in views]
        return cls(
            skeleton=skeleton,
            fps=float(fps),
            keypoints=np.concatenate([view.keypoints for view in views]),
            visibility=np.concatenate([view.visibility for view in views]),
            positions=absolute - root[:, None],
            root=root,
            offsets=_offsets(lengths),
            intrinsics=np.stack([view.intrinsics for view in views]),
            subjects=tuple(view.subject for view in views),
            actions=tuple(view.action for view in views),
            clips=tuple(view.clip for view in views),
            cameras=tuple(view.camera for view in views),
            valid=_joined([view.valid for view in views], lengths, np.True_),
            activities=_joined([view.activity for view in views], lengths, np.uint8(0)),
            up=np.concatenate(
                [np.broadcast_to(view.up, view.positions[:, 0].shape) for view in views]
            ),
            aspect_ratios=np.array([view.aspect_ratio for view in views], np.float32),
        )

    def __len__(self) -> int:
        """Return S, the number of sequences."""
        return len(self.offsets) - 1

    @property
    def frame_count(self) -> int:
        """N, the number of frames of all sequences together."""
        return int(self.offsets[-1])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(S,) frames of each sequence."""
        return np.diff(self.offsets)

    @functools.cached_property
    def slices(self) -> tuple[slice, ...]:
        """S slices of the frame arrays: the frames of each sequence."""
        return tuple(slice(*ends) for ends in itertools.pairwise(self.offsets.tolist()))

    def sequence(self, index: int) -> View:
        """Return sequence ``index`` as a view, with absolute positions."""
        if not 0 <= index < len(self):
            raise AnatomyError(f"sequence store: no sequence {index}; it has {len(self)}")
        frames = slice(self.offsets[index], self.offsets[index + 1])
        return View(
            keypoints=self.keypoints[frames],
            visibility=self.visibility[frames],
            positions=self.positions[frames] + self.root[frames, None],
            intrinsics=self.intrinsics[index],
            skeleton=self.skeleton,
            fps=self.fps,
            subject=self.subjects[index],
            action=self.actions[index],
            clip=self.clips[index],
            camera=self.cameras[index],
            valid=None if self.valid is None else self.valid[frames],
            activity=None if self.activities is None else self.activities[frames],
            up=self.up[frames],
            aspect_ratio=float(self.aspect_ratios[index]),
        )

    def select(
        self, subjects: Collection[str] | None = None, actions: Collection[str] | None = None
    ) -> SequenceStore:
        """Return a store of the sequences with one of these subjects and one of these actions.

        Raises:
            AnatomyError: when a name is unknown or no sequence is left.
        """
        kept = np.ones(len(self), bool)
        for field, wanted in (("subjects", subjects), ("actions", actions)):
            if wanted is None:
                continue
            wanted = {wanted} if isinstance(wanted, str) else set(wanted)
            known = getattr(self, field)
            unknown = sorted(map(str, wanted - set(known)))
            if unknown:
                raise AnatomyError(
                    f"sequence store: unknown {field} {', '.join(unknown)}; "
                    f"it has {', '.join(sorted(set(known)))}"
                )
            kept &= [name in wanted for name in known]
        if not kept.any():
            raise AnatomyError("sequence store: no sequence has these subjects and actions")
        frames = np.repeat(kept, self.lengths)
        changed: dict[str, Any] = {f: getattr(self, f)[frames] for f in _FRAME_ARRAYS}
        changed |= {f: getattr(self, f)[kept] for f in _SEQUENCE_ARRAYS}
        changed |= {f: tuple(itertools.compress(getattr(self, f), kept)) for f in _NAMES}
        return dataclasses.replace(
            self,
            offsets=_offsets(self.lengths[kept]),
            valid=None if self.valid is None else self.valid[frames],
            activities=None if self.activities is None else self.activities[frames],
            **changed,
        )

    def mirrored(self) -> SequenceStore:
        """Return a store of the mirror image of every sequence.

        x changes its sign, left and right joints are exchanged, and the cameras' intrinsics and the
        up direction follow, so that the mirrored positions still project to the mirrored keypoints.

        Raises:
            AnatomyError: when the root has a side: its mirror image would be another joint.
        """
        if self.skeleton.flip_order[self.skeleton.root] != self.skeleton.root:
            root = self.skeleton.joint_names[self.skeleton.root]
            raise AnatomyError(
                f"skeleton {self.skeleton.name!r}: a mirror image needs a root on the body's "
                f"middle line, got {root!r}"
            )
        return dataclasses.replace(
            self,
            keypoints=flip_points(self.keypoints, self.skeleton),
            visibility=flip_visibility(self.visibility, self.skeleton),
            positions=flip_points(self.positions, self.skeleton),
            root=flip_vectors(self.root),
            up=flip_vectors(self.up),
            intrinsics=flip_intrinsics(self.intrinsics).astype(np.float32),
        )

    def joined(self, other: SequenceStore) -> SequenceStore:
        """Return a store of the sequences of both stores, these first.

        Raises:
            AnatomyError: when skeletons or frame rates differ.
        """
        if other.skeleton != self.skeleton or other.fps != self.fps:
            raise AnatomyError(
                f"sequence store: cannot join {self.skeleton.name!r} at {self.fps:g} fps "
                f"with {other.skeleton.name!r} at {other.fps:g} fps"
            )
        changed: dict[str, Any] = {
            field: np.concatenate([getattr(self, field), getattr(other, field)])
            for field in (*_FRAME_ARRAYS, *_SEQUENCE_ARRAYS)
        }
        changed |= {f: getattr(self, f) + getattr(other, f) for f in _NAMES}
        lengths = np.concatenate([self.lengths, other.lengths])
        counts = [self.frame_count, other.frame_count]
        changed["valid"] = _joined([self.valid, other.valid], counts, np.True_)
        changed["activities"] = _joined([self.activities, other.activities], counts, np.uint8(0))
        return dataclasses.replace(self, offsets=_offsets(lengths), **changed)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the store to an npz file (no pickle), completely or not at all.

        Raises:
            AnatomyError: when the file cannot be written.
        """
        arrays: dict[str, Any] = {
            field: getattr(self, field) for field in (*_FRAME_ARRAYS, *_SEQUENCE_ARRAYS, "offsets")
        }
        arrays |= {field: np.array(getattr(self, field), dtype=np.str_) for field in _NAMES}
        arrays["skeleton"] = np.array(json.dumps(self.skeleton.to_dict()))
        arrays["fps"] = np.float64(self.fps)
        if self.valid is not None:
            arrays["valid"] = self.valid
        if self.activities is not None:
            arrays["activities"] = self.activities
        with atomic_file(Path(path)) as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SequenceStore:
        """Return the store that ``save`` wrote.

        Files from before stores had ``up`` and ``aspect_ratios`` are read, too.

        Raises:
            AnatomyError: when the file is missing, is no store, or holds pickled objects.
        """
        path = Path(path)
        if not path.is_file():
            raise AnatomyError(f"{path}: no such sequence store")
        arrays = read_checked_npz(
            path, _ARRAYS, [name for name in _ARRAYS if name not in _OPTIONAL]
        )
        with reading(path, "sequence store"):
            skeleton = json.loads(str(arrays.pop("skeleton")))
        values: dict[str, Any] = {
            field: tuple(array.tolist()) if field in _NAMES else array
            for field, array in arrays.items()
        }
        for field in (*_FRAME_ARRAYS, *_SEQUENCE_ARRAYS):
            if field in values:
                values[field] = values[field].astype(np.float32, copy=False)
        values |= {"offsets": values["offsets"].astype(np.int64), "fps": float(values["fps"])}
        tree = read_skeleton(skeleton, path)
        try:
            return cls(skeleton=tree, **values)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None


def _offsets(lengths: Any) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _joined(
    parts: Sequence[NDArray[Any] | None], lengths: Sequence[int], otherwise: np.generic
) -> NDArray[Any] | None:
    """Concatenate parts, with ``otherwise`` for a part of ``None``; ``None`` if all are."""
    if all(part is None for part in parts):
        return None
    return np.concatenate(
        [
            np.full(length, otherwise) if part is None else part
            for part, length in zip(parts, lengths, strict=True)
        ]
    )
