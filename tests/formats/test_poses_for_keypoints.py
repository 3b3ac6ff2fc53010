"""Files of poses where keypoints are expected, and of formats that are written only."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, save_poses
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17


@pytest.fixture
def poses() -> list[PoseSequence]:
    positions = np.random.default_rng(0).normal(size=(3, 17, 3))
    return [PoseSequence(positions, HUMAN36M_17, 25)]


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
def test_poses_are_not_taken_for_keypoints(poses, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"poses{suffix}"
    save_poses(path, poses)
    for stated in ({}, {"fps": 25, "image_size": (640, 480)}):
        with pytest.raises(AnatomyError, match="poses in space, as lift writes them; expected"):
            load_keypoints(path, **stated)


@pytest.mark.parametrize("suffix", [".bvh", ".glb"])
def test_info_says_which_files_of_poses_are_read(poses, tmp_path, capsys, suffix) -> None:
    path = tmp_path / f"poses{suffix}"
    save_poses(path, poses)
    assert main(["info", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    readable = ".npz, .json, .csv, .trc, .c3d"
    assert line == (
        f"anatomy-tf: error: {path}: expected a file of poses that ends in {readable}, got {suffix}"
    )
