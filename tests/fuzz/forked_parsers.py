"""Parsers that run apart (``files.separate_process``), in forks of a process that has them loaded.

A process of their own for each input takes 0.3 to 2 s, of which the parser is a few milliseconds.
"""

import contextlib
import multiprocessing
import os
import subprocess
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from anatomy_tf.files import separate_process

PATIENCE = 10.0
"""Seconds of computing after which an input counts as a hang; a parser apart has five."""

_LOADED = [
    "__main__",
    "scipy.io",
    "ezc3d",
    "sleap_io.io.slp",
    "h5py",
    "anatomy_tf.formats.keypoints.registry",
]


class Hang(BaseException):
    """Raised for a parser that does not come to its end."""


@contextlib.contextmanager
def forked_parsers() -> Iterator[None]:
    """Let ``read_apart`` fork in the block."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)

    def run(command: Sequence[Any], **_: Any) -> subprocess.CompletedProcess[str]:
        after_module = command.index(separate_process.__name__) + 1
        name, source, target, *arguments = map(str, command[after_module:])
        said = Path(f"{target}.stderr")
        child = context.Process(target=_parse, args=(said, name, source, target, *arguments))
        child.start()
        child.join(6 * PATIENCE)
        if child.exitcode is None:
            child.kill()
            child.join()
            raise Hang
        text = said.read_text(errors="replace") if said.exists() else ""
        return subprocess.CompletedProcess(command, child.exitcode, "", text)

    forking = types.SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    with mock.patch.object(separate_process, "subprocess", forking):
        yield


def _parse(said: Path, *arguments: str) -> None:
    with said.open("w") as stderr:
        os.dup2(stderr.fileno(), 2)
    sys.exit(separate_process.main(*arguments))
