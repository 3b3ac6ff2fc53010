"""Human3.6M's official files: 3D positions as CDF, cameras from metadata.xml.

A folder as the web site's archives unpack::

    metadata.xml
    S1/MyPoseFeatures/D3_Positions/Directions 1.cdf     30 files for each of S1 S5 S6 S7 S8 S9 S11
    data_2d_h36m_cpn_ft_h36m_dbb.npz                    for the variant cpn
    score.pkl                                           visibility of detections, optional

``D3_Positions`` has one variable ``Pose`` (1, T, 96): 32 joints in the world, millimetres, z up.
Detections are in the layout of VideoPose3D's archives: ``positions_2d`` is {subject: {clip: four
arrays (T, 17, 2) of pixels}}, the cameras in the order of ``CAMERAS``. Scores are {"S1_Directions
1.0": (T, 17)}, with the camera's index after the dot.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.cameras import Camera, normalize_screen
from anatomy_tf.data import View
from anatomy_tf.data.datasets.human36m_archives import JOINTS_OF_32
from anatomy_tf.data.datasets.projection_check import check_projection
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.files.plain_pickle import load_plain_pickle
from anatomy_tf.formats.motion.human36m_metadata import (
    CAMERAS,
    FPS,
    Human36mMetadata,
    canonical_clip,
    clip_action,
    load_human36m_metadata,
)
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf_datasets.recordings import Example, absent, view_example

SPLITS = {"train": ("S1", "S5", "S6", "S7", "S8"), "test": ("S9", "S11")}
"""The people of the paper's training and test set."""

VARIANTS = {
    "cpn": "data_2d_h36m_cpn_ft_h36m_dbb.npz",
    "detectron": "data_2d_h36m_detectron_ft_h36m.npz",
    "ground_truth": None,
}
"""The file of 2D keypoints by variant; ``None`` means exact projections of the 3D positions."""

SCORES = "score.pkl"
CORRUPT = (("S11", "Directions"),)
"""Clips that everyone leaves out: S11's second Directions is damaged in the original."""

FARTHEST = 0.2
"""Normalised screen units (100 pixels): half of a clip's detections are nearer, even of those whose
3D positions are known to be 20 cm off."""

FAR = 0.25
"""Share of the picture: a person's mean distance from the picture that only wrong cameras or axes
cause."""

_MOST_VALUES = 1 << 24
"""Most values in a clip: 96 times 170,000 frames; the longest clip has 6,000."""

_MOST_BYTES = 1 << 26
_MOST_COUNTED, _MOST_DIMENSIONS = 100, 4
"""Most attributes and block entries in a CDF, and dimensions of its variable, which has two."""

_COMPRESSED = "cccc0001"
"""Marks a CDF that is compressed as a whole."""

_INDEX = 6
"""The kind of a CDF's record that lists blocks of values."""


@dataclasses.dataclass(frozen=True)
class Human36mRecordings:
    """The files of one variant in a folder.

    Args:
        folder: the folder described above.
        variant: a key of ``VARIANTS``.
    """

    folder: Path
    variant: str
    skeleton = HUMAN36M_17

    @property
    def detections(self) -> Path | None:
        """The file of the 2D keypoints."""
        name = VARIANTS[self.variant]
        return None if name is None else self.folder / name

    @property
    def scores(self) -> Path | None:
        """The file of visibility scores, if it is there and there are detections."""
        path = self.folder / SCORES
        return path if self.detections is not None and path.is_file() else None

    def missing(self) -> list[str]:
        """Return a line for each missing file, see ``Recordings``."""
        needed = [self.folder / "metadata.xml"]
        if self.detections is not None:
            needed.append(self.detections)
        lines = [line for line in map(absent, needed) if line]
        if absent(self.folder / "metadata.xml"):
            return lines
        return lines + [
            line for clip in self.clips() for line in [absent(clip.positions_file)] if line
        ]

    def clips(self) -> list[Human36mClip]:
        """Return all clips, see ``Recordings``."""
        metadata = load_human36m_metadata(self.folder / "metadata.xml")
        return [
            Human36mClip(self.folder, subject, name, split, self.detections, self.scores)
            for split, subjects in SPLITS.items()
            for subject in subjects
            for name in metadata.clips[subject]
            if (subject, canonical_clip(name)) not in CORRUPT
        ]


@dataclasses.dataclass(frozen=True)
class Human36mClip:
    """One clip, seen by the four cameras.

    Args:
        folder: the data set's folder.
        subject: the person.
        name: the clip's name as its file has it.
        split: the split that the clip belongs to.
        detections: file of 2D keypoints, or ``None`` for projections.
        scores: file of visibility scores, if any.
    """

    folder: Path
    subject: str
    name: str
    split: str
    detections: Path | None
    scores: Path | None

    @property
    def key(self) -> str:
        """The clip's key, see ``RecordedClip``."""
        return f"{self.subject}/{canonical_clip(self.name)}"

    @property
    def positions_file(self) -> Path:
        """The CDF file."""
        return self.folder / self.subject / "MyPoseFeatures/D3_Positions" / f"{self.name}.cdf"

    @property
    def files(self) -> tuple[Path, ...]:
        """The clip's files, see ``RecordedClip``."""
        others = (self.folder / "metadata.xml", self.detections, self.scores)
        return (self.positions_file, *(path for path in others if path is not None))

    def examples(self) -> list[tuple[str, Example]]:
        """Return a key and an example for each camera, see ``RecordedClip``."""
        world = read_positions(self.positions_file)
        metadata = self.folder / "metadata.xml"
        cameras = _read_metadata(metadata, _stamp(metadata)).cameras[self.subject]
        views = [self._view(world, index, camera) for index, camera in enumerate(cameras)]
        check_projection(views, f"{self.detections}: {self.key}", FARTHEST)
        return [view_example(view) for view in views]

    def _view(self, world: NDArray[np.float64], index: int, camera: Camera) -> View:
        positions = camera.world_to_camera(world)
        exact = camera.project(positions)
        size = np.array([camera.width, camera.height])
        outside = np.maximum(np.maximum(-exact, exact - size), 0).mean(axis=(0, 1)) / size
        if (outside > FAR).any() or (positions[..., 2] <= 0).mean() > FAR:
            raise AnatomyError(
                f"{self.positions_file}: camera {camera.name} of metadata.xml does not have the "
                "person in its picture; axes or cameras are wrong"
            )
        pixels = exact if self.detections is None else self._detected(index, len(world))
        return View(
            keypoints=normalize_screen(pixels, camera.width, camera.height),
            visibility=self._visibility(index, len(world)),
            positions=positions,
            intrinsics=camera.normalized_intrinsics,
            skeleton=HUMAN36M_17,
            fps=FPS,
            subject=self.subject,
            action=clip_action(self.name),
            clip=canonical_clip(self.name),
            camera=CAMERAS[index],
            up=camera.up,
            aspect_ratio=camera.aspect_ratio,
        )

    def _detected(self, index: int, frames: int) -> NDArray[np.floating]:
        """Return keypoints (frames, 17, 2), pixels, cut off where the 3D positions end."""
        assert self.detections is not None
        where = f"{self.detections}: {self.key}, camera {CAMERAS[index]}"
        try:
            people = _read_detections(self.detections, _stamp(self.detections))
            given = people[self.subject][canonical_clip(self.name)][index]
        except (KeyError, IndexError, TypeError):
            raise AnatomyError(f"{where}: expected keypoints, got none") from None
        found = number_array(given, np.float32, where)
        joints = HUMAN36M_17.joint_count
        if found.ndim != 3 or found.shape[1] != joints or found.shape[2] < 2:
            raise AnatomyError(f"{where}: expected keypoints (T, {joints}, 2), got {found.shape}")
        if len(found) < frames:
            raise AnatomyError(
                f"{where}: expected the {frames} frames of the 3D positions, got {len(found)}"
            )
        pixels = found[:frames, :, :2]
        if not np.isfinite(pixels).all():
            raise AnatomyError(f"{where}: keypoints have a NaN or infinite number")
        return pixels

    def _visibility(self, index: int, frames: int) -> NDArray[np.float32]:
        """Return scores (frames, 17) in [0, 1]; a missing last frame repeats the one before."""
        joints = HUMAN36M_17.joint_count
        if self.scores is None:
            return np.ones((frames, joints), np.float32)
        key = f"{self.subject}_{canonical_clip(self.name)}.{index}"
        where = f"{self.scores}: {key}"
        table = _read_scores(self.scores, _stamp(self.scores))
        if key not in table:
            raise AnatomyError(f"{where}: expected scores, got none")
        found = number_array(table[key], np.float32, where)
        count = len(found) if found.ndim else 0
        if found.size != count * joints or count < max(frames - 1, 1):
            raise AnatomyError(
                f"{where}: expected scores of {frames} frames and {joints} joints, "
                f"got {found.shape}"
            )
        scores = found.reshape(count, joints)[:frames]
        if not np.isfinite(scores).all():
            raise AnatomyError(f"{where}: scores have a NaN or infinite number")
        repeated = np.concatenate([scores, np.repeat(scores[-1:], frames - len(scores), axis=0)])
        return np.clip(repeated, 0, 1)


def read_positions(path: Path) -> NDArray[np.float64]:
    """Return the world positions in a ``D3_Positions`` file.

    Returns:
        (T, 17, 3) metres, z up.

    Raises:
        AnatomyError: for a file that is missing, cut off, no CDF, or without such a ``Pose``.
    """
    import cdflib

    line = absent(path)
    if line:
        raise AnatomyError(line)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"more than {_MOST_BYTES} bytes")
        _check_header(path.read_bytes())
        file = cdflib.CDF(path)
        facts = file.varinq("Pose")
        values = math.prod(facts.Dim_Sizes)
        if facts.Last_Rec != 0 or not 0 < values <= _MOST_VALUES or facts.Num_Elements != 1:
            raise AnatomyError(
                f"{path}: expected one record of Pose, got {facts.Last_Rec + 1} of "
                f"{facts.Dim_Sizes} values"
            )
        pose = np.asarray(file.varget("Pose"))
    except AnatomyError:
        raise
    # A damaged CDF fails in a dozen ways deep in cdflib's records, struct and zlib.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise AnatomyError(f"{path}: not a readable CDF file ({reason})") from None
    if pose.dtype.kind != "f" or pose.ndim != 3 or pose.shape[0] != 1 or pose.shape[2] != 96:
        raise AnatomyError(
            f"{path}: expected Pose of shape (1, frames, 96), got {pose.shape} of {pose.dtype}"
        )
    positions = pose[0].reshape(-1, 32, 3)[:, JOINTS_OF_32].astype(np.float64) / 1000
    if len(positions) == 0:
        raise AnatomyError(f"{path}: expected at least one frame, got none")
    if not np.isfinite(positions).all():
        frame = int(np.argwhere(~np.isfinite(positions))[0][0])
        raise AnatomyError(f"{path}: a position of frame {frame} is NaN or infinite")
    return positions


def _check_header(content: bytes) -> None:
    """Raise ``ValueError`` for a CDF with more than one small variable, or beyond its file's end.

    cdflib reads as many variables, dimensions and blocks as a file states, even for hours. The
    numbers' places follow the CDF Internal Format Description, 3 and 2.

    Raises:
        ValueError: saying what is wrong.
    """
    wide = content[:4].hex() == "cdf30001"
    size, name = (8, 256) if wide else (4, 64)
    if content[4:8].hex() == _COMPRESSED:
        # Behind size, kind, place of the parameters, uncompressed size and a reserved number.
        packed = content[8 + 3 * size + 8 :]
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        content = content[:8] + inflater.decompress(packed, _MOST_BYTES)
        if inflater.unconsumed_tail:
            raise ValueError(f"more than {_MOST_BYTES} bytes uncompressed")

    def number(at: int, width: int = 4) -> int:
        return int.from_bytes(content[at : at + width], "big")

    # A record begins with its size and kind; the first one tells where the global one is.
    record = size + 4
    start = number(8 + record, size)
    if (end := number(start + record + 3 * size, size)) > len(content):
        raise ValueError(f"cut off: {len(content)} of {end} bytes")
    counts = start + record + 4 * size
    r_variables, attributes, _, r_dimensions, z_variables = (
        number(counts + 4 * place) for place in range(5)
    )
    if r_variables + z_variables != 1 or attributes > _MOST_COUNTED:
        raise ValueError(f"{r_variables + z_variables} variables and {attributes} attributes")
    variable = number(start + record + (size if z_variables else 0), size)
    # Next variable, type, records, two places of blocks, seven numbers, parameters, blocking, name.
    z_dimensions = number(variable + record + 4 * size + 40 + name) if z_variables else 0
    if max(r_dimensions, z_dimensions) > _MOST_DIMENSIONS:
        raise ValueError(f"{max(r_dimensions, z_dimensions)} dimensions")
    blocks = number(variable + record + size + 8, size)
    entries, used = (number(blocks + record + size + 4 * place) for place in range(2))
    more = number(blocks + record, size)
    # Behind both numbers first and last records of all entries, then their places.
    block = number(blocks + record + size + 8 + 8 * entries, size)
    if used != 1 or more or entries > _MOST_COUNTED or number(block + size) == _INDEX:
        raise ValueError("its values are not in one block")


def _stamp(path: Path) -> int:
    """Return a number that changes with the file, so that a changed file is read again."""
    return path.stat().st_mtime_ns


@functools.lru_cache(maxsize=1)
def _read_metadata(path: Path, stamp: int) -> Human36mMetadata:
    return load_human36m_metadata(path)


@functools.lru_cache(maxsize=1)
def _read_detections(path: Path, stamp: int) -> Mapping[str, Any]:
    found = read_npz(path, ("positions_2d",), objects=True).get("positions_2d")
    if not isinstance(found, dict):
        raise AnatomyError(f"{path}: expected positions_2d, a dict of people, got none")
    return found


@functools.lru_cache(maxsize=1)
def _read_scores(path: Path, stamp: int) -> Mapping[str, Any]:
    found = load_plain_pickle(path)
    if not isinstance(found, dict):
        raise AnatomyError(f"{path}: expected a dict of scores, got {type(found).__name__}")
    return found
