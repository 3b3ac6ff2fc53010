"""Reading data sets that ``anatomy-tf data prepare`` and ``import`` made, which are TFDS folders.

TensorFlow Datasets, and with it TensorFlow, is imported when a data set is read.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.views.view import View, unknown_direction
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import FRAME_RATE
from anatomy_tf.formats.poses.pose_json import read_skeleton
from anatomy_tf.skeletons import Skeleton

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_NAME = re.compile(r"\w[\w-]*/\w[\w-]*")
_SAME_RATE = 1e-3


def prepared_folder(name: str, directory: Path) -> Path | None:
    """Return the folder of a prepared data set's newest version; ``None`` where there is none.

    Args:
        name: the data set's name with its variant, such as ``"human36m/cpn"``.
        directory: the folder of data sets.

    Raises:
        AnatomyError: for an impossible name, such as one that leads out of the directory.
    """
    if not _NAME.fullmatch(name):
        raise AnatomyError(f"expected a data set's name such as human36m/cpn, got {name!r}")
    return newest_version(directory / name)


def newest_version(folder: Path) -> Path | None:
    """Return the newest version in a TFDS data set's folder; ``None`` where there is none."""
    versions = {
        tuple(map(int, match.groups())): path
        for path in folder.glob("*.*.*")
        if (match := _VERSION.fullmatch(path.name)) and (path / "dataset_info.json").is_file()
    }
    return versions[max(versions)] if versions else None


def load_prepared(
    folder: Path, split: str | None = None, fps: float | None = None
) -> SequenceStore:
    """Read a prepared data set.

    Args:
        folder: the folder of a version, with ``dataset_info.json``.
        split: name of the split; ``None`` for all.
        fps: frames a second of the store: views of n times this rate give every n-th frame. By
            default the lowest rate of the views.

    Returns:
        Sequences by subject, clip and camera.

    Raises:
        AnatomyError: for an unknown split, damaged files, missing extras, an ``fps`` outside
            ``files.limits``, or a rate that is no multiple of it.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise AnatomyError(
            f"{folder}: reading a prepared data set needs {error.name}: "
            'pip install "anatomy_tf[datasets]"'
        ) from None
    with reading(folder, "data set of anatomy_tf"):
        builder = tfds.builder_from_directory(folder)
        stated = dict(builder.info.metadata or {})
    skeleton = read_skeleton(stated.get("skeleton"), folder)
    if split is not None and split not in builder.info.splits:
        raise AnatomyError(
            f"{folder}: unknown split {split!r}; known are {', '.join(builder.info.splits)}"
        )
    views = []
    try:
        if builder.info.file_format == tfds.core.FileFormat.ARRAY_RECORD:
            examples = builder.as_data_source(split=split or "all")
        else:
            examples = tfds.as_numpy(builder.as_dataset(split=split or "all"))
        for example in examples:
            views.append(_view(example, builder.info.features, skeleton))
    except AnatomyError as error:
        raise AnatomyError(f"{folder}: {error}") from None
    # What TensorFlow raises for a record that is cut off or changed is no built-in exception.
    except Exception as error:
        raise AnatomyError(f"{folder}: damaged ({_line(error)}); make it again") from None
    if not views:
        raise AnatomyError(f"{folder}: split {split!r} is empty")
    views.sort(key=lambda view: (view.subject, view.clip, view.camera))
    rate = min(view.fps for view in views) if fps is None else fps
    FRAME_RATE.check(rate, folder)
    return SequenceStore.from_views([_thinned(view, rate) for view in views])


def _view(example: dict[str, Any], features: Mapping[str, Any], skeleton: Skeleton) -> View:
    activity = example.get("activity")
    return View(
        keypoints=example["keypoints"],
        visibility=example["visibility"],
        positions=example["positions"],
        intrinsics=example["intrinsics"],
        skeleton=skeleton,
        # By its shortest decimals, so that 29.97 in float32 is 29.97 again.
        fps=float(str(example["fps"])),
        valid=example["valid"],
        activity=None if activity is None else activity.astype(np.uint8),
        # Data that were prepared as version 1.0.0 have neither.
        up=example.get("up", unknown_direction()),
        aspect_ratio=float(example.get("aspect_ratio", np.nan)),
        **{
            name: _text(example[name], features[name])
            for name in ("subject", "action", "clip", "camera")
        },
    )


def _text(value: Any, feature: Any) -> str:
    """Return a name that was stored as text or as the number of its class."""
    return value.decode() if isinstance(value, bytes) else feature.int2str(value)


def _thinned(view: View, fps: float) -> View:
    """Return a view with every n-th frame, so that it has this rate."""
    step = view.fps / fps
    if abs(step - round(step)) > _SAME_RATE or round(step) < 1:
        raise AnatomyError(
            f"view {view.subject}/{view.clip}/{view.camera}: {view.fps:g} frames a second are no "
            f"multiple of {fps:g}"
        )
    if round(step) == 1:
        return view
    kept = slice(None, None, round(step))
    return dataclasses.replace(
        view,
        keypoints=view.keypoints[kept],
        visibility=view.visibility[kept],
        positions=view.positions[kept],
        fps=float(fps),
        valid=None if view.valid is None else view.valid[kept],
        activity=None if view.activity is None else view.activity[kept],
        up=view.up if view.up.ndim == 1 else view.up[kept],
    )


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
