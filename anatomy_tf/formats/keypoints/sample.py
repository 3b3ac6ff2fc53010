"""The keypoints that come with the package."""

from __future__ import annotations

import importlib.resources
from pathlib import Path


def sample_keypoints() -> Path:
    """Return the file of OpenPose's keypoints of a person balancing, for ``load_keypoints``.

    It has 100 frames and is from the Pose2Sim project, BSD 3-Clause; the licence is beside it.
    """
    samples = Path(str(importlib.resources.files("anatomy_tf_datasets"))) / "samples"
    return samples / "balancing/keypoints.npz"
