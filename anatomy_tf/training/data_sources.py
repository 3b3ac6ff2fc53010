"""The data sources of a run."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.sources import data_version, load
from anatomy_tf.data.motion.balance import balanced_views, cut_clips
from anatomy_tf.data.motion.body_proportions import BodyProportions
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.posture_rarity import posture_rarity
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.motion_capture import load_motion_capture
from anatomy_tf.data.views.capture_variety import CaptureVariety
from anatomy_tf.data.views.recordings import RecordingVariety, render_recordings
from anatomy_tf.data.views.rendering import Detections, render_views, split_by_subject
from anatomy_tf.data.views.simulated_detections import DetectionNoise
from anatomy_tf.data.views.virtual_cameras import CameraRanges
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.checked_fields import (
    NOT_EMPTY,
    CheckedFields,
    Count,
    Positive,
    Seed,
    Share,
    between,
)
from anatomy_tf.files.limits import FRAME_RATE

Variety = CaptureVariety | RecordingVariety | None

_MOST_VIEWS = 8
"""Largest ratio of a clip's views to the mean number, since some people have few seconds."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingMotion(CheckedFields):
    """A further motion capture archive, of which all is used for training.

    Args:
        path: see ``load_motion_capture``.
        subjects: the people to train on; all of them when empty.
        except_clips: names of clips that are not trained on, such as wrong recordings.
        weight: factor on the time for which its people are seen.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    path: str | Path
    subjects: tuple[str, ...] = ()
    except_clips: tuple[str, ...] = ()
    weight: Positive = 1.0

    def clips(self) -> list[MotionClip]:
        """Return the clips to train on.

        Raises:
            AnatomyError: for a bad archive, or a subject or clip that it does not have.
        """
        clips = load_motion_capture(self.path)
        for what, wanted, known in (
            ("subjects", self.subjects, {clip.subject for clip in clips}),
            ("clips", self.except_clips, {clip.name for clip in clips}),
        ):
            unknown = sorted({*wanted} - known)
            if unknown:
                raise AnatomyError(f"{self.path}: it has no {what} {', '.join(unknown)}")
        return [
            clip
            for clip in clips
            if clip.name not in self.except_clips
            and (not self.subjects or clip.subject in self.subjects)
        ]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MotionCaptureData(CheckedFields):
    """Motion capture of many people, seen by virtual cameras and a simulated detector.

    Args:
        path: motion capture archive, see ``load_motion_capture``.
        test_subjects: people who are never trained on.
        validation_subjects: people who are not trained on either and on whom the error is measured
            while training. Without any, the test subjects are used; ``best.keras`` is then chosen
            on them.
        cameras_per_clip: views of each clip.
        seed: of cameras and detections.
        detections: ``"simulated"``, or ``"ground_truth"`` for exact projections.
        noise: how the simulated detector errs.
        ranges: the cameras to draw.
        training_cameras: views of each clip of the people to train on; ``cameras_per_clip`` when
            ``None``.
        training_variety: how the views to train on differ from plain ones; the others stay plain,
            so that errors can be compared. With a ``RecordingVariety``, ``render_recordings`` makes
            the views to train on, each of a new body with the proportions of the people to train on
            in ``path``; ``noise`` and ``ranges`` then apply to the other views only. Of several,
            each makes as many views.
        validation_variety: the same for the views that the error is measured on while training;
            their people keep their bodies.
        further: more archives to train on.
        evenness: 0 shows all clips of the people to train on equally often, 1 shows all these
            people for the same time, see ``balanced_views``.
        posture_evenness: 0 shows postures as often as the people take them; the larger, the more
            often clips with rare postures are seen (the power of ``posture_rarity``).
        longest: seconds; longer clips to train on are cut, so that more cameras see them.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    path: str | Path
    test_subjects: tuple[str, ...]
    validation_subjects: tuple[str, ...] = ()
    cameras_per_clip: Count = 4
    seed: Seed = 0
    detections: Detections = "simulated"
    noise: DetectionNoise = dataclasses.field(default_factory=DetectionNoise)
    ranges: CameraRanges = dataclasses.field(default_factory=CameraRanges)
    training_cameras: Count | None = None
    training_variety: Variety | Annotated[tuple[Variety, ...], NOT_EMPTY] = None
    validation_variety: RecordingVariety | None = None
    further: tuple[TrainingMotion, ...] = ()
    evenness: Share = 0.0
    posture_evenness: Share = 0.0
    longest: Positive | None = None

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """Return the training people's sequences and those that the error is measured on.

        Raises:
            AnatomyError: for a bad archive or a subject that it does not have.
        """
        return self._load_training(), self.load_validation()

    def load_validation(self) -> SequenceStore:
        """Return only the sequences that the error is measured on."""
        return self._seen(self._clips()[1], self.cameras_per_clip, self.validation_variety)

    @property
    def version(self) -> str:
        """The version of the data, for a report."""
        names = [Path(path).name for path in (self.path, *(more.path for more in self.further))]
        return f"{', '.join(names)}, cameras of seed {self.seed}"

    def load_test(self) -> SequenceStore:
        """Return the test people's sequences."""
        _, test = split_by_subject(load_motion_capture(self.path), self.test_subjects)
        return self._seen(test, self.cameras_per_clip)

    def _load_training(self) -> SequenceStore:
        own, _ = self._clips()
        given = self.training_variety
        varieties = given if isinstance(given, tuple) else (given,)
        bodies = None
        if any(isinstance(variety, RecordingVariety) for variety in varieties):
            bodies = BodyProportions.of(own)
        clips, weights = [], []
        for part, weight in ((own, 1.0), *((more.clips(), more.weight) for more in self.further)):
            pieces = part if self.longest is None else cut_clips(part, self.longest)
            clips += pieces
            weights += [weight] * len(pieces)
        cameras = self.training_cameras or self.cameras_per_clip
        balanced = functools.partial(
            balanced_views, clips, cameras, evenness=self.evenness, most=_MOST_VIEWS * cameras
        )
        counts = balanced(weights=weights)
        if self.posture_evenness:
            rarity = posture_rarity(clips, counts, self.posture_evenness)
            counts = balanced(weights=np.multiply(weights, rarity).tolist())
        stores = [
            # The same seed would draw the same cameras for two varieties of one kind.
            dataclasses.replace(self, seed=self.seed + number)._seen(clips, counts, chosen, bodies)
            for number, chosen in enumerate(varieties)
        ]
        return functools.reduce(SequenceStore.joined, stores)

    def _clips(self) -> tuple[list[MotionClip], list[MotionClip]]:
        """Return the clips to train on and those to validate on."""
        train, test = split_by_subject(load_motion_capture(self.path), self.test_subjects)
        if not self.validation_subjects:
            return train, test
        return split_by_subject(train, self.validation_subjects)

    def _seen(
        self,
        clips: list[MotionClip],
        cameras: int | Sequence[int],
        variety: Variety = None,
        bodies: BodyProportions | None = None,
    ) -> SequenceStore:
        if isinstance(variety, RecordingVariety):
            views = render_recordings(
                clips,
                cameras_per_clip=cameras,
                seed=self.seed,
                variety=variety,
                bodies=bodies,
                detections=self.detections,
            )
        else:
            views = render_views(
                clips,
                cameras_per_clip=cameras,
                seed=self.seed,
                noise=self.noise,
                ranges=self.ranges,
                detections=self.detections,
                variety=variety,
            )
        return SequenceStore.from_views(views)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProceduralData(CheckedFields):
    """Random bodies in generated motion: training without any recording.

    Args:
        people: bodies to train on.
        validation_people: other bodies, on which the error is measured.
        seconds: length of each clip.
        fps: frames a second.
        cameras_per_clip: views of each clip.
        seed: of bodies, motions, cameras and detections.
        detections: ``"simulated"``, or ``"ground_truth"`` for exact projections.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    people: Count = 8
    validation_people: Count = 2
    seconds: Positive = 20.0
    fps: Annotated[float, between(FRAME_RATE.least, FRAME_RATE.most)] = 50.0
    cameras_per_clip: Count = 4
    seed: Seed = 0
    detections: Detections = "simulated"

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """Return the training bodies' sequences and those that the error is measured on.

        Raises:
            AnatomyError: for too short a clip.
        """
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
class NamedData(CheckedFields):
    """A data set that ``anatomy_tf.data.load`` knows by name.

    Args:
        name: such as ``"human36m/cpn"``.
        directory: folder of its files; ``None`` as for ``anatomy_tf.data.load``.
        train_split: the split to train on.
        test_split: the split to test on; the error is measured on it while training, too.

    Raises:
        AnatomyError: naming the field, the expected and the given value.
    """

    name: str
    directory: str | Path | None = None
    train_split: str = "train"
    test_split: str = "test"

    @property
    def detections(self) -> str:
        """The source of the 2D keypoints, for a report."""
        return self.name

    @property
    def version(self) -> str:
        """The version of the data, for a report."""
        return data_version(self.name, self.directory)

    def load(self) -> tuple[SequenceStore, SequenceStore]:
        """Return the training people's sequences and the test people's.

        Raises:
            AnatomyError: naming the files that are missing or cannot be read.
        """
        return load(self.name, self.directory, self.train_split), self.load_test()

    def load_validation(self) -> SequenceStore:
        """Return only the sequences that the error is measured on, which are the test people's."""
        return self.load_test()

    def load_test(self) -> SequenceStore:
        """Return the test people's sequences."""
        return load(self.name, self.directory, self.test_split)
