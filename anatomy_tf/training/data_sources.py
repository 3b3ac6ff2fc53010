"""Where a run's sequences come from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.sources import data_version, load
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.motion_capture import load_motion_capture
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.rendering import Detections, render_views, split_by_subject
from anatomy_tf.data.views.simulated_detections import DetectionNoise
from anatomy_tf.data.views.virtual_cameras import CameraRanges
from anatomy_tf.errors import AnatomyError


@dataclasses.dataclass(frozen=True, kw_only=True)
class MotionCaptureData:
    """Motion capture of many people, seen by virtual cameras and a simulated detector.

    Args:
        path: motion capture archive, see ``load_motion_capture``.
        test_subjects: people who are never trained on.
        validation_subjects: people who are not trained on either and measure the error while
            training. Without any, the test subjects do; ``best.keras`` is then chosen on them.
        cameras_per_clip: views of each clip.
        seed: of cameras and detections.
        detections: ``"simulated"``, or ``"ground_truth"`` for exact projections.
        noise: how the simulated detector errs.
        ranges: what cameras to draw.
        training_cameras: views of each clip of the people to train on, if not as many.
        training_variety: how the views to train on differ from plain ones; the others stay plain,
            so that errors compare.
    """

    path: str
    test_subjects: tuple[str, ...]
    validation_subjects: tuple[str, ...] = ()
    cameras_per_clip: int = 4
    seed: int = 0
    detections: Detections = "simulated"
    noise: DetectionNoise = dataclasses.field(default_factory=DetectionNoise)
    ranges: CameraRanges = dataclasses.field(default_factory=CameraRanges)
    training_cameras: int | None = None
    training_variety: CaptureVariety | None = None

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """The training people's sequences and those that the error is measured on.

        Raises:
            AnatomyError: for a bad archive or a subject that it does not have.
        """
        train, validation = self._clips()
        cameras = self.training_cameras or self.cameras_per_clip
        return self._seen(train, cameras, self.training_variety), self._seen(validation)

    def load_validation(self) -> SequenceStore:
        """Those that the error is measured on, alone."""
        return self._seen(self._clips()[1])

    @property
    def version(self) -> str:
        """Which data these are, for a report."""
        return f"{Path(self.path).name}, cameras of seed {self.seed}"

    def load_test(self) -> SequenceStore:
        """The test people's sequences."""
        _, test = split_by_subject(load_motion_capture(self.path), self.test_subjects)
        return self._seen(test)

    def _clips(self) -> tuple[list[MotionClip], list[MotionClip]]:
        """To train and to validate on."""
        train, test = split_by_subject(load_motion_capture(self.path), self.test_subjects)
        if not self.validation_subjects:
            return train, test
        return split_by_subject(train, self.validation_subjects)

    def _seen(
        self,
        clips: list[MotionClip],
        cameras: int | None = None,
        variety: CaptureVariety | None = None,
    ) -> SequenceStore:
        return SequenceStore.from_views(
            render_views(
                clips,
                cameras_per_clip=cameras or self.cameras_per_clip,
                seed=self.seed,
                noise=self.noise,
                ranges=self.ranges,
                detections=self.detections,
                variety=variety,
            )
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProceduralData:
    """Random bodies in generated motion: training without any recording.

    Args:
        people: bodies to train on.
        validation_people: other bodies that measure the error.
        seconds: length of each of a body's clips.
        fps: frames a second.
        cameras_per_clip: views of each clip.
        seed: of bodies, motions, cameras and detections.
        detections: ``"simulated"``, or ``"ground_truth"`` for exact projections.
    """

    people: int = 8
    validation_people: int = 2
    seconds: float = 20.0
    fps: float = 50.0
    cameras_per_clip: int = 4
    seed: int = 0
    detections: Detections = "simulated"

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """The training bodies' sequences and those that the error is measured on.

        Raises:
            AnatomyError: for fewer than one body of either kind, or too short a clip.
        """
        if self.validation_people < 1:
            raise AnatomyError(
                f"procedural data: expected at least one person to validate on, "
                f"got {self.validation_people}"
            )
        clips = procedural_motion(
            self.people + self.validation_people, self.seconds, self.fps, self.seed
        )
        names = list(dict.fromkeys(clip.subject for clip in clips))
        train, validation = split_by_subject(clips, names[self.people :])
        return self._seen(train), self._seen(validation)

    def _seen(self, clips: list[MotionClip]) -> SequenceStore:
        return SequenceStore.from_views(
            render_views(
                clips,
                cameras_per_clip=self.cameras_per_clip,
                seed=self.seed,
                detections=self.detections,
            )
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class NamedData:
    """A data set that ``anatomy_tf.data.load`` knows by name.

    Args:
        name: such as ``"human36m/cpn"``.
        directory: folder of its files; ``None`` as for ``anatomy_tf.data.load``.
        train_split: whom to train on.
        test_split: whom to test on; they measure the error while training, too.
    """

    name: str
    directory: str | None = None
    train_split: str = "train"
    test_split: str = "test"

    @property
    def detections(self) -> str:
        """Where the 2D keypoints come from, for a report."""
        return self.name

    @property
    def version(self) -> str:
        """Which data these are, for a report."""
        return data_version(self.name, self.directory)

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """The training people's sequences and the test people's.

        Raises:
            AnatomyError: naming the files that are missing or cannot be read.
        """
        return load(self.name, self.directory, self.train_split), self.load_test()

    def load_validation(self) -> SequenceStore:
        """Those that measure the error while training, alone."""
        return self.load_test()

    def load_test(self) -> SequenceStore:
        """The test people's sequences."""
        return load(self.name, self.directory, self.test_split)
