"""Readers, the server's requests and the stream's lines answer damaged input in one line.

pytest tests/fuzz --fuzz-seconds 3600
"""

import pytest
from mutated_input import Counts, fuzz
from targets import TARGETS, server_targets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seconds(pytestconfig: pytest.Config) -> float:
    return float(pytestconfig.getoption("--fuzz-seconds")) / (len(TARGETS) + 3)


def told(counts: Counts) -> str:
    return "\n".join(f"{what}\n{content[:300]!r}" for what, content in counts.faults[:3])


@pytest.mark.parametrize("name", TARGETS)
def test_reader(name: str, seconds: float) -> None:
    pytest.importorskip(TARGETS[name].needs)
    counts = fuzz(TARGETS[name], seconds, seed=1)
    assert not counts.faults, told(counts)
    # What is no line of a run's metrics is left out.
    assert counts.refused > 0 or name == "metrics of a run"


def test_requests(seconds: float) -> None:
    targets = server_targets()
    assert len(targets) == 3
    for target in targets.values():
        counts = fuzz(target, seconds, seed=1)
        assert not counts.faults, told(counts)
        assert counts.refused > 0
