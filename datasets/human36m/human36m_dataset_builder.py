"""Human3.6M as a TFDS data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from anatomy_tf.formats.motion.human36m_metadata import ACTIONS, CAMERAS, SUBJECTS
from anatomy_tf.skeletons import HUMAN36M_17, Skeleton
from anatomy_tf_datasets.human36m.human36m_reader import Human36mRecordings
from anatomy_tf_datasets.view_builder import VariantConfig, ViewBuilder, view_features


class Builder(ViewBuilder):
    """Human3.6M: 7 people, 15 actions, 4 cameras, 50 frames a second."""

    BUILDER_CONFIGS = [  # noqa: RUF012 - TFDS reads a plain list of the class
        VariantConfig(
            name="cpn", description="2D keypoints of CPN fine-tuned on Human3.6M, with scores."
        ),
        VariantConfig(
            name="detectron", description="2D keypoints of Mask R-CNN fine-tuned on Human3.6M."
        ),
        VariantConfig(name="ground_truth", description="Exact 2D projections, all visible."),
    ]
    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {
        "2.0.0": "Subject, action and camera are class labels.",
        **ViewBuilder.RELEASE_NOTES,
    }
    HOMEPAGE = "http://vision.imar.ro/human3.6m/"
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Human3.6M is licensed; register at http://vision.imar.ro/human3.6m/ and put into the folder:
    S1, S5, S6, S7, S8, S9 and S11 with their MyPoseFeatures/D3_Positions/*.cdf (from "Poses ->
    D3 Positions" of each subject), metadata.xml (from the site's code archive), and for cpn or
    detectron data_2d_h36m_cpn_ft_h36m_dbb.npz or data_2d_h36m_detectron_ft_h36m.npz of
    VideoPose3D; score.pkl beside it gives visibility. `anatomy-tf data check human36m/cpn --dir
    FOLDER` names what is missing.
    """

    @classmethod
    def recordings(cls, folder: Path, variant: str) -> Human36mRecordings:
        """Return the recordings in ``folder``, see ``ViewBuilder``."""
        return Human36mRecordings(folder, variant)

    @classmethod
    def features(cls) -> dict[str, Any]:
        """Return the features of the examples, see ``ViewBuilder``."""
        classes = {"subject": SUBJECTS, "action": ACTIONS, "camera": CAMERAS}
        return view_features(HUMAN36M_17, classes)

    @classmethod
    def skeleton(cls) -> Skeleton:
        """Return the skeleton of the examples, see ``ViewBuilder``."""
        return HUMAN36M_17
