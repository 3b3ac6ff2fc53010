"""Batches of windows or chunks, sampled frames and their targets for ``model.fit``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.cameras.canonical_view import turned_into
from anatomy_tf.data.batches.augmentation import augment_frames, random_trajectory
from anatomy_tf.data.batches.batch_options import (
    TARGET_FRAME_OUTPUTS,
    BatchOptions,
    generic_name,
)
from anatomy_tf.data.batches.canonical_frames import CanonicalTrainingFrames
from anatomy_tf.data.batches.frame_sampler import FrameSampler
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.target_frames import TargetFrames
from anatomy_tf.data.batches.window_index import WindowIndex
from anatomy_tf.data.batches.windows import EdgePaddedFrames, window_means
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import extra_module
from anatomy_tf.files.limits import is_whole

if TYPE_CHECKING:
    import tensorflow as tf

Arrays = dict[str, NDArray[np.float32]]
Batch = tuple[Arrays, ...]
"""Inputs and targets by name, and with chunks the sample weights of the targets."""


class BatchedModel(Protocol):
    """The attributes that ``Batches.for_model`` reads, and ``sampled_frames`` if it samples."""

    receptive_field: int
    causal: bool

    @property
    def input_names(self) -> Sequence[str]: ...

    @property
    def output_names(self) -> Sequence[str]: ...


class Batches(keras.utils.PyDataset):
    """Training batches, each a pure function of the seed, the epoch and the batch's index.

    A batch is ``(inputs, targets)``, two dicts of float32 NumPy arrays with the names of ``inputs``
    and ``outputs``; every backend sees the same numbers. With B windows of R frames of J joints and
    b bones, and l sampled frames:

    - inputs ``keypoints`` (B, R, J, 2) and ``visibility`` (B, R, J): the window;
      ``sampled_keypoints`` (B, l, J, 2): frames of the whole video in random order;
      ``augmented_keypoints`` (B, l, J, 2): the same frames with new bone lengths, projected by the
      sequence's camera from a random place (section 3.3).
    - targets ``positions``, ``bone_directions_1``, ``joint_shifts_1``, ...: (B, J, 3) root-relative
      metres of the target frame; ``sampled_positions`` and ``augmented_positions`` (B, J, 3) of the
      first sampled and augmented frame; ``bone_lengths`` and ``augmented_bone_lengths`` (B, b).

    With ``chunk_frames`` F, a batch has B chunks of F neighbouring target frames, whose windows
    overlap and are given once: ``keypoints`` is (B, R + F - 1, J, 2), ``visibility``
    (B, R + F - 1, J), ``positions``, ``bone_directions_1``, ``joint_shifts_1``, ... are
    (B, F, J, 3), and the rest is as above, once a chunk. An epoch has each target frame in one
    chunk. A batch then is ``(inputs, targets, sample weights)``: (B, F) for the targets of each
    frame, 0 for a frame past the end of its sequence, which repeats the last one, and for a frame
    without a true pose; (B,) ones for the others.

    With an input ``view`` all frames are seen in the canonical view (``CanonicalTrainingFrames``),
    and targets are in its axes: ``view`` (B, R, 3), ``sampled_view`` (B, l, 3),
    ``sampled_visibility`` (B, l, J), ``unlevelled_keypoints`` (B, l, J, 2), and a target ``up``
    (B, l, 3).

    Keras also calls ``on_epoch_end`` once before the first epoch. For a run that must resume
    exactly, pass ``callbacks=[FollowEpoch(batches)]`` and ``shuffle=False`` (``fit`` would shuffle
    the order of the batches with its own generator), leave ``workers`` at 1 (with more, Keras keeps
    batches that it has drawn to build the model), and train the rest of a broken epoch in its own
    call of ``fit``, since ``fit`` asks for the number of batches only once.

    Frames that the store marks as not valid appear in windows like any other, but no window has one
    as its frame or target, and none is sampled.

    The data are kept in memory: with ``flip`` and visibility about 0.8 kB a frame.

    Args:
        store: the sequences.
        epoch: the epoch to begin with.
        start_batch: the batch of that epoch to begin with, which then has index 0; the epoch is
            shorter by this number.
        workers, use_multiprocessing, max_queue_size: of ``keras.utils.PyDataset``.
        **options: fields of ``BatchOptions``: ``receptive_field``, ``batch_size``, ...

    Attributes:
        options: the ``BatchOptions``.

    Raises:
        AnatomyError: as ``BatchOptions``, or when there is no full batch.
    """

    def __init__(
        self,
        store: SequenceStore,
        *,
        epoch: int = 0,
        start_batch: int = 0,
        workers: int = 1,
        use_multiprocessing: bool = False,
        max_queue_size: int = 10,
        **options: Any,
    ) -> None:
        super().__init__(
            workers=workers,
            use_multiprocessing=use_multiprocessing,
            max_queue_size=max_queue_size,
        )
        for name, value in (("epoch", epoch), ("start_batch", start_batch)):
            if not is_whole(value) or value < 0:
                raise AnatomyError(f"batches: expected {name} of at least 0, got {value!r}")
        self.options = chosen = BatchOptions(**options)
        if chosen.flip:
            store = store.joined(store.mirrored())
        self._skeleton, self._intrinsics = store.skeleton, store.intrinsics
        self._positions = store.positions
        self._target_frames = TargetFrames(store, chosen)
        self._index = WindowIndex(store, chosen, self._target_frames)
        if start_batch >= self._index.batch_count:
            raise AnatomyError(
                f"batches: start_batch {start_batch} is past the {self._index.batch_count} of an "
                "epoch"
            )
        self._first_epoch, self._start_batch = epoch, start_batch
        self._epoch = epoch
        self._sampler = FrameSampler(store, chosen)
        window = (store.offsets, chosen.receptive_field, chosen.causal)
        joined = chosen.chunk_frames or 1
        self._keypoints = EdgePaddedFrames(store.keypoints, *window, joined)
        self._canonical = CanonicalTrainingFrames(store, chosen) if chosen.canonical else None
        if chosen.canonical or chosen.holds("visibility"):
            self._visibility = EdgePaddedFrames(store.visibility, *window, joined)
        if chosen.length_target == "window" and "bone_lengths" in chosen.outputs:
            self._window_lengths = _mean_lengths(store, *window)

    @classmethod
    def for_model(
        cls, model: BatchedModel, store: SequenceStore, batch_size: int = 1024, **options: Any
    ) -> Batches:
        """Return the batches for a model, with its window, inputs and outputs.

        Args:
            model: anything with ``receptive_field``, ``causal``, ``input_names`` and
                ``output_names``, and with ``sampled_frames`` if it has inputs of sampled frames.
            store: the sequences.
            batch_size: B.
            **options: further arguments of ``Batches``.

        Raises:
            AnatomyError: when the model states another skeleton or frame rate than the store's, and
                as ``Batches``.
        """
        skeleton, fps = getattr(model, "skeleton", None), getattr(model, "fps", None)
        if skeleton not in (None, store.skeleton):
            raise AnatomyError(
                f"the model's skeleton is {skeleton.name!r}, the data's {store.skeleton.name!r}"
            )
        if fps not in (None, store.fps):
            raise AnatomyError(f"the model's fps is {fps:g}, the data's {store.fps:g}")
        if any(name.startswith(("sampled", "augmented")) for name in model.input_names):
            options.setdefault("sampled_frames", model.sampled_frames)  # type: ignore[attr-defined]
        return cls(
            store,
            receptive_field=model.receptive_field,
            causal=model.causal,
            inputs=model.input_names,
            outputs=model.output_names,
            batch_size=batch_size,
            **options,
        )

    @property
    def window_count(self) -> int:
        """Windows or chunks of an epoch, mirror images too, before the remainder is dropped."""
        return len(self._index)

    @property
    def epoch(self) -> int:
        """The epoch whose batches are given now."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch whose batches are given from now on."""
        self._epoch = epoch

    def on_epoch_end(self) -> None:
        """Go on to the next epoch (Keras calls this)."""
        self._epoch += 1

    def __len__(self) -> int:
        """Return the number of batches of the current epoch, the first without ``start_batch``."""
        return self._index.batch_count - self._skipped(self._epoch)

    def __getitem__(self, index: int) -> Batch:
        """Return batch ``index`` of the current epoch."""
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of an epoch of {len(self)}")
        return self.batch(self._epoch, index + self._skipped(self._epoch))

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of any epoch, counted from the epoch's true beginning.

        Raises:
            IndexError: when an epoch has no such batch.
        """
        options = self.options
        if not 0 <= index < self._index.batch_count:
            raise IndexError(f"batch {index} of an epoch of {self._index.batch_count}")
        rng = np.random.Generator(
            np.random.SFC64(np.random.SeedSequence(options.seed, spawn_key=(epoch, index)))
        )
        windows = self._index.batch(epoch, index)
        sequence, frame = self._index.sequence[windows], self._index.frame[windows]
        counted = self._target_frames.counted(sequence, frame)
        arrays = self._target_arrays(sequence, frame, counted)
        if "keypoints" in options.inputs:
            arrays["keypoints"] = self._keypoints.windows(sequence, frame)
        if "visibility" in options.inputs:
            arrays["visibility"] = self._visibility.windows(sequence, frame)
        if self._canonical is not None or options.holds("sampled", "augmented"):
            drawn = self._sampler.draw(rng, sequence, self._target_frames.middle(sequence, frame))
            arrays |= self._sampled_arrays(rng, sequence, drawn)
            if self._canonical is not None:
                self._turn(arrays, self._canonical, rng, sequence, frame, drawn)
        inputs = {name: arrays[name] for name in options.inputs}
        targets = {name: arrays[generic_name(name)] for name in options.outputs}
        if options.chunk_frames is None:
            return inputs, targets
        return inputs, targets, self._weights(counted)

    def to_tf_dataset(self) -> tf.data.Dataset:
        """Return the batches as a data set of TensorFlow.

        Each pass over it is the next epoch, beginning with the current one. Batches are made while
        the step before runs. A data set of its own epochs is not changed by ``set_epoch``, and
        needs no ``FollowEpoch``.

        Returns:
            Elements are what ``batch`` returns, as tensors of fixed shapes; without
            ``drop_remainder`` the last batch may be smaller.

        Raises:
            AnatomyError: when TensorFlow is not installed.
        """
        tf = extra_module("tensorflow", "train", "to_tf_dataset needs")
        epochs = itertools.count(self._epoch)

        def batches() -> Iterator[Batch]:
            epoch = next(epochs)
            first = self._skipped(epoch)
            return (self.batch(epoch, index) for index in range(first, self._index.batch_count))

        size = self.options.batch_size if self.options.drop_remainder else None
        signature = tuple(
            {
                name: tf.TensorSpec((size, *array.shape[1:]), array.dtype)
                for name, array in arrays.items()
            }
            for arrays in self.batch(self._epoch, 0)
        )
        dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
        if not self._start_batch:
            count = tf.data.experimental.assert_cardinality(self._index.batch_count)
            dataset = dataset.apply(count)
        return dataset.prefetch(tf.data.AUTOTUNE)

    def sequences(self, epoch: int, index: int) -> NDArray[np.int64]:
        """Return the sequence of each window of a batch, as the store counts them.

        Mirror images count on after the last sequence.
        """
        return self._index.sequence[self._index.batch(epoch, index)]

    def _target_arrays(
        self, sequence: NDArray[np.int64], frame: NDArray[np.int64], counted: NDArray[np.bool_]
    ) -> Arrays:
        positions = self._positions[self._target_frames.targets(sequence, frame)]
        arrays: Arrays = {}
        if "bone_lengths" in self.options.outputs:
            if self.options.length_target == "window":
                lengths = self._window_lengths[self._target_frames.frames(sequence, frame)]
            else:
                lengths = bone_lengths(positions, self._skeleton)
            share = counted / counted.sum(axis=1, keepdims=True, dtype=np.float32)
            arrays["bone_lengths"] = (lengths * share[..., None]).sum(axis=1)
        if self.options.chunk_frames is None:
            positions = positions[:, 0]
        return arrays | dict.fromkeys(TARGET_FRAME_OUTPUTS, positions)

    def _sampled_arrays(
        self, rng: np.random.Generator, sequence: NDArray[np.int64], drawn: NDArray[np.int64]
    ) -> Arrays:
        arrays = {
            "sampled_keypoints": self._keypoints.frames(sequence[:, None], drawn),
            "sampled_positions": self._positions[drawn[:, 0]],
        }
        if self.options.holds("augmented"):
            augmented = augment_frames(
                self._positions.take(drawn, axis=0),
                rng.random((len(drawn), self._skeleton.bone_count), np.float32),
                random_trajectory(rng, drawn.shape),
                self._intrinsics[sequence],
                self._skeleton,
                self.options.length_augmentation_degree,
            )
            arrays["augmented_keypoints"] = augmented.keypoints
            arrays["augmented_positions"] = augmented.first_positions
            arrays["augmented_bone_lengths"] = augmented.bone_lengths
        return arrays

    def _turn(
        self,
        arrays: Arrays,
        canonical: CanonicalTrainingFrames,
        rng: np.random.Generator,
        sequence: NDArray[np.int64],
        frame: NDArray[np.int64],
        drawn: NDArray[np.int64],
    ) -> None:
        """Turn inputs and targets into the canonical view."""
        errors = canonical.errors(rng, len(frame))
        rows = sequence[:, None]
        window = canonical.windows(sequence, frame, errors)
        sampled = canonical.frames(rows, drawn, errors)
        targets = self._target_frames.targets(sequence, frame)
        axes = canonical.frames(rows, targets, errors).axes
        positions = arrays["positions"]
        if self.options.chunk_frames is None:
            axes = axes[:, 0]
        arrays |= dict.fromkeys(TARGET_FRAME_OUTPUTS, turned_into(positions, axes))
        arrays["keypoints"], arrays["view"] = window.keypoints, window.view
        arrays["sampled_keypoints"], arrays["sampled_view"] = sampled.keypoints, sampled.view
        arrays["sampled_visibility"] = self._visibility.frames(rows, drawn)
        first = sampled.axes[:, 0]
        arrays["sampled_positions"] = turned_into(arrays["sampled_positions"], first)
        arrays["unlevelled_keypoints"], arrays["up"] = canonical.unlevelled(rows, drawn)

    def _weights(self, counted: NDArray[np.bool_]) -> Arrays:
        of_frames, of_chunks = counted.astype(np.float32), np.ones(len(counted), np.float32)
        return {
            name: of_frames if generic_name(name) in TARGET_FRAME_OUTPUTS else of_chunks
            for name in self.options.outputs
        }

    def _skipped(self, epoch: int) -> int:
        return self._start_batch if epoch == self._first_epoch else 0


class FollowEpoch(keras.callbacks.Callback):
    """A callback that sets the batches' epoch to the one of ``fit``, also with ``initial_epoch``.

    Without it the epoch depends on how often Keras calls ``on_epoch_end`` before the first one.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the epoch of the batches (Keras calls this)."""
        self.batches.set_epoch(epoch)


def _mean_lengths(
    store: SequenceStore, offsets: NDArray[np.int64], receptive_field: int, causal: bool
) -> NDArray[np.float32]:
    """Return the mean bone lengths over the frames with a true pose in each frame's window."""
    window = (offsets, receptive_field, causal)
    lengths = bone_lengths(store.positions, store.skeleton)
    if store.valid is None:
        return window_means(lengths, *window)
    valid = store.valid[:, None].astype(np.float32)
    share = window_means(valid, *window)
    # A window without a valid frame is never used as a target.
    share[share == 0] = 1
    return window_means(lengths * valid, *window) / share
