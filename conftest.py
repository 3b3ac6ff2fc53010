"""What every run of the tests does: import only what it tests, and tell what the tests cost."""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes side by side share the cores; libraries read this when they are loaded.
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

SLOW_FILE = re.compile(r"^pytestmark = .*\bmark\.slow\b", re.MULTILINE)
CPU_SECONDS = "CPU seconds"
KERAS = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the table of what the tests cost."""
    parser.addoption("--cpu-seconds", action="store_true", help="tell each room's CPU seconds")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of slow tests alone, and for slow tests files without any.

    To import TensorFlow takes longer than hundreds of tests.
    """
    wanted = config.option.markexpr
    if collection_path.suffix != ".py" or wanted not in ("slow", "not slow"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    unwanted = "mark.slow" not in text if wanted == "slow" else SLOW_FILE.search(text)
    return True if unwanted else None


def cpu_seconds() -> float:
    """Seconds of this process and of those that it started and saw end."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Note when a test began, and with what."""
    item.user_properties.append((CPU_SECONDS, -cpu_seconds()))
    item.stash[KERAS] = "keras" in sys.modules
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Note what it took, with what it set up for itself and for others."""
    try:
        yield
    finally:
        item.user_properties.append((CPU_SECONDS, cpu_seconds()))
    if not (item.stash[KERAS] or "keras" not in sys.modules or item.get_closest_marker("slow")):
        pytest.fail("this test loads Keras and so is slow: @pytest.mark.slow", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the tests and seconds of each room, as a table."""
    if not terminalreporter.config.option.cpu_seconds:
        return
    tests: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                room = report.nodeid.split("::")[0].removeprefix("tests/").partition("/")[0]
                tests[room] += 1
                seconds[room] += sum(v for k, v in report.user_properties if k == CPU_SECONDS)
    terminalreporter.write_line("| room | tests | CPU seconds |\n| --- | ---: | ---: |")
    for room in sorted(tests):
        terminalreporter.write_line(f"| `{room}` | {tests[room]} | {seconds[room]:.1f} |")
    terminalreporter.write_line(f"| all | {tests.total()} | {seconds.total():.1f} |")
