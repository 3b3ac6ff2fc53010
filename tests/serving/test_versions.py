from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.exported.saved_model_lifter import version_folder
from anatomy_tf.serving.refusal import RefusedError
from anatomy_tf.serving.versions import ModelFolder, ServedVersions


def write(folder, number):
    path = folder / str(number)
    path.mkdir(parents=True)
    (path / "saved_model.pb").write_bytes(b"")


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, 1)
    (tmp_path / ".part-3").mkdir()
    (tmp_path / "4").mkdir()
    (tmp_path / "models.config").write_text("")
    return tmp_path


def served(folder, keep=1, bad=()):
    loads = []

    def load(number, path):
        loads.append(number)
        if number in bad:
            raise OSError("broken")
        return path.name

    versions = ServedVersions(ModelFolder.at(folder), load, keep)
    versions.refresh()
    return versions, loads


def test_only_whole_versions_count_and_numbers_are_numbers(folder):
    write(folder, 10)
    write(folder, 9)
    assert list(ModelFolder(folder).versions()) == [1, 9, 10]


def test_folders_without_a_version_are_refused(tmp_path, folder):
    with pytest.raises(AnatomyError, match="no such folder"):
        ModelFolder.at(folder / "none")
    with pytest.raises(AnatomyError, match=r"expected versions of a model, such as 1/"):
        ModelFolder.at(folder / "4")
    with pytest.raises(AnatomyError, match=r"is one version.*such as 1/saved_model.pb"):
        ModelFolder.at(folder / "1")


def test_a_new_version_takes_over_once_it_is_loaded(folder):
    versions, loads = served(folder)
    assert versions.get() == (1, "1")
    write(folder, 2)
    assert versions.get() == (1, "1")
    versions.refresh()
    versions.refresh()
    assert versions.get() == (2, "2")
    assert (versions.numbers, loads) == ((2,), [1, 2])
    with pytest.raises(RefusedError, match="version 1 is not served; served: 2") as refusal:
        versions.get(1)
    assert refusal.value.code == "NOT_FOUND"


def test_several_versions_are_kept(folder):
    write(folder, 2)
    write(folder, 3)
    versions, loads = served(folder, keep=2)
    assert (versions.numbers, loads) == ((2, 3), [3, 2])
    assert versions.get(2) == (2, "2")


def test_a_broken_version_leaves_the_one_before(folder):
    write(folder, 2)
    versions, loads = served(folder, bad=[2])
    versions.refresh()
    assert (versions.numbers, loads) == ((1,), [2, 1])
    assert versions.failed == {2: "OSError: broken"}
    with pytest.raises(RefusedError, match=r"could not be loaded: OSError: broken"):
        versions.get(2)


def test_an_emptied_folder_leaves_what_is_served(folder):
    versions, _ = served(folder)
    (folder / "1" / "saved_model.pb").unlink()
    versions.refresh()
    assert versions.get() == (1, "1")


def test_nothing_is_served_before_anything_is_loaded(folder):
    with pytest.raises(RefusedError, match="a version is not served; served: none"):
        served(folder, bad=[1])[0].get()


def test_a_folder_that_cannot_be_looked_into_holds_no_version(folder, monkeypatch):
    write(folder, 2)
    found = Path.is_file

    def is_file(path):
        if path.parent.name == "2":
            raise PermissionError(13, "Permission denied")
        return found(path)

    monkeypatch.setattr(Path, "is_file", is_file)
    assert list(ModelFolder(folder).versions()) == [1]
    assert version_folder(folder) == folder / "1"


def test_server_and_lifter_take_the_same_names_for_versions(folder):
    for name in ("007", "0", "\u0663"):
        write(folder, name)
    assert list(ModelFolder(folder).versions()) == [1]
    assert version_folder(folder) == folder / "1"
