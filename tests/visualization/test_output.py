import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization.drawing.output import checked_suffix, optional_module


def test_suffix_and_missing_package():
    assert checked_suffix("a/B.PNG", (".png",)).name == "B.PNG"
    with pytest.raises(AnatomyError, match=r"film.avi: expected .* \.mp4 or \.gif, got '.avi'"):
        checked_suffix("film.avi", (".mp4", ".gif"))
    with pytest.raises(AnatomyError, match="expected a path, got NoneType"):
        checked_suffix(None, (".png",))
    with pytest.raises(AnatomyError, match=r'pip install "anatomy_tf\[visualization\]"'):
        optional_module("no_such_package.part")
