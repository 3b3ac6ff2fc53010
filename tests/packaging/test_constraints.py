"""constraints.txt pins all that the tests, the demo and the documentation need."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]


def pins() -> dict[str, str]:
    """Distribution to version."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.fixture
def stated(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What setup.py tells setuptools."""
    arguments: dict[str, Any] = {}
    stand_in = SimpleNamespace(setup=arguments.update, find_packages=lambda *_, **__: [])
    monkeypatch.setitem(sys.modules, "setuptools", stand_in)
    runpy.run_path(str(REPOSITORY / "setup.py"))
    return arguments


@pytest.mark.parametrize("extra", [None, "test", "demo", "docs"])
def test_each_requirement_is_pinned_within_its_range(
    extra: str | None, stated: dict[str, Any]
) -> None:
    lines = stated["extras_require"][extra] if extra else stated["install_requires"]
    assert len(lines) > 3
    versions = pins()
    for requirement in map(Requirement, lines):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement}: add it to constraints.txt"
        assert requirement.specifier.contains(version), f"{requirement}: is pinned to {version}"


def test_ci_installs_with_them() -> None:
    script = (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
    assert "PIP_CONSTRAINT=$PWD/constraints.txt" in script
