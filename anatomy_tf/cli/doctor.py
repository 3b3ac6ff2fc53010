"""``anatomy-tf doctor``: what is installed, and whether it works."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from anatomy_tf import __version__
from anatomy_tf.errors import AnatomyError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

SHOWN = ("numpy", "scipy", "h5py", "keras", "tensorflow", "jax", "torch")
"""Distributions whose versions explain most of what goes wrong."""

Pair = tuple[str, str]
"""The subject of a line, and the finding."""


def doctor() -> None:
    """Show versions, extras, models and devices, and check that lifting works.

    The check lifts the shipped sample with the model compact and compares a pose with a stored one.
    Include the whole output when you report a fault. Neither TensorFlow nor Keras is imported.
    """
    from anatomy_tf.inference.self_check import self_check

    sections = (
        ("System", system()),
        ("Extras", extras()),
        ("Models", models()),
    )
    for title, pairs in sections:
        print(f"{title}:")
        print_pairs(list(pairs))
    try:
        checked = self_check()
    except AnatomyError as error:
        raise AnatomyError(f"the self-check failed: {error}") from None
    print(
        f"Self-check passed: the sample was lifted in {checked.seconds:.2f} s, within "
        f"{1000 * checked.difference:.4f} mm of the stored pose"
    )


def print_pairs(pairs: list[Pair]) -> None:
    """Print a line each, in two columns."""
    width = max((len(what) for what, _ in pairs), default=0)
    for what, found in pairs:
        print(f"  {what:<{width}}  {found}")


def system() -> Iterator[Pair]:
    """Yield the versions of the package, Python and the libraries, and the devices."""
    yield "anatomy_tf", f"{__version__}  {Path(__file__).parents[1]}"
    yield "Python", f"{platform.python_version()}  {sys.executable}"
    yield "system", f"{platform.platform()}, {os.cpu_count()} CPU cores"
    yield "NVIDIA GPU", nvidia_gpus()
    for name in SHOWN:
        yield name, installed_version(name) or "not installed"
    if backend := os.environ.get("KERAS_BACKEND"):
        yield "KERAS_BACKEND", backend


def nvidia_gpus() -> str:
    """Return the GPUs that NVIDIA's own program lists. Other devices are not looked for."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "not looked for: there is no nvidia-smi"
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"nvidia-smi failed: {error}"
    names = [line.partition(" (UUID")[0] for line in listed.stdout.splitlines() if line.strip()]
    return ", ".join(names) or "none found by nvidia-smi"


def installed_version(distribution: str) -> str | None:
    """Return a distribution's version without importing it, ``None`` if it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def extras() -> Iterator[Pair]:
    """Yield for each extra of the package whether it is there, or the line that installs it."""
    from packaging.requirements import Requirement

    from anatomy_tf.extras import install_command

    try:
        metadata = importlib.metadata.metadata("anatomy_tf")
    except importlib.metadata.PackageNotFoundError:
        yield "none", "the package runs from a folder and is not installed"
        return
    stated = [Requirement(line) for line in metadata.get_all("Requires-Dist") or ()]
    for extra in metadata.get_all("Provides-Extra") or ():
        found = {
            requirement.name: lack(requirement.name, str(requirement.specifier))
            for requirement in required_by(extra, stated)
        }
        lacking = [problem for problem in found.values() if problem]
        if not lacking:
            yield extra, "installed"
        elif len(lacking) == len(found):
            yield extra, f"not installed: {install_command('anatomy_tf', extra)}"
        else:
            yield extra, f"lacks {', '.join(lacking)}: {install_command('anatomy_tf', extra)}"


def required_by(extra: str, stated: list[Requirement]) -> Iterator[Requirement]:
    """Yield what an extra requires, and what the extras require that it names.

    Args:
        extra: of the package.
        stated: all requirements of the package, as its metadata list them.
    """
    from packaging.utils import canonicalize_name

    for requirement in stated:
        marker = requirement.marker
        if (
            marker is None
            or marker.evaluate({"extra": ""})
            or not marker.evaluate({"extra": extra})
        ):
            continue
        if canonicalize_name(requirement.name) == "anatomy-tf":
            for named in sorted(requirement.extras):
                yield from required_by(named, stated)
        else:
            yield requirement


def lack(name: str, versions: str) -> str:
    """Return why a requirement is not met.

    Args:
        name: of the distribution.
        versions: that are accepted, such as ``">=2.20,<2.22"``.

    Returns:
        An empty string where it is met.
    """
    from packaging.specifiers import SpecifierSet

    version = installed_version(name)
    if version is None:
        return name
    if not SpecifierSet(versions).contains(version, prereleases=True):
        return f"{name}{versions} (version {version} is installed)"
    return ""


def models() -> Iterator[Pair]:
    """Yield the shipped models, and the detectors' files that were fetched."""
    from anatomy_tf.detection.model_files.model_cache import cache_folder
    from anatomy_tf.models.shipped_models import shipped_models

    for name, path in shipped_models().items():
        yield name, f"{path.stat().st_size / 1e6:.1f} MB  {path}"
    folder = cache_folder()
    fetched = sorted(
        path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".json"
    )
    yield "detectors", f"{', '.join(fetched) or 'none fetched'}  {folder}"
