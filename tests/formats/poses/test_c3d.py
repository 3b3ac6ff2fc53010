"""C3D files as they are read: in a process that may crash or not return."""

import dataclasses
import random
import resource
from pathlib import Path

import numpy as np
import pytest
from pose_clips import moving

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files import separate_process
from anatomy_tf.formats import load_poses, save_poses
from anatomy_tf.formats.poses.axes import from_y_up, z_up
from anatomy_tf.skeletons import CMU_31

ezc3d = pytest.importorskip("ezc3d")


def rewritten(path: Path, **parameters: str) -> Path:
    content = ezc3d.c3d(str(path))
    for name, value in parameters.items():
        content["parameters"]["POINT"][name]["value"] = [value]
    content.write(str(path))
    return path


def test_markers_come_back_in_world_axes(tmp_path):
    written = moving(CMU_31, axes="camera")
    save_poses(tmp_path / "p.c3d", [written])
    (read,) = load_poses(tmp_path / "p.c3d")
    np.testing.assert_allclose(read.positions, z_up(written), atol=2e-6)
    assert (read.skeleton, read.fps, read.axes) == (CMU_31, 50, "world")
    larger = load_poses(rewritten(tmp_path / "p.c3d", UNITS="Centimeters", Y_SCREEN="+Y"))[0]
    np.testing.assert_allclose(larger.positions, from_y_up(10 * z_up(written)), atol=2e-5)


@pytest.mark.parametrize(
    ("person", "read_back"), [("Anna", "Anna"), ("Ünï 名", "Ünï 名"), ("", "p"), ("a" * 256, "p")]
)
def test_the_subject_is_the_person(tmp_path, person, read_back):
    save_poses(tmp_path / "p.c3d", [moving(person=person)])
    assert load_poses(tmp_path / "p.c3d")[0].person == read_back


def test_of_several_subjects_none_is_the_person(tmp_path):
    save_poses(tmp_path / "p.c3d", [moving(person="Anna")])
    content = ezc3d.c3d(str(tmp_path / "p.c3d"))
    content["parameters"]["SUBJECTS"]["NAMES"]["value"] = ["Anna", "Ball"]
    content.write(str(tmp_path / "p.c3d"))
    assert load_poses(tmp_path / "p.c3d")[0].person == "p"


def test_a_file_that_is_not_written_whole_is_an_error(tmp_path):
    # ezc3d itself says nothing.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(AnatomyError, match="only 2,000 bytes could be written"):
            save_poses(tmp_path / "p.c3d", [moving()])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_a_first_frame_that_two_words_do_not_hold_is_refused(tmp_path):
    late = dataclasses.replace(moving(), first_frame=2**32 - 1)
    with pytest.raises(AnatomyError, match="counts frames up to 4,294,967,296"):
        save_poses(tmp_path / "p.c3d", [late])
    assert list(tmp_path.iterdir()) == []
    (read,) = load_poses(written(tmp_path / "p.c3d", 2**32 - 2))
    assert read.first_frame == 2**32 - 2


def written(path, first_frame):
    save_poses(path, [dataclasses.replace(moving(), first_frame=first_frame)])
    return path


def test_what_is_no_c3d_of_a_person(tmp_path):
    path = tmp_path / "p.c3d"
    path.write_text("no C3D")
    with pytest.raises(AnatomyError, match="expected a C3D file, which has 80"):
        load_poses(path)
    save_poses(path, [moving()])
    with pytest.raises(AnatomyError, match="expected POINT:UNITS m, cm or mm, got 'inch'"):
        load_poses(rewritten(path, UNITS="inch"))


def test_a_file_on_which_ezc3d_does_not_come_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(separate_process, "PATIENCE", 0.01)
    save_poses(tmp_path / "p.c3d", [moving()])
    with pytest.raises(AnatomyError, match=r"did not come to its end in 0\.01 s"):
        load_poses(tmp_path / "p.c3d")


@pytest.mark.slow
def test_a_damaged_file_is_read_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(separate_process, "PATIENCE", 5.0)
    path = tmp_path / "p.c3d"
    save_poses(path, [moving(frames=3)])
    whole = path.read_bytes()
    refused = 0
    for seed in range(8):
        damage = random.Random(seed)
        content = bytearray(whole)
        for _ in range(6):
            # The header and the parameters come first.
            content[damage.randrange(2, min(len(content), 3000))] = damage.randrange(256)
        path.write_bytes(content if seed % 4 else content[: damage.randrange(len(content))])
        try:
            (read,) = load_poses(path)
        except AnatomyError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            refused += 1
        else:
            assert np.isfinite(read.positions).all()
    assert refused
