"""The requirements that pyproject.toml declares."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def declared(extra: str | None = None) -> list[Requirement]:
    """Return the requirements of the package, or those that one of its extras adds."""
    found = []
    for requirement in map(Requirement, EXTRAS[extra] if extra else PROJECT["dependencies"]):
        if canonicalize_name(requirement.name) == canonicalize_name(PROJECT["name"]):
            for named in requirement.extras:
                found += declared(named)
        else:
            found.append(requirement)
    return found
