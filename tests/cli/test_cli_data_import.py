"""``anatomy-tf data import``."""

import json

import numpy as np
import pytest

from anatomy_tf import data
from anatomy_tf.cli.main import main
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "studio"
    rng = np.random.default_rng(0)
    for person in ("anna", "ben"):
        (place / person).mkdir(parents=True)
        positions = rng.normal([0, 0, 4000], 300, (5, 17, 3))
        keypoints = 1000 * positions[..., :2] / positions[..., 2:] + 500
        np.savez(place / person / "walk.front.npz", keypoints=keypoints, positions=positions)
    camera = {"image_size": [1000, 1000], "focal_length": [1000, 1000], "centre": [500, 500]}
    (place / "cameras.json").write_text(json.dumps({"front": camera}))
    return place


def run(folder, *options, fps="50"):
    return main(
        ["data", "import", str(folder), "--skeleton", "human36m_17", "--fps", fps, *options]
    )


def test_a_folder_becomes_a_data_set_by_name(folder, tmp_path, capsys):
    home = tmp_path / "sets"
    assert run(folder, "--unit", "mm", "--test", "ben", "--to", str(home), fps="100/2") == 0
    assert capsys.readouterr().out == f"studio is in {home / 'studio'}\n"
    store = data.load("studio", home, "test")
    assert store.subjects == ("ben",) and store.skeleton == HUMAN36M_17 and store.fps == 50


def test_trouble_is_one_line_and_nothing_is_left(folder, tmp_path, capsys):
    home = tmp_path / "sets"
    assert run(folder, "--to", str(home)) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "anna, camera front: expected a body of 0.05 to 5 metres" in err
    assert not home.exists()
    assert run(folder, "--unit", "mm", "--to", str(home), "--name", "mine") == 0
    assert run(folder, "--unit", "mm", "--to", str(home), "--name", "mine") == 2
    assert run(folder, "--unit", "mm", "--to", str(home), "--name", "mine", "--replace") == 0


def test_help_names_the_guide(capsys):
    with pytest.raises(SystemExit) as left:
        main(["data", "import", "--help"])
    assert left.value.code == 0
    assert "docs/own_recordings.md" in capsys.readouterr().out
