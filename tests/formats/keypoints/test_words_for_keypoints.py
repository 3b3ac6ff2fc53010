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


def test_locations_by_name(tmp_path):
    frames = [
        {
            "frame": t,
            "joints": {
                name: {"location": {"x": x, "y": y}, "confidence": s}
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
