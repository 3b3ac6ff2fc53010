"""Hide the notes that TensorFlow and detectors print from C++."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from anatomy_tf.errors import AnatomyError

STDERR = 2


@contextlib.contextmanager
def startup_notes_hidden() -> Iterator[None]:
    """Hide what is printed to the process's stderr in the block, unless an error leaves it.

    The notes stay hidden for an ``AnatomyError``, which says what is wrong, and for Ctrl-C.
    TensorFlow 2.21 writes notes on oneDNN and CUDA from C++ while it is imported, before it heeds
    ``TF_CPP_MIN_LOG_LEVEL``; they would bury the one line that says what is wrong.
    """
    if sys.stderr is None:
        # A program without a terminal, which has nothing to keep clean.
        yield
        return
    import tempfile

    sys.stderr.flush()
    with tempfile.TemporaryFile() as notes:
        terminal = os.dup(STDERR)
        os.dup2(notes.fileno(), STDERR)
        try:
            yield
        except (AnatomyError, KeyboardInterrupt):
            raise
        except BaseException:
            sys.stderr.flush()
            notes.seek(0)
            os.write(terminal, notes.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, STDERR)
            os.close(terminal)
