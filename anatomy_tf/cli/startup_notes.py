"""TensorFlow's start-up notes, kept off the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

STDERR = 2


@contextlib.contextmanager
def startup_notes_hidden() -> Iterator[None]:
    """Hides what is written to the process's stderr in the block, unless the block fails.

    TensorFlow 2.21 writes notes on oneDNN and CUDA from C++ while it is imported, before it heeds
    ``TF_CPP_MIN_LOG_LEVEL``; they would bury the one line that says what is wrong.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as notes:
        terminal = os.dup(STDERR)
        os.dup2(notes.fileno(), STDERR)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            notes.seek(0)
            os.write(terminal, notes.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, STDERR)
            os.close(terminal)
