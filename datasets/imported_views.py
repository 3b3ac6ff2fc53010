"""TFDS data sets of views that were read elsewhere, such as one's own recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from anatomy_tf.data import View
from anatomy_tf_datasets.preparation import build
from anatomy_tf_datasets.recordings import view_example
from anatomy_tf_datasets.view_builder import VERSION, view_features


class ImportedViews(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A data set of given views; unlike in ``ViewBuilder``, name and joints are the instance's.

    Args:
        name: the data set's name.
        splits: views by split; all have the same skeleton.
        **options: options of ``tfds.core.DatasetBuilder``.
    """

    VERSION = tfds.core.Version(VERSION)

    def __init__(self, *, name: str, splits: Mapping[str, Sequence[View]], **options: Any) -> None:
        self.name = name
        self._splits = splits
        super().__init__(**options)

    def _info(self) -> tfds.core.DatasetInfo:
        skeleton = next(view.skeleton for views in self._splits.values() for view in views)
        return tfds.core.DatasetInfo(
            builder=self,
            description="One's own recordings: one camera's view of one clip an example.",
            features=tfds.features.FeaturesDict(view_features(skeleton)),
            metadata=tfds.core.MetadataDict(skeleton=skeleton.to_dict()),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(views) for split, views in self._splits.items()}

    def _generate_examples(self, views: Sequence[View]) -> Any:
        yield from map(view_example, views)


def write_views(name: str, splits: Mapping[str, Sequence[View]], directory: Path) -> Path:
    """Write the TFDS data set ``directory/name/1.1.0``.

    Args:
        name: the data set's name.
        splits: views by split, at least one each; all have the same skeleton.
        directory: folder in which the data set is written.

    Returns:
        The folder ``directory/name``, with one folder for the version.
    """
    builder = ImportedViews(name=name, splits=splits, data_dir=directory)
    build(builder, directory, directory / "downloads")
    return directory / name
