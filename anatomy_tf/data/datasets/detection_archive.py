"""Archives of real detections with true positions, to evaluate on (docs/evaluation.md)."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera
from anatomy_tf.data.views.detected_clip import DetectedClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.formats.keypoints.reading.detections import detected_points
from anatomy_tf.formats.keypoints.reading.scores import scored
from anatomy_tf.poses import floor_up, still_feet
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import Skeleton, get_skeleton, skeleton_names

FARTHEST = 0.05
"""Largest accepted median distance of projected positions from their keypoints, as a share of the
picture's larger side: several times a usable detector's error."""

_REQUIRED = ("joint_names", "image_size", "fps")
_CLIP = re.compile(r"keypoints_(\d+)")


def load_detection_archive(path: str | Path) -> list[DetectedClip]:
    """Read an archive of detections by one or more cameras, with true positions.

    Scores above 1 are heights of a confidence map's peak and count as 1; a score of 0 or NaN means
    that the joint was not found. Without ``up``, up is the normal of the floor under still feet,
    where there are enough of them.

    Args:
        path: npz file with

            - ``keypoints_0``, ``keypoints_1``, ...: one clip each, (cameras, frames, J, 3) x, y in
              pixels and score;
            - ``points_0``, ``points_1``, ...: (frames, K, 3) in the world, or (cameras, frames, K,
              3) in each camera's axes (x right, y down, z forward); NaN where unknown;
            - ``joint_names`` (J,), this package's names, in the order of a layout that it knows;
              for another layout ``parents`` (J,) too;
            - ``image_size`` (2,) or (cameras, 2), width and height; ``fps``, one number;

            and, where they are known,

            - ``point_names`` (K,); by default ``joint_names``;
            - ``R`` (cameras, 3, 3), world to camera axes, or ``R_0``, ``R_1``, ... (cameras,
              frames, 3, 3) of cameras that move; required for points in the world;
            - ``t`` (cameras, 3), ``camera = R @ world + t``; ``focal_length`` (cameras,) or
              (cameras, 2) and ``centre`` (cameras, 2) in pixels, by default the picture's middle;
            - ``up`` (3,) in the world, or (cameras, 3) with points in the cameras' axes;
            - ``unit_is_convention``: false where points are metres. It is true by default: cameras
              that were found from the detections have no unit, so the scores take out one scale for
              each clip;
            - ``clip_names``, ``subjects``, ``actions`` (clips,); ``camera_names`` (cameras,).

    Returns:
        One ``DetectedClip`` for each clip and camera, cameras of one clip in a row.

    Raises:
        AnatomyError: in one line that names the file: a missing array, a wrong shape, an unknown
            layout, or positions that the cameras do not project to the keypoints.
    """
    path = Path(path)
    arrays = read_npz(path)
    numbers = sorted(int(found[1]) for name in arrays if (found := _CLIP.fullmatch(name)))
    missing = [name for name in _REQUIRED if name not in arrays]
    missing += [f"points_{n}" for n in numbers if f"points_{n}" not in arrays]
    if not numbers or numbers != list(range(len(numbers))):
        missing.append(f"keypoints_{next(n for n in range(len(numbers) + 1) if n not in numbers)}")
    if missing:
        raise AnatomyError(
            f"{path}: no archive of detections with positions, lacks {', '.join(missing)}"
        )
    archive = _Archive(path, arrays, len(numbers))
    return [clip for number in numbers for clip in archive.clips(number)]


@dataclasses.dataclass(frozen=True)
class _Archive:
    path: Path
    arrays: dict[str, Any]
    count: int

    def clips(self, number: int) -> list[DetectedClip]:
        keypoints, points = self._floats(f"keypoints_{number}"), self._floats(f"points_{number}")
        skeleton = self._skeleton()
        names = self._names("point_names" if "point_names" in self.arrays else "joint_names")
        if keypoints.ndim != 4 or keypoints.shape[2:] != (skeleton.joint_count, 3):
            raise AnatomyError(
                f"{self.path}: expected keypoints_{number} of shape (cameras, frames, "
                f"{skeleton.joint_count}, 3), got {keypoints.shape}"
            )
        cameras, frames = keypoints.shape[:2]
        in_world = points.ndim == 3
        if points.shape not in (
            (frames, len(names), 3),
            (cameras, frames, len(names), 3),
        ):
            raise AnatomyError(
                f"{self.path}: expected points_{number} of shape ({frames}, {len(names)}, 3) in "
                f"the world or ({cameras}, {frames}, {len(names)}, 3) in the cameras' axes, "
                f"got {points.shape}"
            )
        rotation = self._rotations(number, (cameras, frames), in_world)
        up = self._up(cameras, in_world, names)
        people, actions = self._texts("subjects", "0"), self._texts("actions", "")
        clip_names = self._texts("clip_names")
        camera_names = self._texts("camera_names", count=cameras)
        found = []
        for camera in range(cameras):
            where = f"{self.path}: clip {clip_names[number]}, camera {camera_names[camera]}"
            seen = self._sequence(keypoints[camera], skeleton, camera, cameras, where)
            own = points if in_world else points[camera]
            if rotation.ndim == 3:
                lens = self._lens(camera, cameras, rotation[camera], in_world)
                if lens is not None:
                    _check_projection(lens, seen, own, names, where)
            found.append(
                DetectedClip(
                    seen,
                    own.astype(np.float32),
                    names,
                    rotation[camera],
                    None if up is None else up[camera],
                    metric=not self._unit_is_convention(),
                    subject=people[number],
                    action=actions[number],
                    clip=clip_names[number],
                    camera=camera_names[camera],
                )
            )
        return found

    def _sequence(
        self,
        keypoints: NDArray[np.float64],
        skeleton: Skeleton,
        camera: int,
        cameras: int,
        where: str,
    ) -> KeypointSequence:
        points = detected_points(keypoints[..., :2], keypoints[..., 2], where)
        found = scored(points, where, [f"frame {frame}" for frame in range(len(points))])
        width, height = self._per_camera("image_size", cameras, 2)[camera]
        return KeypointSequence(
            found[..., :2],
            found[..., 2],
            skeleton,
            float(self._shaped("fps", ())),
            int(width),
            int(height),
            source=where,
        )

    def _skeleton(self) -> Skeleton:
        names = self._names("joint_names")
        for known in map(get_skeleton, skeleton_names()):
            if known.joint_names == names:
                return known
        if "parents" not in self.arrays:
            raise AnatomyError(
                f"{self.path}: joint_names are those of no known layout "
                f"({', '.join(skeleton_names())}) in its order; give their parents too"
            )
        parents = self._shaped("parents", (len(names),)).astype(int)
        try:
            return Skeleton(self.path.stem, names, tuple(parents.tolist()))
        except AnatomyError as error:
            raise AnatomyError(f"{self.path}: {error}") from None

    def _unit_is_convention(self) -> bool:
        flag = np.asarray(self.arrays.get("unit_is_convention", True))
        if flag.shape != () or flag.dtype != bool:
            raise AnatomyError(f"{self.path}: expected unit_is_convention of true or false")
        return bool(flag)

    def _rotations(
        self, number: int, cameras_and_frames: tuple[int, int], in_world: bool
    ) -> NDArray[np.float64]:
        """Return the rotations (cameras, 3, 3), or (cameras, frames, 3, 3) of moving cameras."""
        cameras, _ = cameras_and_frames
        if not in_world:
            return np.broadcast_to(np.eye(3), (cameras, 3, 3))
        if f"R_{number}" in self.arrays:
            return self._shaped(f"R_{number}", (*cameras_and_frames, 3, 3))
        if "R" not in self.arrays:
            raise AnatomyError(
                f"{self.path}: expected R (cameras, 3, 3) or R_{number} (cameras, frames, 3, 3) "
                "for points in the world"
            )
        return self._shaped("R", (cameras, 3, 3))

    def _up(
        self, cameras: int, in_world: bool, names: tuple[str, ...]
    ) -> NDArray[np.float64] | None:
        """Return the up directions (cameras, 3); ``None`` where they are unknown."""
        if "up" in self.arrays:
            return np.broadcast_to(
                self._shaped("up", (3,) if in_world else (cameras, 3)), (cameras, 3)
            )
        if not in_world:
            return None
        up = self._floor_up(names)
        return None if up is None else np.broadcast_to(up, (cameras, 3))

    def _floor_up(self, names: tuple[str, ...]) -> NDArray[np.float64] | None:
        """Return the up direction (3,) of the world that all clips share, from still feet."""
        feet = [names.index(name) for name in names if name.endswith("_ankle")]
        shoulders = [names.index(name) for name in names if name.endswith("_shoulder")]
        if not (feet and shoulders):
            return None
        fps = float(self._shaped("fps", ()))
        clips = [self._floats(f"points_{number}") for number in range(self.count)]
        clips = [points for points in clips if points.ndim == 3]
        standing = [points[:, feet][still_feet(points[:, feet], fps)] for points in clips]
        above = np.concatenate([points[:, shoulders].reshape(-1, 3) for points in clips])
        known = ~np.isnan(above).any(axis=-1)
        return (
            floor_up(np.concatenate(standing), above[known].mean(axis=0)) if known.any() else None
        )

    def _lens(
        self, camera: int, cameras: int, rotation: NDArray[np.float64], in_world: bool
    ) -> Camera | None:
        """Return the camera; ``None`` where its place or its lens is unknown."""
        if "focal_length" not in self.arrays or (in_world and "t" not in self.arrays):
            return None
        place = self._shaped("t", (cameras, 3))[camera] if in_world else np.zeros(3)
        width, height = self._per_camera("image_size", cameras, 2)[camera]
        centre = np.array([width, height]) / 2
        if "centre" in self.arrays:
            centre = self._shaped("centre", (cameras, 2))[camera]
        return Camera(
            rotation,
            -rotation.T @ place,
            self._per_camera("focal_length", cameras, 2)[camera],
            centre,
            int(width),
            int(height),
            name=f"{self.path}: {camera}",
        )

    def _floats(self, name: str) -> NDArray[np.float64]:
        try:
            return np.asarray(self.arrays[name], np.float64)
        except (ValueError, TypeError):
            raise AnatomyError(f"{self.path}: expected numbers in {name}") from None

    def _shaped(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
        values = self._floats(name)
        if values.shape != shape or not np.isfinite(values).all():
            count = " x ".join(map(str, shape))
            wanted = f"{count} finite numbers" if shape else "one finite number"
            raise AnatomyError(
                f"{self.path}: expected {name} of {wanted}, got shape {values.shape}"
            )
        return values

    def _per_camera(self, name: str, cameras: int, size: int) -> NDArray[np.float64]:
        """Return an array as (cameras, size), which may state one value for all cameras or axes."""
        values = self._floats(name)
        if name == "focal_length" and values.shape == (cameras,):
            values = np.repeat(values[:, None], size, axis=1)
        elif name == "image_size" and values.shape == (size,):
            values = np.broadcast_to(values, (cameras, size))
        if values.shape != (cameras, size) or not (np.isfinite(values) & (values > 0)).all():
            raise AnatomyError(
                f"{self.path}: expected {name} of {cameras} x {size} positive numbers, "
                f"got shape {values.shape}"
            )
        return values

    def _names(self, name: str) -> tuple[str, ...]:
        names = self.arrays[name]
        if names.ndim != 1:
            raise AnatomyError(f"{self.path}: expected a list of {name}, got shape {names.shape}")
        return tuple(map(str, names))

    def _texts(self, name: str, default: str | None = None, count: int | None = None) -> list[str]:
        """Return ``count`` texts (one a clip if ``None``), else ``default``, else numbers."""
        count = self.count if count is None else count
        if name not in self.arrays:
            return [str(number) if default is None else default for number in range(count)]
        texts = [str(text) for text in np.atleast_1d(self.arrays[name])]
        if len(texts) != count:
            raise AnatomyError(f"{self.path}: expected {count} {name}, got {len(texts)}")
        return texts


def _check_projection(
    lens: Camera,
    seen: KeypointSequence,
    points: NDArray[np.float64],
    names: tuple[str, ...],
    where: str,
) -> None:
    shared = [name for name in names if name in seen.skeleton.joint_names]
    projected = lens.project(lens.world_to_camera(points[:, [names.index(n) for n in shared]]))
    off = projected - seen.keypoints[:, [seen.skeleton.index(n) for n in shared]]
    distance = np.linalg.norm(off, axis=-1)
    known = distance[~np.isnan(distance)]
    share = float(np.median(known)) / max(seen.width, seen.height) if len(known) else 0.0
    if share > FARTHEST:
        raise AnatomyError(
            f"{where}: the points are projected {share:.0%} of the picture's larger side from the "
            f"keypoints (median), expected at most {FARTHEST:.0%}: cameras, units, or the order of "
            "axes, joints or cameras differ"
        )
