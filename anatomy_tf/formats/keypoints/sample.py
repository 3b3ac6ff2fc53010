"""The keypoints that come with the package."""

from __future__ import annotations

import importlib.resources
from pathlib import Path


def sample_keypoints() -> Path:
    """The file of OpenPose's keypoints of a person balancing: 100 frames, for ``load_keypoints``.

    From the Pose2Sim project, BSD 3-Clause; the licence lies beside it.
    """
    samples = Path(str(importlib.resources.files("anatomy_tf_datasets"))) / "samples"
    return samples / "balancing/keypoints.npz"
