"""Scores of keypoints under the words that programs use, and layouts in formats of others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.formats.keypoints.reading.point_lists import POINT_SCORES
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, COCO_18, HALPE_26, Skeleton

MOVED = np.arange(12)[:, None, None] * np.array((2, 1, 0))
CLIP = scene(COCO_17, 0)[:1] + MOVED
CLIP[:, 3, 2] = 0.1
LISTS = ("scores", "confidences", "keypoint_scores", "keypoints_conf", "kpt_conf", "probs")


def check(path: Path, content: Any, layout: Skeleton = COCO_17, clip: np.ndarray = CLIP) -> None:
    path.write_text(json.dumps(content))
    people = load_keypoints(path, **STATED)
    first = min(people, key=lambda person: np.nanmin(person.keypoints))
    assert first.skeleton == layout
    np.testing.assert_allclose(first.keypoints, clip[..., :2], atol=1e-3)
    np.testing.assert_allclose(first.visibility, clip[..., 2], 1e-6)


@pytest.mark.parametrize("word", [*LISTS, *POINT_SCORES])
def test_lists_of_scores(tmp_path, word):
    path = tmp_path / "k.json"
    rows = [(p[:, :2].tolist(), p[:, 2].tolist()) for p in CLIP]
    far = (CLIP[..., :2] + np.array((300, 0))).tolist()
    frames = [{"frame": t, "keypoints": xy, word: seen} for t, (xy, seen) in enumerate(rows)]
    check(path, frames)
    check(path, [{"frame": t, "people": [frame]} for t, frame in enumerate(frames)])
    flat = [{**frame, "keypoints": np.ravel(frame["keypoints"]).tolist()} for frame in frames]
    check(path, flat)
    both = [
        {"frame": t, "keypoints": [xy, far[t]], word: [seen, seen]}
        for t, (xy, seen) in enumerate(rows)
    ]
    check(path, both)


@pytest.mark.parametrize("word", POINT_SCORES)
def test_scores_of_points(tmp_path, word):
    path = tmp_path / "k.json"
    points = [[{"x": x, "y": y, word: s} for x, y, s in row] for row in CLIP.tolist()]
    check(path, [{"frame": t, "keypoints": row} for t, row in enumerate(points)])
    named = [dict(zip(COCO_17.joint_names, row, strict=True)) for row in points]
    check(path, [{"frame": t, "keypoints": row} for t, row in enumerate(named)])


def test_a_persons_own_score_is_no_keypoints(tmp_path):
    people = [
        {"image_id": t, "track_id": 3, "keypoints": row.ravel().tolist(), "score": s}
        for s in ([0.9], 0.9)
        for t, row in enumerate(CLIP)
    ]
    for of_one in (people[:12], people[12:]):
        check(tmp_path / "k.json", of_one)


@pytest.mark.parametrize("layout", [COCO_18, HALPE_26, BLAZEPOSE_33])
def test_layouts_of_detectors_in_formats_of_others(tmp_path, layout):
    clip = scene(layout, 0)[:1] + MOVED
    flat = [row.ravel().tolist() for row in clip]
    path = tmp_path / "k.json"
    check(path, [{"image_id": t, "keypoints": row} for t, row in enumerate(flat)], layout, clip)
    frames = [{"frame": t, "people": [{"keypoints": row}]} for t, row in enumerate(flat)]
    check(path, frames, layout, clip)
    np.savez(tmp_path / "k.npz", keypoints=clip[..., :2], scores=clip[..., 2])
    (found,) = load_keypoints(tmp_path / "k.npz", **STATED)
    assert found.skeleton == layout


def test_fourteen_keypoints_are_asked_for(tmp_path):
    frames = [{"frame": t, "keypoints": row[:14].tolist()} for t, row in enumerate(CLIP)]
    (tmp_path / "k.json").write_text(json.dumps(frames))
    with pytest.raises(AnatomyError, match=r"14 .* say whether they are --layout mpi_inf_3dhp_14"):
        load_keypoints(tmp_path / "k.json", **STATED)
