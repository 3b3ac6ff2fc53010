"""From a person's keypoints to poses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from anatomy_tf.data.batches.sampled_frames import consecutive_frames
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.clip_lifter import ClipLifter, Estimate
from anatomy_tf.inference.frame_lengths import FrameLengths
from anatomy_tf.inference.length_pooling import past_frames, pool_lengths, pool_past_lengths
from anatomy_tf.inference.shipped_models import calibration_path, find_model
from anatomy_tf.inference.spread_calibration import SpreadCalibration
from anatomy_tf.inference.whole_clip import FRAMES_AT_ONCE, WholeClip
from anatomy_tf.models import AnatomyLifter, VideoPose

if TYPE_CHECKING:
    from anatomy_tf.inference.streaming import StreamingLifter

Array = NDArray[np.float32]

CHOICES = 8
"""Of sampled frames, that the spread of estimates is taken over."""


class Lifter(ClipLifter):
    """Lifts clips of any length with a trained model.

    Args:
        model: an ``AnatomyLifter`` or ``VideoPose``. Its weights are copied: make a new lifter
            after training on.
        seed: draws the frames that bone lengths are estimated from, where the recipe samples them.
        calibration: see ``ClipLifter``.

    Example:
        >>> lifter = Lifter.load("compact")
        >>> poses = lifter.lift(anatomy_tf.load_keypoints("keypoints.npz")[0])
        >>> poses.positions.shape
        (100, 17, 3)
    """

    def __init__(
        self,
        model: AnatomyLifter | VideoPose,
        seed: int = 0,
        calibration: SpreadCalibration | None = None,
    ) -> None:
        super().__init__(model.skeleton, model.fps, model.receptive_field, calibration)
        self.model = model
        self.seed = seed
        self._whole_clip = WholeClip(model)
        self._lengths = FrameLengths(model) if isinstance(model, AnatomyLifter) else None

    @classmethod
    def load(cls, name: str | Path, **arguments: Any) -> Lifter:
        """A lifter with a shipped model, by name, or with the model of a ``.keras`` file.

        A calibration beside the file (``anatomy-tf calibrate``) comes with it.

        Args:
            name: such as ``"compact"``, or a path.
            **arguments: see ``Lifter``.

        Raises:
            AnatomyError: when there is no such model, or a file holds something else.
        """
        path = find_model(name)
        calibration = calibration_path(path)
        if "calibration" not in arguments and calibration.is_file():
            arguments["calibration"] = SpreadCalibration.load(calibration)
        try:
            model = keras.saving.load_model(path, compile=False)
        except (ValueError, OSError, TypeError, KeyError) as error:
            reason = str(error).strip().splitlines()[0]
            raise AnatomyError(
                f"{path}: not a Keras model file of this package: {reason}"
            ) from error
        if not isinstance(model, (AnatomyLifter, VideoPose)):
            raise AnatomyError(
                f"{path}: expected an AnatomyLifter or VideoPose, got {type(model).__name__}"
            )
        return cls(model, **arguments)

    def stream(self, people: int | Sequence[str] = 1, **arguments: Any) -> StreamingLifter:
        """Lifts frame by frame while the camera runs.

        Args:
            people: how many, or their names.
            **arguments: ``image_size``, ``skeleton``, ``fps``, ``half_life``: see
                ``StreamingLifter``.
        """
        # Its products are compiled when it is imported, which takes a second or two.
        from anatomy_tf.inference.streaming import StreamingLifter

        return StreamingLifter(self.model, people, **arguments)

    def _estimate(self, keypoints: Array, visibility: Array) -> Estimate:
        return self._estimate_each([(keypoints, visibility)])[0]

    def _estimate_each(self, clips: Sequence[tuple[Array, Array]]) -> list[Estimate]:
        found = self._whole_clip.each(clips)
        if isinstance(self.model, VideoPose):
            return [Estimate(positions) for positions in found]
        ends = np.cumsum([len(directions) for directions in found])[:-1]
        frames = self._frame_lengths(np.concatenate([keypoints for keypoints, _ in clips]))
        sampled = self.model.recipe.inference_frames == "sampled"
        lengths = [
            self._pooled(of_clip, logits, sampled, np.random.default_rng(self.seed))
            for of_clip, logits in zip(*(np.split(values, ends) for values in frames), strict=True)
        ]
        positions = self._positions(np.concatenate(lengths), np.concatenate(found))
        return [
            Estimate(*of_clip)
            for of_clip in zip(np.split(positions, ends), lengths, found, strict=True)
        ]

    def _variants(self, keypoints: Array, visibility: Array) -> Iterator[Array]:
        found = self._whole_clip(keypoints, visibility)
        if isinstance(self.model, VideoPose):
            yield found
            return
        lengths, logits = self._frame_lengths(keypoints)
        rng = np.random.default_rng(self.seed)
        for _ in range(CHOICES):
            yield self._positions(self._pooled(lengths, logits, True, rng), found)

    def _positions(self, lengths: Array, directions: Array) -> Array:
        head = self.model.get_layer("joint_positions")
        parts = [
            ops.convert_to_numpy(
                head(
                    [
                        lengths[start : start + FRAMES_AT_ONCE],
                        directions[start : start + FRAMES_AT_ONCE],
                    ]
                )
            )
            for start in range(0, len(lengths), FRAMES_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _pooled(
        self, lengths: Array, logits: Array, sampled: bool, rng: np.random.Generator
    ) -> Array:
        """(T, b): the configured frames pooled as the model pools them.

        Args:
            lengths: (T, b) of each frame.
            logits: (T, b) attention of each frame.
            sampled: from as many frames as in training, drawn, instead of all.
            rng: draws them.
        """
        assert isinstance(self.model, AnatomyLifter)
        frames = len(lengths)
        if self.model.config.length_frames == "consecutive":
            count, causal = self.model.sampled_frames, self.model.causal
            around = consecutive_frames(
                rng, np.arange(frames), np.full(frames, frames), count, causal
            )
            return pool_lengths(lengths, logits, around)
        if self.model.causal:
            if sampled:
                chosen = past_frames(frames, self.model.sampled_frames, rng)
                return pool_lengths(lengths, logits, chosen)
            return pool_past_lengths(lengths, logits)
        count = min(frames, self.model.sampled_frames) if sampled else frames
        chosen = rng.choice(frames, count, replace=False) if sampled else np.arange(frames)
        return np.repeat(pool_lengths(lengths, logits, chosen)[None], frames, axis=0)

    def _frame_lengths(self, keypoints: Array) -> tuple[Array, Array]:
        """Each frame's bone lengths (T, b) and attention logits (T, b)."""
        assert self._lengths is not None
        found = [
            self._lengths(keypoints[start : start + FRAMES_AT_ONCE])
            for start in range(0, len(keypoints), FRAMES_AT_ONCE)
        ]
        lengths, logits = zip(*found, strict=True)
        return np.concatenate(lengths), np.concatenate(logits)
