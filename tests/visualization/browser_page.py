"""What tests of drawn pages share."""

from typing import Any


def settle(page: Any) -> None:
    """Wait until what was asked for has been drawn, which the next animation frame does."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
