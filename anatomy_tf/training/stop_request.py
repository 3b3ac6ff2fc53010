"""Ctrl-C as a request to stop after the current step."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class TrainingInterrupted(KeyboardInterrupt):
    """Raised when a run stops on request; its message says how to resume it."""


class StopRequest:
    """A context that records the first Ctrl-C, SIGTERM or SIGHUP; the second acts as usual.

    An interrupt in the middle of a training step would leave weights that belong to no step. SIGHUP
    says that the terminal was closed; where ``nohup`` has it ignored, it stays so.

    Example:
        >>> with StopRequest() as stop:
        ...     while not stop.requested:
        ...         step()
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopRequest:
        # Python lets only the main thread handle signals; elsewhere they act as usual.
        if threading.current_thread() is threading.main_thread():
            numbers = [signal.SIGINT, signal.SIGTERM]
            # Windows has no SIGHUP.
            hangup = getattr(signal, "SIGHUP", None)
            if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
                numbers.append(hangup)
            self._before = {number: signal.signal(number, self._note) for number in numbers}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
