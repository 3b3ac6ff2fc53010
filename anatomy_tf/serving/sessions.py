"""Streams whose state the server keeps, so that a camera sends frames only."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import secrets
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatomy_tf.files.limits import is_whole
from anatomy_tf.serving.refusal import RefusedError, invalid

Arrays = dict[str, NDArray[Any]]

STREAM = "stream"
"""The model's signature that takes and returns its state."""

SESSION = "stream_session"
"""The server's variant of ``STREAM``, which keeps the state at the server."""

SESSION_INPUTS = {"session": "string", "frame": "int64", "end": "bool"}
"""Inputs beside the stream's own: its id, its frame counted from 0, and whether it is the last."""

SESSION_OUTPUTS = ("session", "frame")


@dataclasses.dataclass
class Session:
    """A stream.

    Attributes:
        id: an unguessable name.
        version: version of the model that began it; another version cannot use its state.
        state: the model's memory after ``frames`` frames.
        frames: number of frames answered so far.
        answer: answer to the last of them, for a client that did not get it.
        turn: lock that lets in one frame at a time.
        used: time of its last use, seconds by the table's clock.
    """

    id: str
    version: int
    state: Arrays
    frames: int = 0
    answer: Arrays = dataclasses.field(default_factory=dict)
    turn: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)
    used: float = 0.0


class Sessions:
    """A bounded table of streams that forgets silent ones.

    Args:
        most: most streams at a time.
        expiry: seconds of silence after which a stream is forgotten.
        clock: the clock, which tests replace.
    """

    def __init__(
        self, most: int = 100, expiry: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self.expiry = expiry
        self._clock = clock
        # In the order of their last use, so that the expired ones are in front.
        self._table: collections.OrderedDict[str, Session] = collections.OrderedDict()

    def __len__(self) -> int:
        self._forget()
        return len(self._table)

    def begin(self, version: int, state: Arrays) -> Session:
        """Begin a new stream.

        Raises:
            RefusedError: when ``most`` streams are open.
        """
        self._forget()
        if len(self._table) >= self.most:
            raise RefusedError(
                "RESOURCE_EXHAUSTED",
                f"{self.most} streams are open, as many as may be; one closes by its client or "
                f"after {self.expiry:g} s of silence",
            )
        session = Session(secrets.token_urlsafe(16), version, state, used=self._clock())
        self._table[session.id] = session
        return session

    def get(self, id: str) -> Session:
        """Return an open stream.

        Raises:
            RefusedError: for one that was never begun, has ended or was silent for too long.
        """
        self._forget()
        session = self._table.get(id)
        if session is None:
            raise RefusedError(
                "NOT_FOUND",
                f"no stream {id!r}: it has ended, was silent for {self.expiry:g} s, or its server "
                "was restarted; begin a new one",
            )
        session.used = self._clock()
        self._table.move_to_end(id)
        return session

    def end(self, id: str) -> None:
        """Forget a stream, if it is there."""
        self._table.pop(id, None)

    def _forget(self) -> None:
        now = self._clock()
        while self._table:
            oldest = next(iter(self._table.values()))
            if now - oldest.used <= self.expiry or oldest.turn.locked():
                return
            del self._table[oldest.id]


def frame_due(session: Session, frame: int | None) -> bool:
    """Return whether a frame is the next one; otherwise it is the last one again.

    Args:
        session: the stream.
        frame: its number as the client counts, from 0; ``None`` from a client that does not count.

    Raises:
        RefusedError: when it is neither.
    """
    if frame is None or frame == session.frames:
        return True
    if frame == session.frames - 1:
        return False
    raise RefusedError(
        "FAILED_PRECONDITION",
        f"stream {session.id!r}: expected frame {session.frames}, or {session.frames - 1} again, "
        f"got {frame}",
    )


def stream_inputs(inputs: Arrays) -> tuple[str, int | None, bool]:
    """Return the stream's identifier, ``""`` for a new one, the frame's number and ``end``.

    Args:
        inputs: ``SESSION_INPUTS``, each of which may be missing; others are not read.

    Raises:
        RefusedError: when one is not a single value of its type.
    """
    id = _scalar(inputs, "session", "")
    frame = _scalar(inputs, "frame", None)
    end = _scalar(inputs, "end", False)
    if isinstance(id, bytes):
        id = id.decode(errors="replace")
    if not isinstance(id, str):
        raise invalid(f"session: expected text, got {id!r:.40}")
    whole = is_whole(frame) or (isinstance(frame, float) and frame.is_integer())
    if frame is not None and not whole:
        raise invalid(f"frame: expected a whole number, got {frame!r:.40}")
    if end not in (False, True):
        raise invalid(f"end: expected true or false, got {end!r:.40}")
    # A client that does not count sends a negative number.
    counted = None if frame is None or frame < 0 else int(frame)
    return id, counted, bool(end)


def _scalar(inputs: Arrays, name: str, default: Any) -> Any:
    """Return the one value of an input of any shape."""
    if name not in inputs:
        return default
    array = np.asarray(inputs[name])
    if array.size != 1:
        raise invalid(f"{name}: expected one value, got the shape {array.shape}")
    return array.reshape(()).item()
