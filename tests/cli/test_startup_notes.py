import os

import pytest

from anatomy_tf.cli.startup_notes import startup_notes_hidden
from anatomy_tf.errors import AnatomyError


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
