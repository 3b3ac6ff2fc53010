"""The TFDS builder of data sets whose examples are one camera's views of one clip."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow_datasets as tfds

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import Skeleton
from anatomy_tf_datasets.parts import Parts
from anatomy_tf_datasets.recordings import Example, RecordedClip, Recordings

VERSION = "1.1.0"
"""The version of the examples' features."""


def view_features(
    skeleton: Skeleton, classes: Mapping[str, Sequence[str]] | None = None, **more: Any
) -> dict[str, Any]:
    """Return the features of an example with T frames and J joints.

    Args:
        skeleton: names the joints.
        classes: the names that ``subject``, ``action`` or ``camera`` can have, for those of them
            that are classes; the others are text.
        **more: further features of a data set.
    """
    classes = classes or {}
    joints = skeleton.joint_count

    def tensor(shape: tuple[int | None, ...], dtype: Any, doc: str) -> Any:
        return tfds.features.Tensor(shape=shape, dtype=dtype, doc=doc)

    def name(feature: str, doc: str) -> Any:
        if feature in classes:
            return tfds.features.ClassLabel(names=list(classes[feature]), doc=doc)
        return tfds.features.Text(doc=doc)

    return {
        "keypoints": tensor(
            (None, joints, 2),
            np.float32,
            "Normalised screen coordinates: x in [-1, 1] from the picture's left to its right "
            "edge, y down in the same unit, 0 in the middle.",
        ),
        "visibility": tensor((None, joints), np.float32, "Score of each keypoint in [0, 1]."),
        "positions": tensor(
            (None, joints, 3),
            np.float32,
            "Metres in the camera's frame: x right, y down, z forward; the root is where the "
            "person stands.",
        ),
        "valid": tensor((None,), np.bool_, "Which frames have a true pose."),
        "intrinsics": tensor(
            (9,),
            np.float32,
            "fx, fy, cx, cy, k1, k2, k3, p1, p2 for normalised screen coordinates.",
        ),
        "up": tensor(
            (None, 3),
            np.float32,
            "The unit vector against gravity in the camera's frame; NaN where it is unknown.",
        ),
        "aspect_ratio": tfds.features.Scalar(
            np.float32, doc="The picture's width divided by its height; NaN where it is unknown."
        ),
        "fps": tfds.features.Scalar(np.float32, doc="Frames a second."),
        "subject": name("subject", "The person."),
        "action": name("action", "What the person does, as the data set names it."),
        "clip": name("clip", "The clip's name."),
        "camera": name("camera", "The camera's name."),
        **more,
    }


@dataclasses.dataclass
class VariantConfig(tfds.core.BuilderConfig):
    """A variant of a data set, named after the ``/`` in the data set's name."""


class ViewBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A data set of views; subclasses say which recordings it is made from.

    Args:
        beam: read the clips in an Apache Beam pipeline (extra ``beam``); give
            ``download_and_prepare`` its runner and options in a ``tfds.download.DownloadConfig``.
        parts: clips that were read before, see ``preparation.prepare``.
        **options: options of ``tfds.core.DatasetBuilder``.
    """

    VERSION = tfds.core.Version(VERSION)
    RELEASE_NOTES: ClassVar[dict[str, str]] = {
        "1.1.0": "Which way is up, and the picture's aspect ratio.",
        "1.0.0": "Initial release.",
    }
    HOMEPAGE: ClassVar[str]

    def __init__(self, *, beam: bool = False, parts: Parts | None = None, **options: Any) -> None:
        self._beam, self._parts = beam, parts
        super().__init__(**options)

    @classmethod
    def recordings(cls, folder: Path, variant: str) -> Recordings:
        """Return the recordings in ``folder``."""
        raise NotImplementedError

    @classmethod
    def features(cls) -> dict[str, Any]:
        """Return the features of the examples."""
        raise NotImplementedError

    @classmethod
    def skeleton(cls) -> Skeleton:
        """Return the skeleton of the examples."""
        raise NotImplementedError

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(self.features()),
            homepage=self.HOMEPAGE,
            metadata=tfds.core.MetadataDict(skeleton=self.skeleton().to_dict()),
            disable_shuffling=False,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        recordings = self.recordings(Path(dl_manager.manual_dir), self.builder_config.name)
        missing = recordings.missing()
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise AnatomyError(f"{missing[0]}{more}")
        by_split: dict[str, list[RecordedClip]] = {}
        for clip in recordings.clips():
            by_split.setdefault(clip.split, []).append(clip)
        return {split: self._generate_examples(clips) for split, clips in by_split.items()}

    def _generate_examples(self, clips: list[RecordedClip]) -> Any:
        if self._beam:
            beam = tfds.core.lazy_imports.apache_beam
            return beam.Create(clips) | beam.FlatMap(_Examples(self._parts))
        return self._one_after_another(clips)

    def _one_after_another(self, clips: list[RecordedClip]) -> Iterator[tuple[str, Example]]:
        read = _Examples(self._parts)
        for clip in clips:
            yield from read(clip)


@dataclasses.dataclass(frozen=True)
class _Examples:
    """Callable that reads a clip; a class because Beam sends it to other processes."""

    parts: Parts | None

    def __call__(self, clip: RecordedClip) -> list[tuple[str, Example]]:
        return clip.examples() if self.parts is None else self.parts.examples(clip)
