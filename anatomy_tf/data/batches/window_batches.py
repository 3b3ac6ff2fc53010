"""Batches of windows, sampled frames and their targets for ``model.fit``."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from anatomy_tf.anatomy import bone_lengths
from anatomy_tf.data.batches.augmentation import augment_frames, random_trajectory
from anatomy_tf.data.batches.sampled_frames import (
    SAMPLINGS,
    consecutive_frames,
    sample_without_replacement,
)
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.batches.windows import EdgePaddedFrames, window_means
from anatomy_tf.data.datasets.sources import load
from anatomy_tf.errors import AnatomyError

Arrays = dict[str, NDArray[np.float32]]

INPUTS = ("keypoints", "visibility", "sampled_keypoints", "augmented_keypoints")
OUTPUTS = (
    "positions",
    "bone_directions_q",
    "joint_shifts_q",
    "bone_lengths",
    "sampled_positions",
    "augmented_bone_lengths",
    "augmented_positions",
)
"""``_q`` stands for the number of a sub-network: ``bone_directions_1``."""

TARGETS = ("target_frame", "delayed")
LENGTH_TARGETS = ("frame", "window")


class BatchedModel(Protocol):
    """What ``Batches.for_model`` reads from a model; ``sampled_frames`` only if it samples."""

    receptive_field: int
    causal: bool

    @property
    def input_names(self) -> Sequence[str]: ...

    @property
    def output_names(self) -> Sequence[str]: ...


class Batches(keras.utils.PyDataset):
    """Training batches, each a pure function of the seed, the epoch and the batch's index.

    A batch is ``(inputs, targets)``, two dicts of float32 NumPy arrays that hold what ``inputs``
    and ``outputs`` name and nothing else; every backend sees the same numbers. With B windows of R
    frames of J joints and b bones, and l sampled frames:

    - inputs ``keypoints`` (B, R, J, 2) and ``visibility`` (B, R, J): the window;
      ``sampled_keypoints`` (B, l, J, 2): frames of the whole video in random order;
      ``augmented_keypoints`` (B, l, J, 2): the same frames with new bone lengths, projected by the
      sequence's camera from a random place (section 3.3).
    - targets ``positions``, ``bone_directions_1``, ``joint_shifts_1``, ...: (B, J, 3) root-relative
      metres of the target frame; ``sampled_positions`` and ``augmented_positions`` (B, J, 3) of the
      first sampled and augmented frame; ``bone_lengths`` and ``augmented_bone_lengths`` (B, b).

    Keras calls ``on_epoch_end`` once before the first epoch too. For a run that must resume
    exactly, pass ``callbacks=[FollowEpoch(batches)]`` and ``shuffle=False`` (``fit`` would shuffle
    the order of the batches with a generator of its own), leave ``workers`` at 1 (with more, Keras
    keeps batches it has drawn for building the model), and train the rest of a broken epoch in a
    ``fit`` of its own, since ``fit`` asks for the number of batches only once.

    Where the store says that frames are not valid, they are seen in windows like any other, but no
    window has one as its frame or target, and none is sampled.

    The data are held in memory: with ``flip`` and visibility about 0.8 kB a frame.

    Args:
        store: the sequences.
        receptive_field: R, odd.
        causal: the window ends at its frame instead of having it in the middle.
        sampled_frames: l.
        batch_size: B.
        inputs: names of inputs.
        outputs: names of outputs, whose targets are wanted.
        flip: every window and its mirror image, which doubles the data.
        sampling: ``"random"``: l frames of the whole video; ``"consecutive"``: those around the
            frame (before it if causal); ``"past"``: of the frames up to and including the frame. A
            video with fewer frames repeats them.
        length_augmentation_degree: width of the random change of bone lengths as a share of the
            batch's mean length; 0.6 is +-30 %.
        target: ``"target_frame"``, or ``"delayed"``: the window's centre, in causal mode the pose
            of P = (R - 1) / 2 frames ago, as in the reference implementation.
        length_target: the bone lengths of the target ``"frame"``, or their mean over the
            edge-padded ``"window"`` as in the reference implementation.
        frame_step: take every n-th frame of a sequence as a window's frame.
        shuffle: a new random order of the windows every epoch.
        seed: a number from 0.
        drop_remainder: leave out the last windows of an epoch that do not fill a batch.
        epoch: the epoch to begin with.
        start_batch: the batch of that epoch to begin with; index 0 then is this batch, and the
            epoch is so much shorter.
        **options: ``workers``, ``use_multiprocessing`` and ``max_queue_size`` of Keras.

    Raises:
        AnatomyError: for an unknown name or choice, or when there is no full batch.
    """

    def __init__(
        self,
        store: SequenceStore,
        *,
        receptive_field: int,
        causal: bool = False,
        sampled_frames: int = 50,
        batch_size: int = 1024,
        inputs: Sequence[str] = INPUTS,
        outputs: Sequence[str] = ("positions", "bone_lengths", "augmented_bone_lengths"),
        flip: bool = True,
        sampling: str = "random",
        length_augmentation_degree: float = 0.6,
        target: str = "target_frame",
        length_target: str = "frame",
        frame_step: int = 1,
        shuffle: bool = True,
        seed: int = 0,
        drop_remainder: bool = True,
        epoch: int = 0,
        start_batch: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        _check_choice("sampling", sampling, SAMPLINGS)
        _check_choice("target", target, TARGETS)
        _check_choice("length_target", length_target, LENGTH_TARGETS)
        for name, value, least in (
            ("receptive_field", receptive_field, 1),
            ("sampled_frames", sampled_frames, 1),
            ("batch_size", batch_size, 1),
            ("frame_step", frame_step, 1),
            ("seed", seed, 0),
            ("epoch", epoch, 0),
            ("start_batch", start_batch, 0),
        ):
            if value < least:
                raise AnatomyError(f"batches: expected {name} of at least {least}, got {value}")
        if receptive_field % 2 == 0:
            raise AnatomyError(f"batches: expected an odd receptive_field, got {receptive_field}")
        for name in inputs:
            _check_choice("input", name, INPUTS)
        for name in outputs:
            if _generic_name(name) not in OUTPUTS:
                raise AnatomyError(
                    f"batches: unknown output {name!r}; known are {', '.join(OUTPUTS)}"
                )
        self.inputs, self.outputs = tuple(inputs), tuple(outputs)

        store = store.joined(store.mirrored()) if flip else store
        self._skeleton, self._intrinsics = store.skeleton, store.intrinsics
        self._positions = store.positions
        self._offsets = store.offsets
        self._half = (receptive_field - 1) // 2
        self._causal = causal
        self._sampled_frames = sampled_frames
        self._batch_size = batch_size
        self._sampling = sampling
        self._degree = length_augmentation_degree
        self._delayed = causal and target == "delayed"
        self._shuffle = shuffle
        self._seed = seed

        local = np.concatenate([np.arange(0, length, frame_step) for length in store.lengths])
        counts = -(-store.lengths // frame_step)
        self._window_sequence = np.repeat(np.arange(len(store)), counts)
        self._window_frame = local + store.offsets[self._window_sequence]
        self._valid_frames = None if store.valid is None else np.flatnonzero(store.valid)
        self._sampled_offsets = store.offsets
        if store.valid is not None and self._valid_frames is not None:
            wanted = self._target_frame(self._window_sequence, self._window_frame)
            kept = store.valid[self._window_frame] & store.valid[wanted]
            self._window_sequence = self._window_sequence[kept]
            self._window_frame = self._window_frame[kept]
            self._sampled_offsets = np.searchsorted(self._valid_frames, store.offsets)
        self._batch_count = (
            self.window_count // batch_size
            if drop_remainder
            else -(-self.window_count // batch_size)
        )
        if self._batch_count == 0:
            raise AnatomyError(
                f"batches: {self.window_count} windows do not fill a batch of {batch_size}"
            )
        if start_batch >= self._batch_count:
            raise AnatomyError(
                f"batches: start_batch {start_batch} is past the {self._batch_count} of an epoch"
            )
        self._first_epoch, self._start_batch = epoch, start_batch
        self._epoch = epoch
        self._order: tuple[int, NDArray[np.int64]] | None = None

        padding = (store.offsets, receptive_field, causal)
        self._keypoints = EdgePaddedFrames(store.keypoints, *padding)
        if "visibility" in inputs:
            self._visibility = EdgePaddedFrames(store.visibility, *padding)
        self._window_lengths: NDArray[np.float32] | None = None
        if length_target == "window" and "bone_lengths" in outputs:
            lengths = bone_lengths(store.positions, store.skeleton)
            if store.valid is None:
                self._window_lengths = window_means(lengths, *padding)
            else:
                valid = store.valid[:, None].astype(np.float32)
                share = window_means(valid, *padding)
                # A window without a valid frame is nobody's target.
                share[share == 0] = 1
                self._window_lengths = window_means(lengths * valid, *padding) / share

    @classmethod
    def for_model(
        cls, model: BatchedModel, store: SequenceStore, batch_size: int = 1024, **options: Any
    ) -> Batches:
        """The batches that this model trains on: its window, its inputs and its outputs.

        Args:
            model: anything with ``receptive_field``, ``causal``, ``input_names`` and
                ``output_names``, and with ``sampled_frames`` if it has inputs of sampled frames.
            store: the sequences.
            batch_size: B.
            **options: further arguments of ``Batches``.
        """
        if any(name.startswith(("sampled", "augmented")) for name in model.input_names):
            options["sampled_frames"] = model.sampled_frames  # type: ignore[attr-defined]
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
        """Windows of an epoch, mirror images included, before the remainder is dropped."""
        return len(self._window_frame)

    @property
    def epoch(self) -> int:
        """The epoch whose batches are given now."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Gives the batches of this epoch from now on."""
        self._epoch = epoch

    def on_epoch_end(self) -> None:
        """Advances to the next epoch (Keras calls this)."""
        self._epoch += 1

    def __len__(self) -> int:
        """Batches of the current epoch, from ``start_batch`` on if it is the first."""
        return self._batch_count - self._skipped(self._epoch)

    def __getitem__(self, index: int) -> tuple[Arrays, Arrays]:
        """Batch ``index`` of the current epoch."""
        if not 0 <= index < len(self):
            raise IndexError(f"batch {index} of an epoch of {len(self)}")
        return self.batch(self._epoch, index + self._skipped(self._epoch))

    def batch(self, epoch: int, index: int) -> tuple[Arrays, Arrays]:
        """Batch ``index`` of any epoch, counted from the epoch's true beginning."""
        rng = np.random.Generator(
            np.random.SFC64(np.random.SeedSequence(self._seed, spawn_key=(epoch, index)))
        )
        windows = self._windows(epoch, index)
        sequence, frame = self._window_sequence[windows], self._window_frame[windows]
        arrays = self._target_arrays(sequence, frame)
        if "keypoints" in self.inputs:
            arrays["keypoints"] = self._keypoints.windows(sequence, frame)
        if "visibility" in self.inputs:
            arrays["visibility"] = self._visibility.windows(sequence, frame)
        if any(name.startswith(("sampled", "augmented")) for name in self.inputs + self.outputs):
            arrays |= self._sampled_arrays(rng, sequence, frame)
        return (
            {name: arrays[name] for name in self.inputs},
            {name: arrays[_generic_name(name)] for name in self.outputs},
        )

    def sequences(self, epoch: int, index: int) -> NDArray[np.int64]:
        """The sequence of each window of a batch, as the store counts them.

        Mirror images count on after the last sequence.
        """
        return self._window_sequence[self._windows(epoch, index)]

    def _windows(self, epoch: int, index: int) -> NDArray[np.int64]:
        first = index * self._batch_size
        return self._window_order(epoch)[first : first + self._batch_size]

    def _target_frame(
        self, sequence: NDArray[np.int64], frame: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        if not self._delayed:
            return frame
        return np.maximum(frame - self._half, self._offsets[sequence])

    def _target_arrays(self, sequence: NDArray[np.int64], frame: NDArray[np.int64]) -> Arrays:
        positions = self._positions[self._target_frame(sequence, frame)]
        arrays = dict.fromkeys(("positions", "bone_directions_q", "joint_shifts_q"), positions)
        if "bone_lengths" in self.outputs:
            arrays["bone_lengths"] = (
                bone_lengths(positions, self._skeleton)
                if self._window_lengths is None
                else self._window_lengths[frame]
            )
        return arrays

    def _sampled_arrays(
        self, rng: np.random.Generator, sequence: NDArray[np.int64], frame: NDArray[np.int64]
    ) -> Arrays:
        # Places among the frames that may be sampled, which are all frames or the valid ones.
        start = self._sampled_offsets[sequence]
        length = self._sampled_offsets[sequence + 1] - start
        place = frame if self._valid_frames is None else np.searchsorted(self._valid_frames, frame)
        local, count = place - start, self._sampled_frames
        if self._sampling == "consecutive":
            chosen = consecutive_frames(rng, local, length, count, self._causal)
        else:
            past = self._sampling == "past"
            chosen = sample_without_replacement(rng, local + 1 if past else length, count)
        chosen += start[:, None]
        if self._valid_frames is not None:
            chosen = self._valid_frames[chosen]
        arrays = {
            "sampled_keypoints": self._keypoints.frames(sequence[:, None], chosen),
            "sampled_positions": self._positions[chosen[:, 0]],
        }
        if any(name.startswith("augmented") for name in self.inputs + self.outputs):
            augmented = augment_frames(
                self._positions.take(chosen, axis=0),
                rng.random((len(frame), self._skeleton.bone_count), np.float32),
                random_trajectory(rng, chosen.shape),
                self._intrinsics[sequence],
                self._skeleton,
                self._degree,
            )
            arrays["augmented_keypoints"] = augmented.keypoints
            arrays["augmented_positions"] = augmented.first_positions
            arrays["augmented_bone_lengths"] = augmented.bone_lengths
        return arrays

    def _skipped(self, epoch: int) -> int:
        return self._start_batch if epoch == self._first_epoch else 0

    def _window_order(self, epoch: int) -> NDArray[np.int64]:
        # Threads may do this twice, with the same result; the tuple keeps the pair together.
        order = self._order
        if order is None or (order[0] != epoch and self._shuffle):
            windows = np.arange(self.window_count)
            if self._shuffle:
                seeds = np.random.SeedSequence(self._seed, spawn_key=(epoch,))
                np.random.default_rng(seeds).shuffle(windows)
            self._order = order = (epoch, windows)
        return order[1]


def load_batches(
    name: str,
    directory: str | os.PathLike[str] | None = None,
    *,
    split: str | None = "train",
    **options: Any,
) -> Batches:
    """The batches of a data set by its name.

    Args:
        name: ``"human36m/cpn"``, as ``anatomy_tf.data.load`` takes it.
        directory: where data sets are kept, likewise.
        split: likewise.
        **options: of ``Batches``: ``receptive_field``, and with a model its ``inputs`` and
            ``outputs`` (or give ``load``'s store to ``Batches.for_model``).

    Raises:
        AnatomyError: as ``anatomy_tf.data.load`` and ``Batches``.

    Example:
        >>> training = anatomy_tf.data.load_batches(
        ...     "human36m/cpn", split="train", receptive_field=243, sampled_frames=50,
        ...     batch_size=1024, inputs=model.input_names, outputs=model.output_names,
        ... )  # doctest: +SKIP
        >>> model.fit(training, epochs=80)  # doctest: +SKIP
    """
    return Batches(load(name, directory, split), **options)


class FollowEpoch(keras.callbacks.Callback):
    """Gives the batches of the epoch that ``fit`` is in, also after ``initial_epoch``.

    Without it the numbers of the epochs depend on how often Keras calls ``on_epoch_end`` before the
    first one.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras."""
        self.batches.set_epoch(epoch)


def _generic_name(output: str) -> str:
    return re.sub(r"_[1-9]\d*$", "_q", output)


def _check_choice(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise AnatomyError(f"batches: unknown {what} {value!r}; known are {', '.join(choices)}")
