import os
import subprocess
import sys

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.startup_notes import startup_notes_hidden


def test_notes_of_a_good_start_are_hidden(capfd: pytest.CaptureFixture[str]) -> None:
    with startup_notes_hidden():
        os.write(2, b"a note from C++\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_notes_of_a_failed_start_are_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ImportError), startup_notes_hidden():
        os.write(2, b"what went wrong\n")
        raise ImportError
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "what went wrong\nafter\n"


@pytest.mark.parametrize("stop", [AnatomyError, KeyboardInterrupt])
def test_notes_do_not_bury_the_line_that_says_what_is_wrong(
    capfd: pytest.CaptureFixture[str], stop: type[BaseException]
) -> None:
    with pytest.raises(stop), startup_notes_hidden():
        os.write(2, b"a note from C++\n")
        raise stop
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize("package", ["keras", "tensorflow"])
def test_tensorflow_starts_without_its_notes(package: str) -> None:
    """In a process of its own, as in a script or a notebook."""
    code = f"import anatomy_tf, {package}; import keras; keras.ops.ones(3)"
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
