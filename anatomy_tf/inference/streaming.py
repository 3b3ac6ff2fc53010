"""Lifting frame by frame while the camera runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.atomic import atomic_file
from anatomy_tf.files.image_size import checked_size
from anatomy_tf.files.limits import (
    FRAME_NUMBER,
    FRAME_RATE,
    PEOPLE,
    PIXEL,
    is_number,
    is_whole,
)
from anatomy_tf.files.npz_archive import read_npz
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.files.paths import check_input, check_output
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.fast_stream import StreamingNetwork
from anatomy_tf.network.preparation import (
    HALF_LIFE,
    held,
    kept_visibility,
    network_keypoints,
    not_found,
)
from anatomy_tf.network.weights import NetworkWeights, network_weights
from anatomy_tf.poses.keypoint_fit import fit_memory, fit_next
from anatomy_tf.sequences.resampling import shares_due
from anatomy_tf.skeletons import Skeleton, get_skeleton, map_skeleton

if TYPE_CHECKING:
    from anatomy_tf.models import AnatomyLifter, VideoPose

Array = NDArray[np.float32]

_NOTHING = {"entered": -1, "positions": np.nan, "bone_lengths": np.nan}
"""Values in the memory of a person who was never seen; arrays not named here hold 0."""


class StreamingLifter:
    """Lifts several people frame by frame, at constant cost and memory.

    A causal model gives each frame's pose at once, a centred model the pose of ``latency`` frames
    ago. Poses of a model of the canonical view are fitted to the keypoints so far
    (``poses.keypoint_fit.fit_next``). Without that, those of a causal model are the same as
    ``Lifter.estimate(flip=False)`` gives for the clip so far. Two things differ from a whole clip:
    bone lengths come from all frames so far (also where the recipe samples some
    of them), and a lost joint cannot be interpolated, as its next detection is still to come. It is
    held where it was last seen, with a visibility that halves every ``half_life`` seconds.

    At a camera's rate other than the model's, keypoints are interpolated to the model's frames; a
    push gives the newest of them, so a camera slower than the model costs several frames a push.

    Args:
        model: the trained model, or its weights. They are copied: make a new stream after training
            on.
        people: their number, and then they are named "0", "1", ..., or their names. People may come
            and go later.
        image_size: (width, height) of the video, pixels.
        skeleton: layout of the keypoints, by default the model's; it is mapped by joint names.
        fps: the camera's frame rate, by default the model's.
        half_life: seconds in which a lost joint's visibility halves.
        fit: fit poses to their keypoints, of models that can.

    Raises:
        AnatomyError: for an impossible argument, a layout that cannot stand for the model's, or
            a model with ``length_frames="consecutive"``.

    Example:
        >>> stream = Lifter.load("causal").stream(image_size=(1280, 720), fps=30)
        >>> stream.push(np.full((1, 17, 2), 360.0)).shape  # pixels in, metres out
        (1, 17, 3)
    """

    def __init__(
        self,
        model: AnatomyLifter | VideoPose | NetworkWeights,
        people: int | Sequence[str] = 1,
        *,
        image_size: tuple[int, int],
        skeleton: str | Skeleton | None = None,
        fps: float | None = None,
        half_life: float = HALF_LIFE,
        fit: bool = True,
    ) -> None:
        given: Any = people
        if is_whole(given):
            # Before the names of a billion people are made.
            PEOPLE.check(given or 1, "stream")
            given = [str(number) for number in range(given)]
        named = isinstance(given, Sequence) and not isinstance(given, str)
        if not named or not all(isinstance(name, str) for name in given):
            raise AnatomyError(f"stream: expected people's number or names, got {given!r:.40}")
        names = list(given)
        if len(set(names)) < len(names):
            raise AnatomyError(f"stream: expected different names of people, got {names}")
        weights = network_weights(model)
        self.image_size = checked_size(image_size, "stream")
        self.fps = weights.config.fps if fps is None else fps
        FRAME_RATE.check(self.fps, "stream")
        if not is_number(half_life) or not 0 < half_life < float("inf"):
            raise AnatomyError(f"stream: expected a positive half-life, got {half_life!r:.40}")
        self.skeleton, self._canonical = weights.skeleton, weights.canonical
        self.source_skeleton = self.skeleton if skeleton is None else get_skeleton(skeleton)
        self._mapping = (
            None
            if self.source_skeleton == self.skeleton
            else map_skeleton(self.source_skeleton, self.skeleton)
        )
        self.model_fps = weights.config.fps
        self._kept_visibility = kept_visibility(self.fps, half_life)
        self._network = StreamingNetwork(weights, len(names))
        self._people = names
        self._frames = 0
        self._fit = fit and self._canonical
        joints, bones = self.skeleton.joint_count, self.skeleton.bone_count
        shapes: dict[str, tuple[int, ...]] = {
            "screen": (joints, 2),
            "visibility": (joints,),
            "started": (),
            "entered": (),
            "positions": (joints, 3),
            "bone_lengths": (bones,),
        }
        if self._fit:
            # x, y and visibility from the frame of the newest pose to the newest frame.
            shapes |= {"seen": (self.latency + 1, joints, 3), **fit_memory(self.skeleton)}
        kinds = {"started": bool, "entered": np.int64}
        self._memory: dict[str, NDArray[Any]] = {
            name: np.full((len(names), *shape), _NOTHING.get(name, 0), kinds.get(name, np.float32))
            for name, shape in shapes.items()
        }

    @property
    def people(self) -> tuple[str, ...]:
        """Names of the people in the rows of keypoints and poses."""
        return tuple(self._people)

    @property
    def latency(self) -> int:
        """Age of a pose against the newest keypoints, in frames at the model's rate."""
        return self._network.latency

    @property
    def time(self) -> float:
        """Seconds from the first frame to the last pose; negative while no pose is due."""
        return (self._network.frame - 1 - self.latency) / self.model_fps

    @property
    def bone_lengths(self) -> Array:
        """(P, b) estimates so far, metres; NaN where there is none, as from the baseline."""
        return self._memory["bone_lengths"].copy()

    def push(self, keypoints: NDArray[np.floating], visibility: Any = None) -> Array:
        """Return the poses after one more frame.

        Args:
            keypoints: (P, J, 2) pixels, in the order of ``people``; NaN where a joint was not
                detected. A person without any joint is held; one not seen before begins with the
                first joint seen, and joints not seen by then take the others' mean.
            visibility: (P, J) in [0, 1]; by default 1 where a joint was detected.

        Returns:
            (P, J, 3) root-relative metres in the camera's axes and the model's layout, of the frame
            ``latency`` ago; NaN for a person who was not there then.

        Raises:
            AnatomyError: for a wrong shape, a coordinate outside ``files.limits``, or a visibility
                outside [0, 1].
        """
        keypoints, scores = self._checked(keypoints, visibility)
        if self._mapping is not None:
            keypoints, scores = self._mapping.points(keypoints), self._mapping.visibility(scores)
        before = self._memory["screen"], self._memory["visibility"]
        size = np.array([self.image_size], np.float32)
        screen = network_keypoints(keypoints[None], size, self._canonical, NumPyArrays())[0]
        starting = self._remember(screen, scores)
        now = self._memory["screen"], self._memory["visibility"]
        for past, present in zip(before, now, strict=True):
            past[starting] = present[starting]
        for share in shares_due(self._network.frame, self._frames, self.fps, self.model_fps):
            screen, visible = (
                np.asarray((1 - share) * past + share * present, np.float32)
                for past, present in zip(before, now, strict=True)
            )
            self._advance(screen, visible)
        self._frames += 1
        return self._memory["positions"].copy()

    def finish(self) -> Array:
        """Return the poses (latency, P, J, 3) that are still due from a centred model.

        The last frame is repeated, as training repeats it after a clip's end. Reset the stream
        before the next push.
        """
        due = [np.zeros((0, *self._memory["positions"].shape), np.float32)]
        for _ in range(self.latency):
            self._advance(self._memory["screen"], self._memory["visibility"])
            due.append(self._memory["positions"][None])
        return np.concatenate(due)

    def add(self, person: str | None = None) -> str:
        """Add a person as the last row.

        Args:
            person: a name; by default the lowest unused number.

        Returns:
            The name.

        Raises:
            AnatomyError: when the name is taken, or is no text.
        """
        if person is None:
            person = next(
                str(n) for n in range(len(self._people) + 1) if str(n) not in self._people
            )
        if not isinstance(person, str):
            raise AnatomyError(f"stream: expected a person's name, got {person!r:.40}")
        if person in self._people:
            raise AnatomyError(f"stream: person {person!r} is there already")
        self._people.append(person)
        self._network.add_person()
        for name, values in self._memory.items():
            self._memory[name] = np.concatenate(
                [values, np.zeros_like(values, shape=(1, *values.shape[1:]))]
            )
        self._forget(len(self._people) - 1)
        return person

    def remove(self, person: str) -> None:
        """Remove a person; later rows move up.

        Args:
            person: the person's name.

        Raises:
            AnatomyError: when no person has that name.
        """
        row = self._row(person)
        del self._people[row]
        self._network.remove_person(row)
        for name, values in self._memory.items():
            self._memory[name] = np.delete(values, row, axis=0)

    def reset(self, person: str | None = None) -> None:
        """Forget what was seen of a person, or of everyone, which also sets the time to 0.

        Args:
            person: the person's name; everyone by default.

        Raises:
            AnatomyError: when no person has that name.
        """
        rows = range(len(self._people)) if person is None else [self._row(person)]
        for row in rows:
            self._forget(row)
        if person is None:
            self._frames = self._network.frame = 0

    def state(self) -> dict[str, NDArray[Any]]:
        """Return copies of the stream's memory, with which another stream can continue."""
        arrays = {**self._memory, **self._network.memory()}
        state = {name: values.copy() for name, values in arrays.items()}
        state["people"] = np.array(self._people, np.str_)
        state["frames"] = np.array([self._frames, self._network.frame], np.int64)
        return state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue from the state of a stream of the same model and frame rate.

        Args:
            state: arrays by name, as ``state`` returns them.

        Raises:
            AnatomyError: when arrays are missing or of another shape, names are not different, or
                the counts of frames are not of this rate.
        """
        names = np.atleast_1d(np.asarray(state.get("people", ())))
        count = len(names)
        mine = self.state()
        for name, values in mine.items():
            axis = 0 if name in self._memory else 1
            shape = list(values.shape)
            if name == "people":
                shape = [count]
            elif name != "frames":
                shape[axis] = count
            found = np.asarray(state.get(name, np.zeros(0)))
            if list(found.shape) != shape or found.dtype.kind != values.dtype.kind:
                raise AnatomyError(
                    f"stream state: expected {name} of shape {tuple(shape)}, got "
                    f"{found.shape if name in state else 'nothing'}; is it of this model?"
                )
        people = [str(name) for name in names]
        if len(set(people)) < count:
            raise AnatomyError(f"stream state: expected different names of people, got {people}")
        pushed, taken = (int(number) for number in state["frames"])
        # The model's frames that the pushed ones made due; `finish` takes more.
        due = 0 if pushed < 1 else 1 + (pushed - 1) * self.model_fps / self.fps
        if not 0 <= pushed <= FRAME_NUMBER.most or not -1 <= taken - due <= 1 + self.latency:
            raise AnatomyError(
                f"stream state: expected counts of frames at {self.fps:g} and "
                f"{self.model_fps:g} frames a second, got {pushed} and {taken}"
            )
        self._people = people
        self._memory = {name: np.array(state[name]) for name in self._memory}
        self._network.restore({name: np.array(state[name]) for name in self._network.memory()})
        self._frames, self._network.frame = pushed, taken

    def save(self, path: str | Path) -> None:
        """Write the state to an npz file.

        Args:
            path: the file, which ends in ``.npz``; an existing one is replaced.

        Raises:
            AnatomyError: when it cannot be written.
        """
        with atomic_file(check_output(path, ".npz")) as file:
            np.savez(file, allow_pickle=False, **self.state())

    def load(self, path: str | Path) -> None:
        """Continue from a state that ``save`` wrote.

        Args:
            path: the ``.npz`` file.

        Raises:
            AnatomyError: when it cannot be read or is not of this model.
        """
        state = read_npz(check_input(path))
        try:
            self.restore(state)
        except AnatomyError as error:
            raise AnatomyError(f"{path}: {error}") from None

    def _checked(self, keypoints: Any, visibility: Any) -> tuple[Array, Array]:
        """Return keypoints and visibility, with NaN and 0 wherever a joint is lost."""
        keypoints = number_array(keypoints, np.float32, "stream: keypoints")
        shape = (len(self._people), self.source_skeleton.joint_count)
        if keypoints.shape != (*shape, 2):
            raise AnatomyError(
                f"stream: expected keypoints of shape {(*shape, 2)} for {len(self._people)} people "
                f"in {self.source_skeleton.name}, got {keypoints.shape}"
            )
        PIXEL.check_each(keypoints, "stream")
        lost = np.isnan(keypoints).any(axis=-1)
        scores = np.ones(shape, np.float32)
        if visibility is not None:
            scores = number_array(visibility, np.float32, "stream: visibility")
        if scores.shape != shape:
            raise AnatomyError(
                f"stream: expected visibility of shape {shape}, got {np.shape(visibility)}"
            )
        scores = np.where(lost, np.float32(0), scores)
        if not ((scores >= 0) & (scores <= 1)).all():
            raise AnatomyError("stream: expected visibility in [0, 1]")
        lost = not_found(keypoints, scores, NumPyArrays())
        scores = np.where(lost, np.float32(0), scores)
        return np.where(lost[..., None], np.float32(np.nan), keypoints), scores

    def _remember(self, screen: Array, scores: Array) -> NDArray[np.bool_]:
        """Store seen joints, hold lost ones, and return who is seen for the first time."""
        memory = self._memory
        lost = np.isnan(screen[..., 0])
        started = memory["started"]
        present = started | ~lost.all(axis=1)
        before = memory["screen"], memory["visibility"], started
        found = held(screen, scores, lost, before, self._kept_visibility, NumPyArrays())
        for name, values in zip(("screen", "visibility"), found, strict=True):
            # People who were never seen have no memory.
            seen = present.reshape(-1, *[1] * (values.ndim - 1))
            memory[name] = np.where(seen, values, 0).astype(np.float32)
        memory["started"] = present
        return present & ~started

    def _advance(self, screen: Array, visibility: Array) -> None:
        """Compute one frame of the model."""
        memory, frame = self._memory, self._network.frame
        new = memory["started"] & (memory["entered"] < 0)
        positions, lengths, _ = self._network.push(screen, visibility, new)
        memory["entered"][new] = frame
        there = memory["started"] & (frame - memory["entered"] >= self.latency)
        positions = positions - positions[:, self.skeleton.root, None]
        if self._fit and lengths is not None:
            positions, lengths = self._fitted(positions, lengths, screen, visibility, there)
        memory["positions"] = np.where(there[:, None, None], positions, np.float32(np.nan))
        if lengths is not None:
            memory["bone_lengths"] = np.where(
                memory["started"][:, None], lengths, np.float32(np.nan)
            )

    def _fitted(
        self,
        positions: Array,
        lengths: Array,
        screen: Array,
        visibility: Array,
        there: NDArray[np.bool_],
    ) -> tuple[Array, Array]:
        """Return poses and bone lengths that agree with the keypoints, of who was there."""
        memory = self._memory
        newest = np.concatenate([screen, visibility[..., None]], axis=-1)
        memory["seen"] = np.concatenate([memory["seen"][:, 1:], newest[:, None]], axis=1)
        rays, visible = memory["seen"][:, 0, :, :2], memory["seen"][:, 0, :, 2]
        *found, after = fit_next(
            positions, rays, visible, memory, self.skeleton, self.model_fps, xp=np
        )
        for name, values in after.items():
            rows = there.reshape(-1, *[1] * (values.ndim - 1))
            memory[name] = np.where(rows, values, memory[name]).astype(np.float32)
        return (
            found[0].astype(np.float32),
            np.where(there[:, None], found[1], lengths).astype(np.float32),
        )

    def _forget(self, row: int) -> None:
        for name, values in self._memory.items():
            values[row] = _NOTHING.get(name, 0)

    def _row(self, person: str) -> int:
        if person not in self._people:
            known = ", ".join(self._people) or "nobody"
            raise AnatomyError(f"stream: no person {person!r}; there: {known}")
        return self._people.index(person)
