"""Keypoints that are given where poses are expected are named."""

from pathlib import Path

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, load_poses, sample_keypoints, save_keypoints


@pytest.mark.parametrize("suffix", [".npz", ".json", ".csv"])
def test_ours_and_tables_of_others(tmp_path: Path, suffix: str) -> None:
    people = load_keypoints(sample_keypoints())
    path = tmp_path / f"k{suffix}"
    save_keypoints(path, people)
    with pytest.raises(AnatomyError, match="got keypoints in the picture; lift makes poses"):
        load_poses(path)


def test_what_is_neither_keeps_its_error(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    path.write_text("{}")
    with pytest.raises(AnatomyError, match="expected our JSON of poses"):
        load_poses(path)
