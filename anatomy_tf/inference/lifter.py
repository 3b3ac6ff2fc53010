"""Lifting clips with a trained model, in NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.inference.clip_lifter import ClipInput, ClipLifter, Estimate
from anatomy_tf.inference.spread_calibration import SpreadCalibration, calibration_path
from anatomy_tf.models.shipped_models import find_model
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.bone_lengths import pooled_over
from anatomy_tf.network.estimate import FrameEstimates, LiftingNetwork
from anatomy_tf.network.weights import NetworkWeights, network_weights

if TYPE_CHECKING:
    from anatomy_tf.inference.streaming import StreamingLifter
    from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]

CHOICES = 8
"""Number of random choices of sampled frames for the spread of estimates."""


class Lifter(ClipLifter):
    """Lifts clips of any length with a trained model, in NumPy.

    Args:
        model: an ``AnatomyLifter`` or ``VideoPose``, or the weights of one. They are copied, so
            make a new lifter after further training.
        seed: for the random frames from which bone lengths are estimated, if the recipe samples
            them.
        calibration: see ``ClipLifter``.
        arrays: the array library that the network computes with; NumPy by default.

    Attributes:
        weights: the model's weights, with its config.

    Example:
        >>> lifter = Lifter.load("compact")
        >>> poses = lifter.lift(anatomy_tf.load_keypoints("keypoints.npz")[0])
        >>> poses.positions.shape
        (100, 17, 3)
    """

    def __init__(
        self,
        model: AnatomyLifter | VideoPose | NetworkWeights,
        seed: int = 0,
        calibration: SpreadCalibration | None = None,
        arrays: NumPyArrays | None = None,
    ) -> None:
        self.weights = network_weights(model)
        config = self.weights.config
        super().__init__(
            self.weights.skeleton,
            config.fps,
            config.receptive_field,
            calibration,
            self.weights.canonical,
        )
        self.seed = seed
        self.network = LiftingNetwork(self.weights, arrays or NumPyArrays())

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make the lifter again, so that other processes can have it (pickle)."""
        given = (self.weights, self.seed, self.calibration, self.network.arrays)
        return type(self), given

    @classmethod
    def load(cls, name: str | Path, **arguments: Any) -> Lifter:
        """Return a lifter with a shipped model, by name, or with the model of a ``.keras`` file.

        A calibration beside the file (``anatomy-tf calibrate``) is loaded, too.

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
        return cls(NetworkWeights.load(path), **arguments)

    from_preset = load
    """Return ``load(name)``, under the name that KerasHub uses."""

    def stream(self, people: int | Sequence[str] = 1, **arguments: Any) -> StreamingLifter:
        """Return a stream, which lifts frame by frame while the camera runs.

        Args:
            people: how many, or their names.
            **arguments: ``image_size``, ``skeleton``, ``fps``, ``half_life`` and ``fit``, as
                ``StreamingLifter`` takes them.
        """
        from anatomy_tf.inference.streaming import StreamingLifter

        return StreamingLifter(self.weights, people, **arguments)

    def _estimate(self, clip: ClipInput) -> Estimate:
        return self._estimate_alike([clip])[0]

    def _estimate_each(self, clips: Sequence[ClipInput]) -> list[Estimate]:
        # Clips of one length are rows of one batch, such as a clip and its mirror image.
        alike: dict[tuple[int, bool], list[int]] = {}
        for number, clip in enumerate(clips):
            alike.setdefault((len(clip.keypoints), clip.up is None), []).append(number)
        found: dict[int, Estimate] = {}
        for numbers in alike.values():
            estimates = self._estimate_alike([clips[number] for number in numbers])
            found |= dict(zip(numbers, estimates, strict=True))
        return [found[number] for number in range(len(clips))]

    def _estimate_alike(self, clips: Sequence[ClipInput]) -> list[Estimate]:
        """Return the estimates of clips of one length, with or without ``up``."""
        each = self._frame_estimates(clips)
        if each.lengths is None:
            return [Estimate(positions) for positions in self._numpy(each.vectors)]
        person = self._pooled(each, None)
        positions = self.network.regressed(person, each)
        shape = each.lengths.shape
        frames = np.broadcast_to(self._numpy(person).reshape(len(clips), -1, shape[2]), shape)
        directions = self.network.turned_back(each.vectors, each)
        arrays = [self._numpy(positions), frames, self._numpy(directions)]
        if each.up is not None:
            arrays.append(self._numpy(each.up))
        return [Estimate(*of_clip) for of_clip in zip(*arrays, strict=True)]

    def _frame_estimates(self, clips: Sequence[ClipInput]) -> FrameEstimates:
        keypoints, visibility = (
            np.stack([np.asarray(array, np.float32) for array in arrays])
            for arrays in zip(*((clip.keypoints, clip.visibility) for clip in clips), strict=True)
        )
        up = None
        if clips[0].up is not None:
            up = np.stack([np.asarray(clip.up, np.float32) for clip in clips])
        return self.network.frame_estimates(keypoints, visibility, up=up)

    def _variants(self, clip: ClipInput) -> Iterator[Array]:
        each = self._frame_estimates([clip])
        if each.lengths is None:
            yield self._numpy(each.vectors)[0]
            return
        rng = np.random.default_rng(self.seed)
        for _ in range(CHOICES):
            person = self._pooled(each, rng)
            yield self._numpy(self.network.regressed(person, each))[0]

    def _pooled(self, each: FrameEstimates, rng: np.random.Generator | None) -> Any:
        """Return bone lengths (N, b) or (N, T, b), pooled over the configured frames.

        Args:
            each: the networks' estimates for each frame.
            rng: draws as many frames as in training, instead of all; with ``None`` they are drawn
                by the lifter's seed, if the recipe samples frames.
        """
        config, recipe = self.weights.anatomical, self.weights.recipe
        assert config is not None and recipe is not None
        around = config.length_frames == "consecutive"
        if around or (rng is None and recipe.inference_frames == "all"):
            return self.network.pooled(each.lengths, each.logits)[0]
        rows, frames, _ = each.lengths.shape
        rng = np.random.default_rng(self.seed) if rng is None else rng
        arrays, count = self.network.arrays, config.sampled_frames
        if not config.causal:
            chosen = rng.choice(frames, min(frames, count), replace=False)
            chosen = np.broadcast_to(chosen, (rows, *chosen.shape))
            return pooled_over(each.lengths, each.logits, chosen, arrays.xp)
        past = past_frames(frames, count, rng)

        def part(values: Any, start: int, length: int) -> Any:
            lengths, logits = values
            chosen = np.broadcast_to(past[start : start + length], (len(lengths), length, count))
            return pooled_over(lengths, logits, chosen, arrays.xp)

        sizes = (self.skeleton.bone_count,)
        return arrays.in_parts(part, (each.lengths, each.logits), frames, 1, sizes=sizes)

    def _numpy(self, values: Any) -> Array:
        """Return values as a NumPy array, with which lifting continues."""
        return values if isinstance(values, np.ndarray) else np.asarray(values)


def past_frames(frames: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return frames (T, l), drawn from 0..t for each frame t.

    Row t < l holds each past frame about equally often; a later row holds l different ones.
    """
    rows = np.arange(frames)[:, None]
    chosen = np.arange(count)[None] % (rows + 1)
    for row in range(count, frames):
        chosen[row] = rng.choice(row + 1, count, replace=False)
    return chosen
