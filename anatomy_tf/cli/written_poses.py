"""Options of pose files, and what is said of one that was written."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.options import arg

if TYPE_CHECKING:
    from rich.console import Console

    from anatomy_tf.formats import WrittenPoses
    from anatomy_tf.sequences import PoseSequence


@dataclasses.dataclass(frozen=True)
class FileOptions:
    """Options of writing a file of poses.

    Args:
        unit: m, cm or mm; for .bvh and .trc (m by default) and .c3d (mm).
        names: name the bones of a .bvh or .glb as mixamo, unreal, vrm or rigify do.
        seen_only: leave out the frames in which nobody was seen. From .bvh, .trc, .c3d and .glb,
            which need a pose for every frame, only those before the first and after the last seen
            one are left out.
    """

    unit: Annotated[str | None, arg(metavar="UNIT")] = None
    names: Annotated[str | None, arg(metavar="RIG")] = None
    seen_only: tyro.conf.FlagCreatePairsOff[bool] = False

    def check(self, path: Path) -> Path:
        """Return the path, when poses can be written there; call this before the long work.

        Raises:
            AnatomyError: see ``check_pose_output``.
        """
        from anatomy_tf.formats.poses.registry import check_pose_output

        return check_pose_output(path, unit=self.unit, names=self.names)

    def save(self, path: Path, poses: Sequence[PoseSequence]) -> list[WrittenPoses]:
        """Write poses as the options ask for.

        Raises:
            AnatomyError: see ``save_poses``.
        """
        from anatomy_tf.formats import save_poses

        return save_poses(path, poses, unit=self.unit, names=self.names, seen_only=self.seen_only)


def print_written(console: Console, files: Sequence[WrittenPoses], *, constant: bool) -> None:
    """Print where the poses are, and how far a file's joints lie from them.

    Args:
        console: where to.
        files: of ``save_poses``.
        constant: whether the lifter made the poses' bones keep their lengths.
    """
    for file in files:
        console.print(f"Poses in {file.path}", soft_wrap=True)
    mean = 1000 * sum(file.mean_distance for file in files) / len(files)
    largest = 1000 * max(file.largest_distance for file in files)
    if mean >= 0.1:
        advice = "" if constant else ": the file's bones have constant lengths (see lift --rigid)"
        console.print(
            f"The file's joints are {mean:.1f} mm from the poses on average, {largest:.1f} mm at "
            f"most{advice}",
            soft_wrap=True,
        )
