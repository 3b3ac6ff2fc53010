import pytest
from plain_view import plain_view

from anatomy_tf import data
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.datasets.sources import SOURCES, Source, data_directory, imported_folder, load
from anatomy_tf.errors import AnatomyError


def read_echo(directory, variant, subjects):
    """A reader that answers with what it was asked."""
    return [plain_view(subject=f"{subject} {variant} {directory.name}") for subject in subjects]


@pytest.fixture
def echo(monkeypatch):
    source = Source(
        name="echo",
        summary="",
        reader=f"{__name__}:read_echo",
        splits={"train": ("A", "B"), "test": ("C",)},
        variants={"plain": "", "other": ""},
    )
    monkeypatch.setitem(SOURCES, "echo", source)


def test_every_source_is_a_row_with_disjoint_splits():
    for name, source in SOURCES.items():
        assert source.name == name and source.variants and (source.reader or source.recordings)
        assert all(":" in place for place in (source.reader, source.recordings) if place)
        people = [person for split in source.splits.values() for person in split]
        assert len(people) == len(set(people)) > 0


@pytest.mark.parametrize(
    ("name", "split", "subjects"),
    [
        ("echo", None, ("A plain d", "B plain d", "C plain d")),
        ("echo/other", "train", ("A other d", "B other d")),
        ("echo/strange", "test", ("C strange d",)),
    ],
)
def test_a_name_leads_to_its_reader_with_variant_and_people(echo, tmp_path, name, split, subjects):
    assert load(name, tmp_path / "d", split).subjects == subjects


def test_imported_data_sets_load_by_name_and_split(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    SequenceStore.from_views([plain_view(subject="A")]).save(folder / "train.npz")
    SequenceStore.from_views([plain_view(2, subject="B")]).save(folder / "test.npz")
    assert load("mine", tmp_path, "test").subjects == ("B",)
    monkeypatch.setenv("ANATOMY_TF_DATA", str(tmp_path))
    assert data.load("mine").frame_count == 5


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("nothing", None, "unknown data set 'nothing'; known are human36m, mpi_inf_3dhp"),
        ("../mine", None, r"a data set's name .* got '\.\./mine'"),
        ("/etc", None, "a data set's name"),
        ("human36m", "validation", "unknown split 'validation'; known are train, test"),
        ("mine", "test", "unknown split 'test'; .* has train"),
        ("cmu_mocap/x", None, "unknown variant 'x'; known are simulated, ground_truth"),
        ("cmu_mocap", None, "make it with: anatomy-tf data prepare cmu_mocap/simulated"),
    ],
)
def test_unknown_names_and_splits_are_one_line(tmp_path, name, split, message):
    (tmp_path / "mine").mkdir()
    SequenceStore.from_views([plain_view(subject="A")]).save(tmp_path / "mine" / "train.npz")
    with pytest.raises(AnatomyError, match=message) as caught:
        load(name, tmp_path, split)
    assert "\n" not in str(caught.value)


def test_the_directory_given_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("ANATOMY_TF_DATA", str(tmp_path))
    assert data_directory() == tmp_path
    assert data_directory("here").name == "here"
    monkeypatch.delenv("ANATOMY_TF_DATA")
    assert data_directory().name == "anatomy_tf_data"
    assert imported_folder("my-data_1", tmp_path) == tmp_path / "my-data_1"
