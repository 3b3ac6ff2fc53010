"""Work that a second processor core may take."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class SecondThread:
    """Runs work in a second thread, unless the caller needs the result before it has begun.

    Then the caller does the work itself. So nobody waits for work in a queue: on a busy machine,
    where the second thread hardly runs, the caller does everything.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    def start(self, work: Callable[[], Result]) -> Callable[[], Result]:
        """Return a function, to be called once, that does the work or waits until it is done."""
        under_way = self._pool.submit(work)
        return lambda: work() if under_way.cancel() else under_way.result()
