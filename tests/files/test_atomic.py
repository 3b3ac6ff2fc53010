import os
import stat
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import atomic
from anatomy_tf.files.atomic import atomic_file, atomic_path
from anatomy_tf.files.paths import check_output


def test_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with atomic_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_of_a_block_that_fails(tmp_path: Path, stop: type[BaseException]) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(stop), atomic_file(path) as file:
        file.write(b"half")
        raise stop
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: Path) -> list[Path]:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refused)
    with atomic_file(tmp_path / "a.bin") as file:
        file.write(b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"new"


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / f".a.{dead.pid}-7.part.bin"
    others = [tmp_path / f".a.{os.getppid()}-7.part.bin", tmp_path / f".b.{dead.pid}-7.part.bin"]
    for path in (left, *others):
        path.touch()
    folder = tmp_path / f".a.{dead.pid}-8.part.bin"
    (folder / "inner").mkdir(parents=True)
    with atomic_file(tmp_path / "a.bin"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([*others, tmp_path / "a.bin"])


def test_on_windows_no_process_gets_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    # There the signal 0, which asks elsewhere whether a process lives, is Ctrl-C.
    monkeypatch.setattr(atomic, "os", SimpleNamespace(name="nt"))
    assert atomic._lives(1)


def test_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(AnatomyError, match="No space left"), atomic_file(path):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_name_that_leaves_no_room_for_the_file_beside(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    with pytest.raises(AnatomyError, match="File name too long"), atomic_file(path):
        pass


def test_output_places_that_cannot_be_written(tmp_path: Path) -> None:
    assert check_output(tmp_path / "a.npz", ".npz") == tmp_path / "a.npz"
    (tmp_path / "folder.npz").mkdir()
    for path, message in (
        (tmp_path / "a.npy", r"ends in \.npz"),
        (tmp_path / "none" / "a.npz", "there is no folder"),
        (tmp_path / "folder.npz", "this is a folder"),
        (tmp_path / f"{'x' * 300}.npz", "File name too long"),
    ):
        with pytest.raises(AnatomyError, match=message):
            check_output(path, ".npz")


def test_a_path_of_the_same_suffix_in_a_new_folder(tmp_path: Path) -> None:
    target = tmp_path / "new" / "page.html"
    with atomic_path(target) as temporary:
        temporary.write_text("half")
        assert temporary.suffix == ".html"
        assert not target.exists()
    assert target.read_text() == "half"
    assert list(target.parent.iterdir()) == [target]
    assert target.stat().st_mode & stat.S_IRUSR


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    for name in ("there.txt", "not_yet.txt"):
        target, link = tmp_path / name, tmp_path / f"link_{name}"
        link.symlink_to(target)
        if name == "there.txt":
            target.write_text("old")
        with atomic_file(link) as file:
            file.write(b"new")
        assert link.is_symlink()
        assert target.read_text() == "new"


def test_what_no_file_can_replace_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    for name, line in (
        ("pipe", "expected an output file, this is a named pipe"),
        ("null", "expected an output file, this is a device"),
        ("ring", "cannot be written"),
        ("nul\0", "cannot be written"),
    ):
        with pytest.raises(AnatomyError, match=line), atomic_file(tmp_path / name):
            pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["null", "pipe", "ring"]
    with pytest.raises(AnatomyError, match=r"^pipe: expected an output file that ends in \.npz$"):
        check_output("pipe", ".npz")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(AnatomyError, match=r"file/page.html: cannot be written"),
        atomic_path(tmp_path / "file" / "page.html"),
    ):
        pass
    (tmp_path / "folder.png").mkdir()
    with (
        pytest.raises(AnatomyError, match=r"folder.png: cannot be written"),
        atomic_path(tmp_path / "folder.png"),
    ):
        pass
