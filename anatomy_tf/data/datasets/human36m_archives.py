"""Human3.6M from the archives that the lifting literature uses.

``data_3d_h36m.npz`` and ``data_2d_h36m_*.npz`` are those of VideoPose3D, ``score.pkl`` is that of
Anatomy3D. Their pickles are read through an allow-list. The cameras come from the data set's own
``metadata.xml`` or from ``camera-parameters.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera, normalize_screen
from anatomy_tf.data.datasets.projection_check import check_body_size, check_projection
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.files.plain_pickle import load_plain_pickle
from anatomy_tf.formats.camera_parameters import load_camera_parameters
from anatomy_tf.formats.motion.human36m_metadata import (
    CAMERAS,
    FPS,
    SUBJECTS,
    clip_action,
    load_human36m_metadata,
)
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, SkeletonMapping, map_skeleton

POSITIONS_FILE = "data_3d_h36m.npz"
SCORES_FILE = "score.pkl"

DETECTORS = {
    "ground_truth": "gt",
    "cpn": "cpn_ft_h36m_dbb",
    "detectron": "detectron_ft_h36m",
}
"""2D source to the end of its file name ``data_2d_h36m_*.npz``; other names stay as they are."""

JOINTS_OF_32 = (0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
"""Indices of the joints of ``HUMAN36M_17`` among the recordings' 32."""

_CAMERA_FILES: dict[str, Callable[[Path], Mapping[str, tuple[Camera, ...]]]] = {
    "metadata.xml": lambda path: load_human36m_metadata(path).cameras,
    "camera-parameters.json": load_camera_parameters,
}
_LAYOUTS = {"h36m": HUMAN36M_17, "coco": COCO_17}


def read_human36m(directory: Path, variant: str, subjects: Sequence[str]) -> list[View]:
    """Read the views of ``human36m/VARIANT``; a ``ViewReader`` of ``data.datasets.sources``.

    Args:
        directory: holds ``data_3d_h36m.npz``, ``data_2d_h36m_*.npz``, ``metadata.xml`` or
            ``camera-parameters.json``, and ``score.pkl`` if there is one for this 2D source.
        variant: a key of ``DETECTORS``, or the end of the 2D file's name.
        subjects: people to read.

    Raises:
        AnatomyError: naming the file that is missing or wrong.
    """
    keypoints = directory / f"data_2d_h36m_{DETECTORS.get(variant, variant)}.npz"
    if not keypoints.is_file():
        known = sorted(path.name for path in directory.glob("data_2d_h36m_*.npz"))
        raise AnatomyError(
            f"{keypoints}: no such file; {directory} has {', '.join(known) or 'no 2D keypoints'}"
        )
    cameras = next((path for name in _CAMERA_FILES if (path := directory / name).is_file()), None)
    if cameras is None:
        raise AnatomyError(
            f"{directory}: expected the cameras in {' or '.join(_CAMERA_FILES)}, got neither"
        )
    scores = directory / SCORES_FILE
    # Exact projections need no scores.
    scored = variant != "ground_truth" and scores.is_file()
    return load_human36m_archives(
        directory / POSITIONS_FILE, keypoints, cameras, scores if scored else None, subjects
    )


def load_human36m_archives(
    positions: str | Path,
    keypoints: str | Path,
    cameras: str | Path,
    scores: str | Path | None = None,
    subjects: Sequence[str] = SUBJECTS,
) -> list[View]:
    """Read the views of some people: each of their clips by the four cameras.

    It takes 17 of the 32 joints, turns world metres into each camera's frame, and pixels into
    screen coordinates by the image's width. 2D keypoints of more frames than the 3D are cut, since
    the videos have some extra frames. Keypoints in COCO's layout are mapped by joint names.

    Args:
        positions: ``data_3d_h36m.npz``.
        keypoints: a ``data_2d_h36m_*.npz``.
        cameras: ``metadata.xml`` or ``camera-parameters.json``.
        scores: ``score.pkl``; a missing last frame repeats the one before, and scores above 1
            count as 1. Without it all joints count as seen.
        subjects: of S1, S5, S6, S7, S8, S9, S11.

    Returns:
        Views by subject, clip and camera; ``action`` is the clip without its number.

    Raises:
        AnatomyError: in one line that names the file and the clip, for a missing or hostile file, a
            missing subject, clip or camera, a wrong shape, 2D or scores shorter than the 3D, a NaN,
            or 3D that the cameras do not project to the 2D.
    """
    positions, keypoints, cameras = Path(positions), Path(keypoints), Path(cameras)
    if cameras.name not in _CAMERA_FILES:
        raise AnatomyError(f"{cameras}: expected a file {' or '.join(_CAMERA_FILES)}")
    all_cameras = _CAMERA_FILES[cameras.name](cameras)
    unknown = [subject for subject in subjects if subject not in all_cameras]
    if unknown:
        raise AnatomyError(
            f"expected subjects of {', '.join(all_cameras)}, got {', '.join(unknown)}"
        )
    motions = _member(positions, "positions_3d")
    detections = _member(keypoints, "positions_2d")
    mapping = _mapping(keypoints)
    reliability = None if scores is None else _Scores(Path(scores))
    views = []
    for subject in subjects:
        clips = _entry(motions, subject, positions)
        found = _entry(detections, subject, keypoints)
        by_camera: dict[str, list[View]] = {name: [] for name in CAMERAS}
        for clip in clips:
            where = f"{subject}/{clip}"
            world = _array(clips[clip], 32, 3, f"{positions}: {where}")[:, JOINTS_OF_32]
            pixels = _entry(found, clip, keypoints, subject)
            if len(pixels) != len(CAMERAS):
                raise AnatomyError(
                    f"{keypoints}: {where}: expected {len(CAMERAS)} cameras, got {len(pixels)}"
                )
            for index, camera in enumerate(all_cameras[subject]):
                here = f"{keypoints}: {where}, camera {index}"
                seen = _array(pixels[index], 17, 2, here)[..., :2]
                if len(seen) < len(world):
                    raise AnatomyError(
                        f"{here}: expected {len(world)} frames as the 3D positions have, "
                        f"got {len(seen)}"
                    )
                visibility = (
                    np.ones((len(world), 17), np.float32)
                    if reliability is None
                    else reliability.of(f"{subject}_{clip}.{index}", len(world))
                )
                by_camera[camera.name].append(
                    _view(world, seen[: len(world)], visibility, mapping, camera, subject, clip)
                )
        for name, own in by_camera.items():
            if own:
                check_body_size(own, f"{positions}: {subject}")
                check_projection(own, f"{keypoints}: {subject}, camera {name}")
        views += [view for together in zip(*by_camera.values(), strict=True) for view in together]
    return views


def _view(
    world: NDArray[np.float32],
    pixels: NDArray[np.float32],
    visibility: NDArray[np.float32],
    mapping: SkeletonMapping | None,
    camera: Camera,
    subject: str,
    clip: str,
) -> View:
    """Return a camera's view of a clip.

    Args:
        world: (T, 17, 3) metres.
        pixels: (T, 17, 2) keypoints in the file's layout.
        visibility: (T, 17) their scores.
        mapping: from the file's layout; ``None`` if it is Human3.6M's.
        camera: of the data set.
        subject: the person.
        clip: the clip's name.
    """
    screen = normalize_screen(pixels, camera.width, camera.height)
    return View(
        keypoints=mapping.points(screen) if mapping else screen,
        visibility=mapping.visibility(visibility) if mapping else visibility,
        positions=camera.world_to_camera(world).astype(np.float32),
        intrinsics=camera.normalized_intrinsics.astype(np.float32),
        skeleton=HUMAN36M_17,
        fps=FPS,
        subject=subject,
        action=clip_action(clip),
        clip=clip,
        camera=camera.name,
        up=camera.up.astype(np.float32),
        aspect_ratio=camera.aspect_ratio,
    )


class _Scores:
    """Detection scores by ``SUBJECT_CLIP.CAMERA``, where the camera is its index."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table = load_plain_pickle(path)
        if not isinstance(self._table, dict):
            raise AnatomyError(
                f"{path}: expected a dict of scores, got {type(self._table).__name__}"
            )

    def of(self, key: str, frames: int) -> NDArray[np.float32]:
        """Return the scores (T, 17) of a clip, in [0, 1]."""
        where = f"{self._path}: {key!r}"
        if key not in self._table:
            raise AnatomyError(f"{where}: expected scores of this clip, got none")
        value = number_array(self._table[key], np.float32, where)
        if value.ndim < 1 or value.size != 17 * len(value):
            raise AnatomyError(f"{where}: expected scores (frames, 17, 1), got {value.shape}")
        scores = value.reshape(-1, 17)
        if len(scores) == frames - 1 > 0:
            scores = np.concatenate([scores, scores[-1:]])
        if len(scores) < frames:
            raise AnatomyError(f"{where}: expected {frames} frames or one less, got {len(scores)}")
        if not (np.isfinite(scores).all() and (scores >= 0).all()):
            raise AnatomyError(f"{where}: expected scores from 0 to 1, got {scores.min()}")
        return np.minimum(scores[:frames], 1)


def _member(path: Path, name: str) -> dict[str, Any]:
    """Return the pickled dict of this name."""
    value = read_npz(path, (name,), objects=True).get(name)
    if not isinstance(value, dict):
        came = "nothing of this name" if value is None else type(value).__name__
        raise AnatomyError(f"{path}: expected the dict {name!r}, got {came}")
    return value


def _mapping(path: Path) -> SkeletonMapping | None:
    """Return the mapping from a file's layout to Human3.6M's; ``None`` if they are the same."""
    metadata = read_npz(path, ("metadata",), objects=True).get("metadata")
    name = metadata.get("layout_name", "h36m") if isinstance(metadata, dict) else "h36m"
    if name not in _LAYOUTS:
        raise AnatomyError(
            f"{path}: expected keypoints in the layout {' or '.join(_LAYOUTS)}, got {name!r:.60}"
        )
    return None if _LAYOUTS[name] == HUMAN36M_17 else map_skeleton(_LAYOUTS[name], HUMAN36M_17)


def _entry(table: Any, key: str, path: Path, *owners: str) -> Any:
    where = "/".join((*owners, key))
    if not isinstance(table, dict) or key not in table:
        raise AnatomyError(f"{path}: expected {where}, which is not there")
    value = table[key]
    if not isinstance(value, dict | list | tuple | np.ndarray):
        raise AnatomyError(f"{path}: {where}: expected arrays, got {type(value).__name__}")
    return value


def _array(value: Any, joints: int, axes: int, where: str) -> NDArray[np.float32]:
    """Return an array (T, joints, axes) of finite numbers; keypoints may have a third, a score."""
    array: NDArray[Any] = value if isinstance(value, np.ndarray) else np.empty(0)
    allowed = (2, 3) if axes == 2 else (3,)
    if (
        array.ndim != 3
        or array.shape[1] != joints
        or array.shape[2] not in allowed
        or array.dtype.kind not in "fiu"
    ):
        raise AnatomyError(
            f"{where}: expected an array (frames, {joints}, {axes}), "
            f"got {array.shape if isinstance(value, np.ndarray) else type(value).__name__}"
        )
    if len(array) == 0:
        raise AnatomyError(f"{where}: expected at least one frame, got none")
    if not np.isfinite(array).all():
        frame = int(np.argwhere(~np.isfinite(array))[0][0])
        raise AnatomyError(f"{where}: frame {frame} has a NaN or infinite number")
    return array.astype(np.float32, copy=False)
