"""What an ``AnatomyError`` quotes of other errors."""

import pytest

from anatomy_tf.errors import first_line


@pytest.mark.parametrize(
    ("message", "line"),
    [("\n  cannot open it \ntraceback:\n ...", "cannot open it "), ("", "OSError")],
)
def test_the_first_line_of_a_library_s_message_is_quoted(message, line):
    assert first_line(OSError(message)) == line
