"""Measure time and memory of loading a data set of Human3.6M's size after its preparation.

    python benchmarks/load_data.py [--share 0.1] [--folder FOLDER]

Makes a TFDS data set like ``human36m/cpn``: seven people, 30 clips each, four cameras, 1.6 million
frames (``--share`` makes shorter clips), written once to FOLDER. Then loads the training and the
test split in a new process and prints seconds and the process's largest memory, of which
TensorFlow alone takes some 0.5 GB.
"""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np

from anatomy_tf.data import View
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf_datasets.recordings import Example, view_example

PEOPLE = {"S1": "train", "S5": "train", "S6": "train", "S7": "train", "S8": "train"} | {
    "S9": "test",
    "S11": "test",
}
CLIPS, CAMERAS, FRAMES = 30, 4, 1_600_000

LOADING = """
import re, sys, time
start = time.perf_counter()
from anatomy_tf.data import load
stores = [load("human36m/cpn", sys.argv[1], split) for split in ("train", "test")]
seconds = time.perf_counter() - start
frames = sum(store.frame_count for store in stores)
# Linux's; getrusage's is at least that of the parent.
memory = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 2**20
print(f"{frames:,} frames, {sum(map(len, stores))} sequences: {seconds:.1f} s, {memory:.2f} GB")
"""


@dataclasses.dataclass(frozen=True)
class Noise:
    """A clip of noise, as a ``RecordedClip``."""

    subject: str
    number: int
    frames: int
    files = ()

    @property
    def key(self) -> str:
        """The clip's unique key."""
        return f"{self.subject}/{self.number}"

    @property
    def split(self) -> str:
        """The person's split."""
        return PEOPLE[self.subject]

    def examples(self) -> list[tuple[str, Example]]:
        """Return examples from four cameras."""
        rng = np.random.default_rng([int(self.subject[1:]), self.number])
        joints = HUMAN36M_17.joint_count
        views = (
            View(
                keypoints=rng.uniform(-1, 1, (self.frames, joints, 2)),
                visibility=rng.random((self.frames, joints)),
                positions=rng.normal(0, 1, (self.frames, joints, 3)),
                intrinsics=np.ones(9),
                skeleton=HUMAN36M_17,
                fps=50,
                subject=self.subject,
                action=f"Action{self.number // 2}",
                clip=f"Clip {self.number}",
                camera=str(camera),
            )
            for camera in range(CAMERAS)
        )
        return [view_example(view) for view in views]


@dataclasses.dataclass(frozen=True)
class NoiseRecordings:
    """All clips of noise, as ``Recordings``."""

    frames: int

    def missing(self) -> list[str]:
        """Return no missing file."""
        return []

    def clips(self) -> list[Noise]:
        """Return the clips of each person."""
        return [Noise(who, number, self.frames) for who in PEOPLE for number in range(CLIPS)]


def write(folder: Path, share: float) -> None:
    """Write the data set unless it is there."""
    if (folder / "human36m/cpn/1.0.0/dataset_info.json").is_file():
        return
    import tensorflow_datasets as tfds

    from anatomy_tf_datasets.human36m.human36m_dataset_builder import Builder

    noise = NoiseRecordings(round(share * FRAMES / (len(PEOPLE) * CLIPS * CAMERAS)))
    tfds.disable_progress_bar()
    options = tfds.download.DownloadConfig(
        manual_dir=folder, compute_stats=tfds.download.ComputeStatsMode.SKIP
    )
    with mock.patch.object(Builder, "recordings", return_value=noise):
        Builder(config="cpn", data_dir=folder).download_and_prepare(download_config=options)


def main() -> None:
    """Write the data set, then measure in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of 1.6 million frames")
    parser.add_argument("--folder", type=Path, default=Path("runs/load_data"))
    options = parser.parse_args()
    folder = options.folder / f"{options.share:g}"
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, options.share)
    subprocess.run([sys.executable, "-c", LOADING, str(folder)], check=True)


if __name__ == "__main__":
    main()
