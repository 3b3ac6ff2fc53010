"""Keypoints under the words that scripts use, and points whose places stand deeper."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17, Skeleton

MOVED = np.arange(12)[:, None, None] * np.array((2, 1, 0))
CLIP = scene(COCO_17, 0)[:1] + MOVED
LANDMARKS = scene(BLAZEPOSE_33, 0)[:1] + MOVED


def check(path: Path, content: Any, layout: Skeleton = COCO_17, clip: np.ndarray = CLIP) -> None:
    path.write_text(json.dumps(content))
    (found,) = load_keypoints(path, **STATED)
    assert found.skeleton == layout
    np.testing.assert_allclose(found.keypoints, clip[..., :2], atol=1e-3)
    np.testing.assert_allclose(found.visibility, clip[..., 2], 1e-6)


@pytest.mark.parametrize(
    "key",
    [
        "coords",
        "xy",
        "keypoints_xy",
        "pose2D",
        "kp",
        "jointPositions",
        "pose",
        "skeleton",
        "joints",
    ],
)
@pytest.mark.parametrize("flat", [True, False])
def test_words_for_a_persons_keypoints(tmp_path, key, flat):
    listed = [(row.ravel() if flat else row).tolist() for row in CLIP]
    frames = [{"frame": t, key: row} for t, row in enumerate(listed)]
    check(tmp_path / "k.json", frames)
    people = [{"frame": t, "people": [{"id": 3, key: row}]} for t, row in enumerate(listed)]
    check(tmp_path / "k.json", people)


@pytest.mark.parametrize("key", ["poseLandmarks", "allPoseLandmarks", "landmarks"])
@pytest.mark.parametrize("named", [True, False])
def test_landmarks_of_ml_kit(tmp_path, key, named):
    names = BLAZEPOSE_33.joint_names
    frames = [
        {
            "frame": t,
            key: [
                {
                    "landmarkType": names[n] if named else n,
                    "position": {"x": x, "y": y, "z": -20.5},
                    "inFrameLikelihood": s,
                }
                for n, (x, y, s) in enumerate(row)
            ],
        }
        for t, row in enumerate(LANDMARKS.tolist())
    ]
    check(tmp_path / "k.json", frames, BLAZEPOSE_33, LANDMARKS)


@pytest.mark.parametrize("key", ["location", "point", "coordinate"])
def test_locations_by_name(tmp_path, key):
    frames = [
        {
            "frame": t,
            "joints": {
                name: {key: {"x": x, "y": y}, "confidence": s}
                for name, (x, y, s) in zip(COCO_17.joint_names, row, strict=True)
            },
        }
        for t, row in enumerate(CLIP.tolist())
    ]
    check(tmp_path / "k.json", frames)


def test_keypoints_in_keypoints_of_ultralytics(tmp_path):
    frames = [
        {"keypoints": {"xy": [row[:, :2].tolist()], "conf": [row[:, 2].tolist()]}} for row in CLIP
    ]
    check(tmp_path / "k.json", frames)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize("key", ["landmarks", "lmList", "keypoints", None])
def test_rows_that_begin_with_the_points_number(tmp_path, first, width, key):
    numbers = np.arange(first, first + 33)
    rows = [np.column_stack([numbers, row[:, :width]]).tolist() for row in LANDMARKS]
    frames = [row if key is None else {"frame": t, key: row} for t, row in enumerate(rows)]
    clip = LANDMARKS * (1, 1, 1 if width == 3 else 0) + (0, 0, 0 if width == 3 else 1)
    check(tmp_path / "k.json", frames, BLAZEPOSE_33, clip)
    np.save(tmp_path / "k.npy", np.array(rows))
    (found,) = load_keypoints(tmp_path / "k.npy", **STATED)
    np.testing.assert_allclose(found.keypoints, clip[..., :2], atol=1e-3)


def test_labels_of_vitpose_in_frames(tmp_path):
    order = np.random.default_rng(0).permutation(17)
    frames = [
        {
            "frame": t,
            "persons": [
                {
                    "keypoints": row[order, :2].tolist(),
                    "scores": row[order, 2].tolist(),
                    "labels": order.tolist(),
                }
            ],
        }
        for t, row in enumerate(CLIP)
    ]
    check(tmp_path / "k.json", frames)
    for name in ("keypoints", "scores", "labels"):
        del frames[3]["persons"][0][name][5:]
    (tmp_path / "k.json").write_text(json.dumps(frames))
    (found,) = load_keypoints(tmp_path / "k.json", **STATED)
    assert np.isnan(found.keypoints[..., 0]).sum() == 12
