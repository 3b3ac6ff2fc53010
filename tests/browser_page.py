"""What tests of drawn pages share."""

import time
from typing import Any


def settle(page: Any) -> None:
    """Wait until what was asked for has been drawn, which the next animation frame does."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def wait_for(page: Any, condition: str, seconds: float = 120) -> None:
    """Wait until a JavaScript expression is true.

    ``page.wait_for_function`` asks again by ``eval``, which the viewer's content security policy
    forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"not within {seconds:g} s: {condition}"
        page.wait_for_timeout(20)
