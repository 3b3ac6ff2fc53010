import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import check_installed


def test_a_package_that_is_there_is_no_error() -> None:
    check_installed("numpy", "train", "drawing needs")


@pytest.mark.parametrize(
    ("extra", "command"),
    [("live", r'pip install "anatomy_tf\[live\]"'), (None, "pip install no_such_package")],
)
def test_one_that_is_not_says_what_to_install(extra: str | None, command: str) -> None:
    told = f"^drawing needs no_such_package, which is not installed: {command}$"
    with pytest.raises(AnatomyError, match=told):
        check_installed("no_such_package", extra, "drawing needs")
