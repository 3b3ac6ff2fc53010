"""A check that a verb does not write over the files that it reads."""

from __future__ import annotations

from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import is_there


def check_other_file(output: Path, *inputs: Path | None, option: str = "--output") -> None:
    """Refuse an output that is one of the inputs; call it before the long work.

    Args:
        output: the file to write.
        inputs: what is read; ``None`` and files that are not there do not count.
        option: the name of the output, for the message.

    Raises:
        AnatomyError: naming the file.
    """
    if not is_there(output):
        return
    for path in inputs:
        if path is not None and is_there(path) and output.samefile(path):
            raise AnatomyError(f"{output}: is the input; give another {option}")
