from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import KEYPOINT_FORMATS, load_keypoints


def test_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        AnatomyError, match="unknown format 'tsv'; known are video_pose3d, detectron2, rtmlib, "
    ):
        load_keypoints(tmp_path, format="tsv")


def test_unknown_layout(tmp_path: Path) -> None:
    (tmp_path / "0.json").write_text('{"people": []}')
    with pytest.raises(AnatomyError, match="unknown skeleton 'body_24'"):
        load_keypoints(tmp_path, skeleton="body_24")


@pytest.mark.parametrize("name", [None, *KEYPOINT_FORMATS])
@pytest.mark.parametrize("what", ["missing", "empty folder", "empty file", "text", "long name"])
def test_paths_that_hold_no_keypoints(tmp_path: Path, name: str | None, what: str) -> None:
    path = tmp_path / ("x" * 300 if what == "long name" else "clip.npz")
    if what == "empty folder":
        path.mkdir()
    elif what == "empty file":
        path.touch()
    elif what == "text":
        path.write_text("frame,x,y\n0,1,2\n")
    with pytest.raises(AnatomyError, match=path.name) as caught:
        load_keypoints(path, format=name)
    assert "\n" not in str(caught.value)


def test_format_is_recognised_by_content(tmp_path: Path) -> None:
    # An npz with a misleading name is still one.
    path = tmp_path / "clip.json"
    with path.open("wb") as file:
        np.savez(file, keypoints=np.ones((1, 1, 17, 2)), visibility=np.ones((1, 1, 17)))
    (clip,) = load_keypoints(path, skeleton="coco_17", fps=25, image_size=(64, 48))
    assert clip.keypoints.shape == (1, 17, 2)
    with pytest.raises(
        AnatomyError,
        match="expected a folder or list of OpenPose JSON, got an npz file with",
    ):
        load_keypoints(path, format="openpose")
