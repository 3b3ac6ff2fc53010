"""Running a LiteRT file, with neither TensorFlow nor Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.image_size import checked_size
from anatomy_tf.files.limits import PIXEL
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.inference.clip_lifter import ClipInput, Estimate
from anatomy_tf.inference.exported.description import skeleton_of
from anatomy_tf.inference.exported.exported_lifter import ExportedLifter
from anatomy_tf.inference.exported.litert_file import LIFT, STREAM, open_litert
from anatomy_tf.startup_notes import startup_notes_hidden

Array = NDArray[np.float32]


class LiteRTLifter(ExportedLifter):
    """Lifts clips with a file of ``export_litert``, as ``Lifter`` does with the model.

    If the file accepts N frames only, a longer clip is lifted in overlapping pieces of N frames, so
    that every frame has its whole window. A shorter clip is followed by its last frame, as the
    network itself does, and then by frames from all over it, so that bone lengths and up direction,
    which come of all N frames, stay near those of the clip. They are estimated from each piece.

    Args:
        path: the ``.tflite`` file.
        threads: of the interpreter.

    Attributes:
        description: what the file says of itself.

    Raises:
        AnatomyError: when the file is missing, damaged or of another kind.

    Example:
        >>> lifter = LiteRTLifter("compact.tflite")  # doctest: +SKIP
        >>> lifter.lift(keypoints).positions.shape  # doctest: +SKIP
        (100, 17, 3)
    """

    def __init__(self, path: str | Path, *, threads: int = 2) -> None:
        interpreter, description = open_litert(path, threads)
        if LIFT not in interpreter.get_signature_list():
            raise AnatomyError(f"{path}: expected a file that lifts clips, this one is of a stream")
        super().__init__(description, Path(path))
        self._run = interpreter.get_signature_runner(LIFT)

    def run(self, keypoints: Array, visibility: Array) -> Mapping[str, Any]:
        # The first run notes that it uses XNNPACK.
        with startup_notes_hidden():
            return self._run(keypoints=keypoints, visibility=visibility)

    def _estimate(self, clip: ClipInput) -> Estimate:
        keypoints, visibility, _ = clip
        count, frames = len(keypoints), self.description.get("frames", "any")
        if frames in ("any", count):
            return super()._estimate(clip)
        field = self.receptive_field
        before = field - 1 if self.description["causal"] else field // 2
        pieces = []
        for start, kept in _windows(count, frames, before, field - 1 - before):
            chosen = _filled(count, frames, field - 1 - before)[start : start + frames]
            pieces.append(self._piece(keypoints[chosen], visibility[chosen], kept))
        known = [name for name, values in vars(pieces[0]).items() if values is not None]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in known
        }
        return Estimate(**joined)


class LiteRTStream:
    """Lifts one person frame by frame with a file of ``export_litert(stream=True)``.

    A pose equals the newest pose of the whole clip so far. A lost joint stays where it was last
    seen, with a visibility that halves every 0.2 s.

    Args:
        path: the ``.tflite`` file.
        image_size: (width, height) of the video, pixels.
        threads: of the interpreter.

    Attributes:
        skeleton: layout of keypoints and poses.
        fps: the rate of the frames.
        description: what the file says of itself.
        bone_lengths: (b,) estimate so far, metres; ``None`` before the first frame and from the
            baseline.

    Raises:
        AnatomyError: when the file is missing, damaged or of another kind, or the size is
            outside ``files.limits``.

    Example:
        >>> stream = LiteRTStream("causal.tflite", image_size=(1280, 720))  # doctest: +SKIP
        >>> stream.push(np.full((17, 2), 360.0)).shape  # doctest: +SKIP
        (17, 3)
    """

    def __init__(self, path: str | Path, *, image_size: tuple[int, int], threads: int = 2) -> None:
        interpreter, self.description = open_litert(path, threads)
        if STREAM not in interpreter.get_signature_list():
            raise AnatomyError(f"{path}: expected a file of a stream, this one lifts clips")
        self.skeleton, self.fps = skeleton_of(self.description), self.description["fps"]
        self._image_size = np.array([checked_size(image_size, "stream")], np.float32)
        self._run = interpreter.get_signature_runner(STREAM)
        self.reset()

    def reset(self) -> None:
        """Forget all frames."""
        details = self._run.get_input_details()
        self._state = {
            name: np.zeros(tensor["shape"], tensor["dtype"])
            for name, tensor in details.items()
            if name.startswith("state_")
        }
        self.bone_lengths: Array | None = None

    def push(self, keypoints: Array, visibility: Array | None = None) -> Array:
        """Return the pose of one more frame.

        Args:
            keypoints: (J, 2) pixels; NaN where a joint was not detected.
            visibility: (J,) in [0, 1]; by default 1 where a joint was detected.

        Returns:
            (J, 3) root-relative metres in the camera's axes; NaN until the person is first seen.

        Raises:
            AnatomyError: for a wrong shape, a coordinate outside ``files.limits``, or a visibility
                outside [0, 1].
        """
        joints = self.skeleton.joint_count
        pixels = number_array(keypoints, np.float32, "stream: keypoints")
        if pixels.shape != (joints, 2):
            raise AnatomyError(
                f"stream: expected keypoints of shape ({joints}, 2), got {pixels.shape}"
            )
        PIXEL.check_each(pixels, "stream")
        lost = np.isnan(pixels.sum(axis=-1))
        scores = np.ones(joints, np.float32)
        if visibility is not None:
            scores = number_array(visibility, np.float32, "stream: visibility")
        if scores.shape != (joints,):
            raise AnatomyError(
                f"stream: expected visibility of shape ({joints},), got {scores.shape}"
            )
        scores = np.where(lost, np.float32(0), scores)
        if not np.all((scores >= 0) & (scores <= 1)):
            raise AnatomyError("stream: expected visibility in [0, 1]")
        found = self._run(
            pixels=np.where(lost[..., None], np.float32(np.nan), pixels)[None],
            visibility=scores[None],
            image_size=self._image_size,
            **self._state,
        )
        self._state = {name: found[name] for name in self._state}
        if "bone_lengths" in found:
            self.bone_lengths = found["bone_lengths"][0]
        return found["positions"][0]


def _filled(count: int, frames: int, after: int) -> NDArray[np.intp]:
    """Return the frames of a clip, and what follows them where these are too few.

    Args:
        count: frames of the clip.
        frames: how many there are to be at least.
        after: frames that a frame needs after it.
    """
    missing = max(frames - count, 0)
    held = min(after, missing)
    all_over = np.linspace(0, count - 1, missing - held).round().astype(np.intp)
    return np.concatenate([np.arange(count), np.full(held, count - 1), all_over])


def _windows(count: int, frames: int, before: int, after: int) -> Iterator[tuple[int, slice]]:
    """Yield the starts of overlapping windows that cover a clip, and which frames of each are kept.

    Args:
        count: frames of the clip.
        frames: of a window, more than ``before + after``.
        before: frames that a kept frame needs before it, except at the clip's start.
        after: likewise.
    """
    done = 0
    while done < count:
        start = max(min(done - before, count - frames), 0)
        end = count if start + frames >= count else start + frames - after
        yield start, slice(done - start, end - start)
        done = end
