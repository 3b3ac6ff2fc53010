"""Words that mean keypoints in some files, and other things beside the keypoints in others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17

CLIP = scene(COCO_17, 0)[[0]] + np.arange(12)[:, None, None] * np.array((2, 1, 0))


def read(path: Path, content: Any, skeleton: Any = COCO_17) -> Any:
    path.write_text(json.dumps(content))
    (found,) = load_keypoints(path, skeleton=skeleton, **STATED)
    np.testing.assert_allclose(found.keypoints[found.seen], CLIP[found.seen, :, :2], atol=1e-3)
    return found


@pytest.mark.parametrize(
    ("word", "more"),
    [
        ("kps", {"points": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]]}),
        ("kpts", {"coordinates": [300, 400]}),
        ("pose", {"points": 12}),
        ("joints", {"pose": [0.1] * 72}),
        ("landmarks", {"body": [1, 2, 3, 4]}),
        ("joints", {"skeleton": [[15, 13], [13, 11], [16, 14], [14, 12], [11, 12]]}),
        ("keypoints", {"probs": [0.1, 0.9]}),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_other_things_beside_keypoints(tmp_path, word, more, first):
    points = [{word: row.tolist()} for row in CLIP]
    people = [{**more, **one} if first else {**one, **more} for one in points]
    read(tmp_path / "k.json", [{"frame": t, **one} for t, one in enumerate(people)])
    read(tmp_path / "k.json", [{"frame": t, "people": [one]} for t, one in enumerate(people)])


def test_numbers_of_points_beside_rows_that_are_null(tmp_path):
    rows = [[[j, x, y] for j, (x, y, _) in enumerate(row.tolist())] for row in CLIP]
    rows[3][2] = rows[4][0] = None
    path = tmp_path / "k.json"
    path.write_text(json.dumps([{"frame": t, "keypoints": row} for t, row in enumerate(rows)]))
    (found,) = load_keypoints(path, skeleton=COCO_17, **STATED)
    lost = np.isnan(found.keypoints[..., 0])
    assert np.argwhere(lost).tolist() == [[3, 2], [4, 0]]
    np.testing.assert_allclose(found.keypoints[~lost], CLIP[~lost, :2], atol=1e-3)
