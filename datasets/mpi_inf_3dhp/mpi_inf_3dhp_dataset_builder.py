"""MPI-INF-3DHP as a TFDS data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import tensorflow_datasets as tfds

from anatomy_tf.skeletons import MPI_INF_3DHP_17, Skeleton
from anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader import (
    ACTIVITIES,
    CAMERAS,
    TEST,
    TRAINING,
    MpiInf3dhpRecordings,
)
from anatomy_tf_datasets.view_builder import VariantConfig, ViewBuilder, view_features


class Builder(ViewBuilder):
    """MPI-INF-3DHP: 8 people and 8 cameras to train on, 6 other people to test on."""

    BUILDER_CONFIGS = [  # noqa: RUF012 - TFDS reads a plain list of the class
        VariantConfig(
            name="universal",
            description="3D annotation scaled to one body size (univ_annot3), as papers use it.",
        ),
        VariantConfig(
            name="measured", description="3D annotation as measured (annot3), which projects."
        ),
    ]
    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES: ClassVar[dict[str, str]] = {
        "2.0.0": "Subject, action, camera and activity are class labels.",
        **ViewBuilder.RELEASE_NOTES,
    }
    HOMEPAGE = "https://vcai.mpi-inf.mpg.de/3dhp-dataset/"
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    MPI-INF-3DHP is for research; get it with the scripts at
    https://vcai.mpi-inf.mpg.de/3dhp-dataset/ and put into the folder: S1 to S8, each with Seq1 and
    Seq2 and in them annot.mat and camera.calibration, and TS1 to TS6 (or the folder
    mpi_inf_3dhp_test_set with them), each with annot_data.mat. Videos are not needed. `anatomy-tf
    data check mpi_inf_3dhp --dir FOLDER` names what is missing.
    """

    @classmethod
    def recordings(cls, folder: Path, variant: str) -> MpiInf3dhpRecordings:
        """Return the recordings in ``folder``, see ``ViewBuilder``."""
        return MpiInf3dhpRecordings(folder, variant)

    @classmethod
    def features(cls) -> dict[str, Any]:
        """Return the features of the examples, see ``ViewBuilder``."""
        people = sorted({subject for subject, _ in TRAINING})
        return view_features(
            MPI_INF_3DHP_17,
            classes={
                "subject": (*people, *TEST),
                "action": ("Seq1", "Seq2", *TEST),
                "camera": [str(camera) for camera in CAMERAS],
            },
            activity=tfds.features.Sequence(
                tfds.features.ClassLabel(names=list(ACTIVITIES)),
                doc="What the person of the test set does in each frame.",
            ),
        )

    @classmethod
    def skeleton(cls) -> Skeleton:
        """Return the skeleton of the examples, see ``ViewBuilder``."""
        return MPI_INF_3DHP_17
