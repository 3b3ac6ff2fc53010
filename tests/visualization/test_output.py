import stat

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization.output import checked_suffix, optional_module, written_whole


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / "new" / "page.html"
    with written_whole(target) as temporary:
        temporary.write_text("half")
        assert temporary.suffix == ".html"
        assert not target.exists()
    assert target.read_text() == "half"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & stat.S_IRUSR


def test_an_error_leaves_the_old_file(tmp_path):
    target = tmp_path / "page.html"
    target.write_text("old")
    with pytest.raises(RuntimeError), written_whole(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(AnatomyError, match=r"file/page.html: cannot be written"),
        written_whole(tmp_path / "file" / "page.html"),
    ):
        pass
    (tmp_path / "folder.png").mkdir()
    with (
        pytest.raises(AnatomyError, match=r"folder.png: cannot be written"),
        written_whole(tmp_path / "folder.png"),
    ):
        pass


def test_suffix_and_missing_package():
    assert checked_suffix("a/B.PNG", (".png",)).name == "B.PNG"
    with pytest.raises(AnatomyError, match=r"film.avi: expected .* \.mp4 or \.gif, got '.avi'"):
        checked_suffix("film.avi", (".mp4", ".gif"))
    with pytest.raises(AnatomyError, match=r'pip install "anatomy_tf\[visualization\]"'):
        optional_module("no_such_package.part")
