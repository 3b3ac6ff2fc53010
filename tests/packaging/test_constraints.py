"""constraints.txt pins all that the tests, the demo and the documentation need."""

import pytest
from declared_requirements import REPOSITORY, declared
from packaging.utils import canonicalize_name


def pins() -> dict[str, str]:
    """Distribution to version."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("extra", [None, "test", "demo", "docs"])
def test_each_requirement_is_pinned_within_its_range(extra: str | None) -> None:
    requirements = declared(extra)
    assert len(requirements) > 3
    versions = pins()
    for requirement in requirements:
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement}: add it to constraints.txt"
        assert requirement.specifier.contains(version), f"{requirement}: is pinned to {version}"


def test_ci_installs_with_them() -> None:
    script = (REPOSITORY / ".ci/run").read_text(encoding="utf-8")
    assert "PIP_CONSTRAINT=$PWD/constraints.txt" in script
