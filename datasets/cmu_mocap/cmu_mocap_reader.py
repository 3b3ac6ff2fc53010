"""The CMU motion capture database's ASF and AMC files, seen by virtual cameras.

A folder with skeletons and the motions beside them, at any depth::

    subjects/07/07.asf
    subjects/07/07_05.amc       the person's number, the clip's number

Motions are on ``HUMAN36M_17`` at 50 frames a second; four random cameras look at each.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import cast

from anatomy_tf.data import MotionClip, render_views
from anatomy_tf.data.views.rendering import Detections
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats.motion.asf_amc import load_asf_amc
from anatomy_tf.skeletons import CMU_31, HUMAN36M_17, map_skeleton
from anatomy_tf_datasets.recordings import Example, absent, view_example

VARIANTS = ("simulated", "ground_truth")
"""The kinds of 2D keypoints: as a detector finds them, or exact projections."""

SPLITS = {
    "test": ("cmu_02", "cmu_09", "cmu_35", "cmu_49", "cmu_86"),
    "validation": ("cmu_08", "cmu_127"),
}
"""People who are not trained on, as in ``experiments/motion_capture``; ``train`` has all others."""

RECORDED_FPS, FPS = 120.0, 50.0
CAMERAS_PER_CLIP = 4
ACTION = "motion"
"""The action of every clip, since the files do not name actions."""


@dataclasses.dataclass(frozen=True)
class CmuRecordings:
    """The files in a folder, for one variant.

    Args:
        folder: the folder described above.
        variant: one of ``VARIANTS``.
    """

    folder: Path
    variant: str
    skeleton = HUMAN36M_17

    def missing(self) -> list[str]:
        """Return a line for each missing file, see ``Recordings``."""
        if not self.folder.is_dir():
            return [f"{self.folder}: expected a folder"]
        clips = self.clips()
        if not clips:
            return [f"{self.folder}: expected skeletons (07.asf) and motions (07_05.amc), got none"]
        lines = [line for clip in clips for line in map(absent, clip.files) if line]
        return list(dict.fromkeys(lines))

    def clips(self) -> list[CmuClip]:
        """Return all clips, see ``Recordings``."""
        found = []
        for path in sorted(self.folder.rglob("*.amc")):
            match = re.fullmatch(r"(\d+)_(\d+)", path.stem)
            if match is None:
                raise AnatomyError(f"{path}: expected a name such as 07_05.amc")
            found.append(CmuClip(path, f"cmu_{match[1]}", self.variant))
        for name, count in Counter(clip.key for clip in found).items():
            if count > 1:
                raise AnatomyError(f"{self.folder}: the motion {name} is there twice")
        return found


@dataclasses.dataclass(frozen=True)
class CmuClip:
    """A motion, seen by virtual cameras.

    Args:
        path: its AMC file; the person's ASF file lies beside it.
        subject: the person, such as ``cmu_07``.
        variant: one of ``VARIANTS``.
    """

    path: Path
    subject: str
    variant: str

    @property
    def key(self) -> str:
        """The clip's key, see ``RecordedClip``."""
        return f"{self.subject}/{self.path.stem}"

    @property
    def split(self) -> str:
        """The clip's split, see ``RecordedClip``."""
        return next((name for name, people in SPLITS.items() if self.subject in people), "train")

    @property
    def files(self) -> tuple[Path, ...]:
        """The clip's files, see ``RecordedClip``."""
        return self.path, self.path.with_name(f"{self.subject.removeprefix('cmu_')}.asf")

    def examples(self) -> list[tuple[str, Example]]:
        """Return a key and an example for each camera, see ``RecordedClip``."""
        motion, body = self.files
        for file in (body, motion):
            line = absent(file)
            if line:
                raise AnatomyError(line)
        poses = load_asf_amc(body, motion, fps=RECORDED_FPS)
        if poses.skeleton is not CMU_31:
            raise AnatomyError(f"{body}: expected the bones of the CMU database, got others")
        clip = MotionClip(
            map_skeleton(CMU_31, HUMAN36M_17).points(poses.resampled(FPS).positions),
            HUMAN36M_17,
            FPS,
            subject=self.subject,
            action=ACTION,
            name=self.path.stem,
        )
        views = render_views(
            [clip],
            cameras_per_clip=CAMERAS_PER_CLIP,
            detections=cast(Detections, self.variant),
        )
        return [view_example(view) for view in views]
