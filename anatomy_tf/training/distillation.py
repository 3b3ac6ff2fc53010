"""Training a small model on the estimates of a large one, mixed with the truth."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from anatomy_tf.anatomy import bone_directions, bone_lengths, forward_kinematics
from anatomy_tf.anatomy.bones import unit
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import CheckedFields, Share
from anatomy_tf.inference.data_set_estimates import store_estimates
from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.training.config import DataSource, load_validation


@dataclasses.dataclass(frozen=True)
class DistilledData(CheckedFields):
    """A data source whose training poses lie between the true ones and a teacher's estimates.

    It is for ``TrainingConfig(data=...)``. Each true bone direction is replaced by a direction
    between it and the one that the teacher estimates from the same keypoints, with flip averaging,
    so that the student need not learn what cannot be seen. Bone lengths stay the true ones. The
    poses to validate and test on stay as they are.

    Args:
        data: the data source.
        teacher: a shipped model's name or the path of a model file.
        teacher_share: 0 keeps the truth, 1 takes the teacher's directions.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    data: DataSource
    teacher: str | Path
    teacher_share: Share = 0.5

    @property
    def name(self) -> str:
        """The data set's name, which decides the protocol of the evaluation."""
        return str(getattr(self.data, "name", ""))

    @property
    def detections(self) -> Any:
        """The source of the 2D keypoints, for a report."""
        return getattr(self.data, "detections", "")

    @property
    def version(self) -> str:
        """The version of the data, for a report."""
        return str(getattr(self.data, "version", "not stated"))

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """Return the sequences to train on, with changed poses, and those to validate on.

        Raises:
            AnatomyError: as the data source, or when the teacher has another layout or frame rate.
        """
        train, validation = self.data.load()
        return self._distilled(train), validation

    def load_validation(self) -> SequenceStore:
        """Return the sequences to validate on, which need no teacher."""
        return load_validation(self.data)

    def load_test(self) -> SequenceStore:
        """Return the test people's sequences.

        Raises:
            AnatomyError: when the data source has none.
        """
        load_test = getattr(self.data, "load_test", None)
        if load_test is None:
            raise AnatomyError(f"{type(self.data).__name__} has no test people")
        return load_test()

    def _distilled(self, store: SequenceStore) -> SequenceStore:
        lifter, skeleton = Lifter.load(self.teacher), store.skeleton
        positions = np.empty_like(store.positions)
        # Clip by clip, since the directions of a whole data set would fill the memory.
        estimates = track(
            store_estimates(lifter, store), f"estimates of {self.teacher}", total=len(store)
        )
        for frames, estimate in zip(store.slices, estimates, strict=True):
            true = bone_directions(store.positions[frames], skeleton)
            estimated = bone_directions(estimate, skeleton)
            between = unit((1 - self.teacher_share) * true + self.teacher_share * estimated)
            lengths = bone_lengths(store.positions[frames], skeleton)
            positions[frames] = forward_kinematics(between, lengths, skeleton)
        return dataclasses.replace(store, positions=positions)
