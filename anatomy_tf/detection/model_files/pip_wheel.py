"""Wheels of the package index, fetched by pip as the user has set it up."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from anatomy_tf.errors import AnatomyError

PATIENCE = 600.0
"""Seconds that pip may take."""


@contextlib.contextmanager
def pip_wheel(requirement: str, sha256: str, platform: Sequence[str] = ()) -> Iterator[Path]:
    """Fetch a wheel that exists during the block, without installing it.

    Args:
        requirement: such as ``"mediapipe==0.10.21"``.
        sha256: the wheel's digest.
        platform: pip's options that name the machine.

    Raises:
        AnatomyError: when pip is missing or cannot fetch the wheel, or fetches another file.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-deps", "--only-binary", ":all:", "--no-input", "--quiet", "--dest", folder]
        # -P: modules that lie in the current folder are not run.
        pip = [sys.executable, "-P", "-m", "pip"]
        command = [*pip, "download", *options, *platform, requirement]
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AnatomyError(f"{requirement}: pip does not fetch it ({error})") from None
        wheels = list(Path(folder).glob("*.whl"))
        if run.returncode or len(wheels) != 1:
            said = [line for line in run.stderr.splitlines() if line.strip()]
            reason = said[-1] if said else f"exit code {run.returncode}"
            raise AnatomyError(f"{requirement}: pip does not fetch it ({reason})")
        found = hashlib.sha256(wheels[0].read_bytes()).hexdigest()
        if found != sha256:
            raise AnatomyError(f"{wheels[0].name}: expected SHA-256 {sha256}, got {found}")
        yield wheels[0]
