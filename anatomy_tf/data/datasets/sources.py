"""Data sets by name: the table of their readers, and the function that loads any of them."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.prepared import load_prepared, newest_version, prepared_folder
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError

ViewReader = Callable[[Path, str, Sequence[str]], list[View]]
"""(directory, variant, subjects) to the views of these people, in the data set's order."""

DIRECTORY_VARIABLE = "ANATOMY_TF_DATA"
"""Environment variable with the folder of imported data sets; ``~/anatomy_tf_data`` without it."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A data set that ``load`` knows by name.

    Attributes:
        name: the name before the ``/``.
        summary: what the data set is and which files it reads, for people.
        reader: ``module:function`` of a ``ViewReader``; imported when first used. ``None`` for a
            data set that must be prepared first.
        splits: name of a split to its people, as far as they are known by name. No one is in two
            splits.
        variants: the variants after the ``/`` and their meaning; a name without ``/`` means the
            first one. A reader may take others too.
        recordings: ``module:class`` that finds the original files, from which ``anatomy-tf data
            prepare`` makes a TFDS data set; ``None`` where only archives are read.
    """

    name: str
    summary: str
    reader: str | None
    splits: Mapping[str, tuple[str, ...]]
    variants: Mapping[str, str]
    recordings: str | None = None


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="human36m",
            summary="Human3.6M from data_3d_h36m.npz, data_2d_h36m_*.npz and metadata.xml or "
            "camera-parameters.json; visibility from score.pkl if it is there",
            reader="anatomy_tf.data.datasets.human36m_archives:read_human36m",
            splits={"train": ("S1", "S5", "S6", "S7", "S8"), "test": ("S9", "S11")},
            variants={
                "cpn": "2D of CPN fine-tuned on Human3.6M (data_2d_h36m_cpn_ft_h36m_dbb.npz)",
                "ground_truth": "exact 2D projections (data_2d_h36m_gt.npz)",
                "detectron": "2D of Mask R-CNN fine-tuned (data_2d_h36m_detectron_ft_h36m.npz)",
            },
            recordings="anatomy_tf_datasets.human36m.human36m_reader:Human36mRecordings",
        ),
        Source(
            name="mpi_inf_3dhp",
            summary="MPI-INF-3DHP from data_train_3dhp.npz and data_test_3dhp.npz",
            reader="anatomy_tf.data.datasets.mpi_inf_3dhp_archives:read_mpi_inf_3dhp",
            splits={
                "train": tuple(f"S{number}" for number in range(1, 9)),
                "test": tuple(f"TS{number}" for number in range(1, 7)),
            },
            variants={
                "universal": "2D annotations, universal 3D skeleton (univ_annot3)",
                "measured": "2D annotations, 3D as measured (annot3); official files only",
            },
            recordings="anatomy_tf_datasets.mpi_inf_3dhp.mpi_inf_3dhp_reader:MpiInf3dhpRecordings",
        ),
        Source(
            name="cmu_mocap",
            summary="CMU motion capture (ASF/AMC) seen by virtual cameras; everyone of no other "
            "split is trained on",
            reader=None,
            splits={
                "train": (),
                "validation": ("cmu_08", "cmu_127"),
                "test": ("cmu_02", "cmu_09", "cmu_35", "cmu_49", "cmu_86"),
            },
            variants={
                "simulated": "2D as a detector finds it: noise, misses, scores",
                "ground_truth": "exact 2D projections",
            },
            recordings="anatomy_tf_datasets.cmu_mocap.cmu_mocap_reader:CmuRecordings",
        ),
    )
}
"""These names take precedence over imported data sets."""


def load(
    name: str,
    directory: str | os.PathLike[str] | None = None,
    split: str | None = None,
) -> SequenceStore:
    """Return the sequences of a data set by its name.

    Args:
        name: ``"human36m/cpn"``, or the name that ``anatomy-tf data import`` gave a data set of
            your own. ``SOURCES`` lists the known ones.
        directory: the folder of prepared and imported data sets, or of one's archives; by default
            ``$ANATOMY_TF_DATA`` or ``~/anatomy_tf_data``. A prepared data set takes precedence.
        split: ``"train"``, ``"test"``; ``None`` for everyone.

    Raises:
        AnatomyError: for an unknown name or split, or as its reader raises it.

    Example:
        >>> store = load("human36m/cpn", "data/h36m", split="test")  # doctest: +SKIP
    """
    family, _, variant = name.partition("/")
    folder = data_directory(directory)
    if family not in SOURCES:
        return _load_imported(name, folder, split)
    source = SOURCES[family]
    full_name = f"{family}/{variant or next(iter(source.variants))}"
    prepared = prepared_folder(full_name, folder)
    if prepared is not None:
        return load_prepared(prepared, split)
    if source.reader is None:
        if variant and variant not in source.variants:
            raise AnatomyError(
                f"{name}: unknown variant {variant!r}; known are {', '.join(source.variants)}"
            )
        raise AnatomyError(
            f"{full_name}: not in {folder}; make it with: anatomy-tf data prepare {full_name} "
            f"--dir FOLDER --to {folder}"
        )
    if split is not None and split not in source.splits:
        raise AnatomyError(f"{name}: unknown split {split!r}; known are {', '.join(source.splits)}")
    subjects = [
        subject
        for known, people in source.splits.items()
        if split in (None, known)
        for subject in people
    ]
    module, _, function = source.reader.partition(":")
    reader: ViewReader = getattr(importlib.import_module(module), function)
    return SequenceStore.from_views(
        reader(folder, variant or next(iter(source.variants)), subjects)
    )


def data_version(name: str, directory: str | os.PathLike[str] | None = None) -> str:
    """Return the TFDS version of the data that ``load`` reads, or "archives", for a report."""
    family, _, variant = name.partition("/")
    folder = data_directory(directory)
    if family not in SOURCES:
        prepared = newest_version(imported_folder(name, folder))
    else:
        variant = variant or next(iter(SOURCES[family].variants))
        prepared = prepared_folder(f"{family}/{variant}", folder)
    return f"{name} archives" if prepared is None else f"{name} {prepared.name}"


def data_directory(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the given folder, else ``$ANATOMY_TF_DATA``, else ``~/anatomy_tf_data``."""
    return Path(given or os.environ.get(DIRECTORY_VARIABLE) or Path.home() / "anatomy_tf_data")


def imported_folder(name: str, directory: Path) -> Path:
    """Return the folder of a user's data set: imported, or with a store ``SPLIT.npz`` a split.

    Raises:
        AnatomyError: for an impossible name, such as one that leads out of the directory.
    """
    if not re.fullmatch(r"\w[\w-]*", name):
        raise AnatomyError(
            f"expected a data set's name of letters, digits, '_' and '-', got {name!r}"
        )
    return directory / name


def _load_imported(name: str, directory: Path, split: str | None) -> SequenceStore:
    folder = imported_folder(name, directory)
    imported = newest_version(folder)
    if imported is not None:
        return load_prepared(imported, split)
    splits = {path.stem: path for path in sorted(folder.glob("*.npz"))}
    if not splits:
        raise AnatomyError(
            f"unknown data set {name!r}; known are {', '.join(SOURCES)}, and none of this name "
            f"was imported into {directory} (anatomy-tf data import)"
        )
    if split is not None and split not in splits:
        raise AnatomyError(f"{name}: unknown split {split!r}; {folder} has {', '.join(splits)}")
    first, *others = (
        SequenceStore.load(path) for known, path in splits.items() if split in (None, known)
    )
    for other in others:
        first = first.joined(other)
    return first
