"""Fixtures that several rooms' tests share."""

import shutil
import signal
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the time of tests/fuzz."""
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=30.0,
        help="seconds in which tests/fuzz gives all readers damaged input (default: 30)",
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The founders' material beside the checkout; users do not have it."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared (motion capture and references), which is not here")
    return folder


@pytest.fixture(autouse=True, scope="session")
def signals_arrive() -> None:
    """Python ignores Ctrl-C in a shell's background, as by some CI systems, and SIGHUP by nohup."""
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, driven by Playwright.

    One for each file: while it is there, an event loop runs, and other files' tests cannot run
    theirs.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs chromium on PATH")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium, args=flags)
        yield running
        running.close()
