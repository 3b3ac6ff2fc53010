"""A client of exported models, for our server or TensorFlow Serving itself."""

from __future__ import annotations

import functools
import json
import random
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.closing import Closing
from anatomy_tf.files.image_size import checked_size
from anatomy_tf.files.limits import FRAME_RATE, STREAM_PEOPLE
from anatomy_tf.files.number_arrays import number_array
from anatomy_tf.inference.clip_lifter import mean_direction
from anatomy_tf.inference.exported.description import skeleton_of
from anatomy_tf.network.arrays import NumPyArrays
from anatomy_tf.network.preparation import held, kept_visibility, not_found
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.gaps import NOT_FOUND, hold_ends
from anatomy_tf.sequences.person_checks import check_person
from anatomy_tf.sequences.resampling import shares_due
from anatomy_tf.serving.refusal import PASSING, RefusedError
from anatomy_tf.serving.sessions import SESSION, STREAM
from anatomy_tf.serving.signature import Arrays, Signature, texts
from anatomy_tf.serving.transports import GrpcTransport, RestTransport, Transport
from anatomy_tf.skeletons import Skeleton, get_skeleton, map_skeleton

Result = TypeVar("Result")
Points = NDArray[np.float32]


class Client(Closing):
    """Lifts clips at a server.

    Failures that may pass (a server that is missing, is full, or lost a process) are tried again
    with growing pauses, until the deadline. A call that fails raises ``RefusedError``, an
    ``AnatomyError`` whose ``code`` is the name of a gRPC code.

    Args:
        address: ``host:port`` for gRPC, ``http://host:port`` for REST.
        model: the model's name at the server.
        version: by default the newest.
        timeout: seconds for each call, tries and pauses together.
        attempts: tries, the first one included.
        pause: seconds before the second try; it doubles for each further one, and is multiplied
            by a random factor between 0.5 and 1.5.

    Example:
        >>> with Client("localhost:8500", "compact") as client:
        ...     poses = client.lift(anatomy_tf.load_keypoints("keypoints.npz")[0])
    """

    def __init__(
        self,
        address: str,
        model: str,
        *,
        version: int | None = None,
        timeout: float = 30.0,
        attempts: int = 6,
        pause: float = 0.2,
    ) -> None:
        if not timeout > 0 or attempts < 1 or pause < 0:
            raise AnatomyError(
                f"client: expected a positive timeout, at least 1 attempt and no negative pause, "
                f"got {timeout}, {attempts} and {pause}"
            )
        self.address, self.model, self.version = address, model, version
        self.timeout, self.attempts, self.pause = timeout, attempts, pause
        rest = address.startswith(("http://", "https://"))
        self._transport: Transport = (RestTransport if rest else GrpcTransport)(address, model)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def predict(
        self, inputs: Arrays, signature: str = "", *, timeout: float | None = None, sticky: str = ""
    ) -> dict[str, NDArray[Any]]:
        """Return the outputs of a signature.

        Args:
            inputs: by name, as ``signatures`` lists them.
            signature: by default ``"serving_default"``.
            timeout: seconds, by default the client's.
            sticky: a key; calls with the same key go to the same process of a server with several.

        Raises:
            RefusedError: saying what was expected.
        """
        return self._tried(
            lambda left: self._transport.predict(self.version, signature, inputs, left, sticky)[1],
            timeout,
        )

    def lift(self, keypoints: KeypointSequence, *, timeout: float | None = None) -> PoseSequence:
        """Return the poses of one person, at the clip's rate, in the model's layout.

        Frames before the first and after the last one in which the person is seen are not sent:
        they have the pose of that frame.

        Args:
            keypoints: one person's keypoints, of any layout that can stand for the model's.
            timeout: seconds, by default the client's.

        Returns:
            Root-relative poses in the camera's axes, metres, with the person's bone lengths, and up
            where the model tells it.

        Raises:
            RefusedError: when the server does not answer.
            AnatomyError: for a layout that cannot stand for the model's.
        """
        check_person(keypoints, KeypointSequence)
        mapped = keypoints.without(NOT_FOUND).mapped(self.skeleton)
        first, last = mapped.seen_span
        ready = mapped.between(first, last)
        outputs = self.predict(
            {
                "pixels": ready.keypoints[None].astype(np.float32),
                "visibility": ready.visibility[None].astype(np.float32),
                "image_size": np.array([[ready.width, ready.height]], np.float32),
                "fps": np.array([ready.fps], np.float32),
                "frames": np.array([len(ready)], np.int32),
            },
            "lift",
            timeout=timeout,
        )
        lengths = outputs.get("bone_lengths")
        if lengths is not None:
            # A causal model's lengths are those after the last frame.
            lengths = lengths[0].reshape(-1, lengths.shape[-1])[-1]
        return PoseSequence(
            hold_ends(outputs["positions"][0], first, len(mapped)),
            self.skeleton,
            keypoints.fps,
            bone_lengths=lengths,
            person=keypoints.person,
            source=keypoints.source,
            seen=mapped.seen,
            up=mean_direction(outputs["up"][0]) if "up" in outputs else None,
            warnings=keypoints.warnings,
            first_frame=keypoints.first_frame,
        )

    def stream(self, people: int = 1, **arguments: Any) -> ClientStream:
        """Return a stream, which lifts frame by frame with a causal model.

        Args:
            people: number of people.
            **arguments: ``image_size``, ``fps``, ``skeleton``: see ``ClientStream``.
        """
        return ClientStream(self, people, **arguments)

    @functools.cached_property
    def description(self) -> dict[str, Any]:
        """The model's own description: layout, joints, rate, units, axes, ..."""
        (text,) = self.predict({}, "describe").values()
        return json.loads(*texts(text))

    @functools.cached_property
    def skeleton(self) -> Skeleton:
        """The model's skeleton."""
        return skeleton_of(self.description)

    def signatures(self) -> dict[str, Signature]:
        """Return the signatures that can be called, with their inputs and outputs."""
        return self._tried(lambda left: self._transport.signatures(self.version, left), None)

    def status(self) -> dict[int, str]:
        """Return the state of each version, such as ``AVAILABLE``."""
        return self._tried(lambda left: self._transport.status(self.version, left), None)

    def wait_until_ready(self, seconds: float = 120.0) -> None:
        """Wait until a version is available.

        Args:
            seconds: the longest time to wait.

        Raises:
            RefusedError: when no version is available by then, or the address cannot be.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                states = self._transport.status(self.version, 10)
                told = ", ".join(f"version {n} {state}" for n, state in states.items()) or "none"
                if "AVAILABLE" in states.values():
                    return
            except RefusedError as error:
                if error.code == "INVALID_ARGUMENT":
                    # Waiting does not help, for example, where the address is impossible.
                    raise RefusedError(
                        error.code, f"{self.address}: {self.model}: {error.message}"
                    ) from None
                told = str(error)
            if time.monotonic() > deadline:
                raise RefusedError(
                    "UNAVAILABLE",
                    f"{self.address}: {self.model} is not available after {seconds:g} s: {told}",
                )
            time.sleep(0.2)

    def _tried(self, call: Callable[[float], Result], timeout: float | None) -> Result:
        allowed = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + allowed
        attempt, left = 1, allowed
        while True:
            try:
                return call(left)
            except RefusedError as error:
                where = f"{self.address}: {self.model}"
                if error.code not in PASSING or attempt == self.attempts:
                    tries = "" if attempt == 1 else f" (after {attempt} tries)"
                    message = f"{where}: {error.message}{tries}"
                    raise RefusedError(error.code, message) from None
                pause = self.pause * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
                left = deadline - time.monotonic() - pause
                if left <= 0:
                    raise RefusedError(
                        "DEADLINE_EXCEEDED",
                        f"{where}: no answer within {allowed:g} s; the last of {attempt} tries: "
                        f"{error.message}",
                    ) from None
                time.sleep(pause)
                attempt += 1


class ClientStream(Closing):
    """Frames of a running camera, lifted at a server by a causal model.

    Our server keeps the stream's state in a session. Where there are no sessions, as in TensorFlow
    Serving itself, the state travels with each frame. A camera slower or faster than the model is
    interpolated to the model's rate, as in ``StreamingLifter``; a push then sends as many of the
    model's frames as are due. Close the stream, or use it in a ``with`` block, so that the server
    forgets it.

    Args:
        client: the server's client.
        people: P, the number of people.
        image_size: (width, height) of the video, pixels.
        fps: the camera's frame rate, by default the model's.
        skeleton: layout of the keypoints, by default the model's.

    Raises:
        AnatomyError: for a model without streams, a layout that cannot stand for the model's, or a
            rate or size outside ``files.limits``.
    """

    def __init__(
        self,
        client: Client,
        people: int = 1,
        *,
        image_size: tuple[int, int],
        fps: float | None = None,
        skeleton: str | Skeleton | None = None,
    ) -> None:
        signatures = client.signatures()
        if STREAM not in signatures:
            raise AnatomyError(
                f"{client.address}: {client.model} has no streams: the model is not causal"
            )
        self.model_fps = float(client.description["fps"])
        self.fps = self.model_fps if fps is None else float(fps)
        FRAME_RATE.check(self.fps, "stream")
        STREAM_PEOPLE.check(people, "stream")
        size = checked_size(image_size, "stream")
        target = client.skeleton
        self.skeleton = target if skeleton is None else get_skeleton(skeleton)
        self._mapping = None if self.skeleton == target else map_skeleton(self.skeleton, target)
        self.people = people
        self._client = client
        self._image_size = np.tile(np.array(size, np.float32), (people, 1))
        takes, gives = signatures[STREAM].inputs, signatures[STREAM].outputs
        self._session: str | None = "" if SESSION in signatures else None
        # Zeros begin a stream.
        self._state = {
            name: np.zeros([people if n is None else n for n in tensor.shape], tensor.dtype)
            for name, tensor in takes.items()
            if name in gives and self._session is None
        }
        self._sticky = uuid.uuid4().hex
        self._sent = self._pushed = 0
        unseen = np.full((people, target.joint_count, 2), np.nan, np.float32)
        self._before: tuple[Points, Points] = unseen, np.zeros(unseen.shape[:2], np.float32)
        self._newest: dict[str, NDArray[Any]] = {}

    def push(self, keypoints: Any, visibility: Any = None) -> dict[str, NDArray[Any]]:
        """Return the model's outputs after one more frame of the camera.

        Args:
            keypoints: (P, J, 2) pixels; NaN where a joint was not detected.
            visibility: (P, J) in [0, 1]; by default 1 where a joint was detected.

        Returns:
            ``positions`` (P, J, 3) root-relative metres in the camera's axes and the model's
            layout, NaN for a person who was not seen yet; and the model's other outputs.

        Raises:
            RefusedError: when the server does not answer; the frame may be pushed again.
            AnatomyError: for a wrong shape.
        """
        now = self._checked(keypoints, visibility)
        if self.fps == self.model_fps:
            self._newest = self._send(*now)
        else:
            now, before = self._without_gaps(*now)
            for share in shares_due(self._sent, self._pushed, self.fps, self.model_fps):
                self._newest = self._send(
                    *((1 - share) * a + share * b for a, b in zip(before, now, strict=True))
                )
            self._before = now
        self._pushed += 1
        return dict(self._newest)

    def close(self) -> None:
        """Make the server forget the stream; it may have forgotten it already."""
        if not self._session:
            return
        told = {"session": np.array(self._session, object), "end": np.array(True)}
        self._session = ""
        try:
            self._client.predict(told, SESSION, sticky=self._sticky)
        except RefusedError as error:
            if error.code != "NOT_FOUND":
                raise

    def _send(self, pixels: Points, visibility: Points) -> dict[str, NDArray[Any]]:
        """Send one frame at the model's rate and return its outputs."""
        inputs = {"pixels": pixels, "visibility": visibility, "image_size": self._image_size}
        if self._session is None:
            outputs = self._client.predict({**inputs, **self._state}, STREAM)
            self._state = {name: outputs.pop(name) for name in self._state}
        else:
            # With the number, a second try of a frame that was lifted returns the same answer.
            told = {
                "session": np.array(self._session, object),
                "frame": np.array(self._sent, np.int64),
            }
            outputs = self._client.predict({**inputs, **told}, SESSION, sticky=self._sticky)
            outputs.pop("frame")
            (self._session,) = texts(outputs.pop("session"))
        self._sent += 1
        return outputs

    def _checked(self, keypoints: Any, visibility: Any) -> tuple[Points, Points]:
        pixels = number_array(keypoints, np.float32, "stream: keypoints")
        shape = (self.people, self.skeleton.joint_count)
        if pixels.shape != (*shape, 2):
            raise AnatomyError(
                f"stream: expected keypoints of shape {(*shape, 2)} for {self.people} people in "
                f"{self.skeleton.name}, got {pixels.shape}"
            )
        scores = np.ones(shape, np.float32)
        if visibility is not None:
            scores = number_array(visibility, np.float32, "stream: visibility")
        if scores.shape != shape:
            raise AnatomyError(f"stream: expected visibility of shape {shape}, got {scores.shape}")
        if self._mapping is not None:
            pixels, scores = self._mapping.points(pixels), self._mapping.visibility(scores)
        lost = np.isnan(pixels[..., 0]) | np.isnan(pixels[..., 1])
        return pixels, np.where(lost, np.float32(0), scores)

    def _without_gaps(
        self, pixels: Points, visibility: Points
    ) -> tuple[tuple[Points, Points], tuple[Points, Points]]:
        """Hold lost joints where they were last seen, as ``StreamingLifter`` does.

        Returns:
            The newest frame and the one before it, which is the same for people who are seen for
            the first time. People who were never seen are NaN.
        """
        arrays = NumPyArrays()
        started: NDArray[np.bool_] = np.asarray(~np.isnan(self._before[0]).any(axis=(1, 2)))
        lost = not_found(pixels, visibility, arrays)
        kept = kept_visibility(self.fps)
        places, scores = held(pixels, visibility, lost, (*self._before, started), kept, arrays)
        unseen = lost.all(axis=1) & ~started
        places = np.where(unseen[:, None, None], np.float32(np.nan), places)
        before = (
            np.where(started[:, None, None], self._before[0], places),
            np.where(started[:, None], self._before[1], scores),
        )
        return (places, scores), before
