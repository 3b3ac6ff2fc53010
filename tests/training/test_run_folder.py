"""The folder of a run: nothing half-written, nothing of another run taken for this one."""

import dataclasses
import errno
import json
import os

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.training.config import TrainingConfig
from anatomy_tf.training.run_folder import RunFolder, write_text

pytestmark = pytest.mark.slow


@dataclasses.dataclass(frozen=True)
class Model:
    channels: int = 8

    def build(self):
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Data:
    def load(self):
        raise NotImplementedError


CONFIG = TrainingConfig(model=Model(), data=Data(), seed=3)


@pytest.fixture
def folder(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.create(CONFIG)
    return run


def test_a_new_folder_says_what_the_run_depends_on(folder):
    assert folder.exists() and not folder.finished()
    folder.check(CONFIG)
    assert json.loads((folder.path / "config.json").read_text())["model"]["channels"] == 8
    assert "Model(channels=8)" in (folder.path / "config.txt").read_text()
    versions = json.loads((folder.path / "versions.json").read_text())
    assert versions["seed"] == 3
    assert versions["keras"].startswith("3.")


def test_another_config_is_refused_by_naming_what_differs(folder):
    other = dataclasses.replace(CONFIG, epochs=2, model=Model(16))
    with pytest.raises(AnatomyError) as caught:
        folder.check(other)
    assert "model.channels was 8, is 16; epochs was 60, is 2" in str(caught.value)
    assert "choose another --folder" in str(caught.value)


def test_a_run_goes_on_only_where_that_is_asked_for(folder, tmp_path):
    folder.check_use(CONFIG, resume=True)
    with pytest.raises(AnatomyError, match=r"already holds a run: go on with it \(--resume\)"):
        folder.check_use(CONFIG, resume=False)
    with pytest.raises(AnatomyError, match="epochs was 60, is 2"):
        folder.check_use(dataclasses.replace(CONFIG, epochs=2), resume=True)
    RunFolder(tmp_path / "another").check_use(CONFIG, resume=False)


def test_a_field_that_is_no_longer_known_differs(folder):
    path = folder.path / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "warm_up": 5}))
    with pytest.raises(AnatomyError, match="warm_up was 5, is None"):
        folder.check(CONFIG)


def test_a_folder_of_an_older_version_had_what_is_the_default_now(folder):
    path = folder.path / "config.json"
    config = json.loads(path.read_text())
    del config["precision"]
    path.write_text(json.dumps(config))
    folder.check(CONFIG)
    with pytest.raises(AnatomyError, match="precision was 'float32', is 'mixed_bfloat16'"):
        folder.check(dataclasses.replace(CONFIG, precision="mixed_bfloat16"))


def test_so_had_the_parts_of_the_config(folder):
    path = folder.path / "config.json"
    config = json.loads(path.read_text())
    del config["model"]["channels"]
    path.write_text(json.dumps(config))
    folder.check(CONFIG)
    with pytest.raises(AnatomyError, match=r"model\.channels was 8, is 16"):
        folder.check(dataclasses.replace(CONFIG, model=Model(16)))


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_config_that_is_none_is_one_line(folder, content):
    (folder.path / "config.json").write_bytes(content)
    with pytest.raises(AnatomyError, match=r"config\.json: not (the config of a run|a readable)"):
        folder.check(CONFIG)


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(AnatomyError, match="expected an empty folder or an earlier run"):
        RunFolder(tmp_path).check_new()
    with pytest.raises(AnatomyError, match="there is a file"):
        RunFolder(tmp_path / "thesis.tex").check_new()


def test_a_folder_whose_making_was_cut_off_can_be_used(tmp_path):
    RunFolder(tmp_path / "missing").check_new()
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "versions.json").write_text("{}")
    RunFolder(tmp_path).check_new()


def test_metrics_after_the_checkpoint_are_cut(folder):
    for epoch in range(4):
        folder.add_metrics({"epoch": epoch, "loss": epoch / 2})
    with folder.metrics.open("a") as file:
        file.write('{"epoch": 4, "lo')  # what a killed process leaves
    assert [line["epoch"] for line in folder.read_metrics()] == [0, 1, 2, 3]
    kept = folder.cut_metrics(2)
    assert kept == [{"epoch": 0, "loss": 0.0}, {"epoch": 1, "loss": 0.5}]
    assert folder.read_metrics() == kept


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe{\x00\x00", b"null\n3\n", b'{"loss": 1}\n', b"[" * 100_000, b"\0" * 4096]
)
def test_junk_after_the_metrics_is_cut(folder, junk):
    folder.add_metrics({"epoch": 0, "loss": 1.0})
    with folder.metrics.open("ab") as file:
        file.write(junk)
    assert folder.cut_metrics(1) == [{"epoch": 0, "loss": 1.0}]
    assert folder.metrics.read_bytes() == b'{"epoch": 0, "loss": 1.0}\n'


def test_two_trainings_in_one_folder_are_one_too_many(tmp_path):
    run = RunFolder(tmp_path / "runs/mine")
    with run.alone():
        with pytest.raises(AnatomyError, match="another training is under way") as refusal:
            RunFolder(run.path).alone().__enter__()
        assert str(refusal.value).startswith(str(run.path))
        (run.path / "config.json").touch()
    with run.alone():
        pass
    assert run.exists()


def test_a_training_that_makes_no_file_leaves_no_folder(tmp_path):
    with RunFolder(tmp_path / "runs/mine").alone():
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_last_two_states_are_kept(folder):
    for epoch, step in ((0, 5), (0, 10), (1, 0), (1, 5)):
        folder.state_path(epoch, step).write_bytes(b"")
    (folder.checkpoints / ".state-00001-00000010.123.part.npz").write_bytes(b"")
    folder.forget_old_states()
    names = sorted(path.name for path in folder.checkpoints.iterdir())
    assert names == ["state-00001-00000000.npz", "state-00001-00000005.npz"]
    assert folder.states()[0].name == "state-00001-00000005.npz"


def test_a_full_disk_is_one_line_and_leaves_the_file_before(tmp_path, monkeypatch):
    path = tmp_path / "config.json"
    write_text(path, "before")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AnatomyError, match=r"config\.json: cannot be written: No space left"):
        write_text(path, "after")
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AnatomyError, match=r"cannot write .*file/run: Not a directory"):
        RunFolder(tmp_path / "file" / "run").create(CONFIG)
