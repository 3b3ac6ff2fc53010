"""The CMU motion capture database as a TFDS data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anatomy_tf.skeletons import HUMAN36M_17, Skeleton
from anatomy_tf_datasets.cmu_mocap.cmu_mocap_reader import CmuRecordings
from anatomy_tf_datasets.view_builder import VariantConfig, ViewBuilder, view_features


class Builder(ViewBuilder):
    """CMU motion capture, each clip seen by four virtual cameras, 50 frames a second."""

    BUILDER_CONFIGS = [  # noqa: RUF012 - TFDS reads a plain list of the class
        VariantConfig(
            name="simulated",
            description="2D keypoints as a detector finds them: noise, misses, scores.",
        ),
        VariantConfig(name="ground_truth", description="Exact 2D projections, all visible."),
    ]
    HOMEPAGE = "http://mocap.cs.cmu.edu/"
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    The database is free for all uses, but not to be resold: unpack allasfamc.zip of
    http://mocap.cs.cmu.edu/ into the folder, or any of its people: NN.asf and NN_MM.amc side by
    side, at any depth. `anatomy-tf data check cmu_mocap --dir FOLDER` names what is missing.
    """

    @classmethod
    def recordings(cls, folder: Path, variant: str) -> CmuRecordings:
        """Return the recordings in ``folder``, see ``ViewBuilder``."""
        return CmuRecordings(folder, variant)

    @classmethod
    def features(cls) -> dict[str, Any]:
        """Return the features of the examples, see ``ViewBuilder``."""
        return view_features(HUMAN36M_17)

    @classmethod
    def skeleton(cls) -> Skeleton:
        """Return the skeleton of the examples, see ``ViewBuilder``."""
        return HUMAN36M_17
