"""Entries without a frame, which their order numbers, and counters among the numbers of a line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17, HALPE_26

MOVED = np.arange(12)[:, None, None] * np.array((2, 1, 0))
CLIP = scene(COCO_17, 0)[:1] + MOVED
FAR = scene(COCO_17, 1)[:1] + MOVED


def read(path: Path, content: Any) -> Any:
    path.write_text(json.dumps(content))
    (found,) = load_keypoints(path, skeleton=COCO_17, **STATED)
    np.testing.assert_allclose(found.keypoints[found.seen], CLIP[..., :2], atol=1e-3)
    return found


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("more", [{}, {"bbox": [1, 2, 3, 4], "score": 0.9}])
def test_one_persons_keypoints_in_order(tmp_path, flat, more):
    path = tmp_path / "k.json"
    entries = [{**more, "keypoints": (r.ravel() if flat else r).tolist()} for r in CLIP]
    read(path, entries)
    read(path, {"frames": entries})
    path.write_text("\n".join(map(json.dumps, entries)))
    assert len(load_keypoints(path, **STATED)) == 1
    both = [
        e
        for pair in zip(entries, [{"keypoints": r.tolist()} for r in FAR], strict=True)
        for e in pair
    ]
    path.write_text(json.dumps(both))
    with pytest.raises(AnatomyError, match="expected the frame or time of each entry"):
        load_keypoints(path, **STATED)


def test_a_clip_beside_a_rate(tmp_path):
    rows = CLIP.tolist()
    read(tmp_path / "k.json", {"fps": 25, "keypoints": rows})
    apart = {"keypoints": CLIP[..., :2].tolist(), "scores": CLIP[..., 2].tolist()}
    found = read(tmp_path / "k.json", {"fps": 25, **apart})
    np.testing.assert_allclose(found.visibility, CLIP[..., 2], 1e-6)
    names = list(COCO_17.joint_names)
    read(tmp_path / "k.json", {"fps": 25, "joint_names": names, "keypoints": rows})


@pytest.mark.parametrize("kind", ["npy", "json"])
def test_frame_numbers_before_flat_keypoints(tmp_path, kind):
    kept = np.array([t + (t > 7) * 2 for t in range(12)])
    # 52 numbers, which are also 26 keypoints of x and y.
    rows = np.column_stack([kept, CLIP.reshape(12, -1)])
    if kind == "json":
        found = read(tmp_path / "k.json", rows.tolist())
    else:
        np.save(tmp_path / "k.npy", rows)
        (found,) = load_keypoints(tmp_path / "k.npy", skeleton=COCO_17, **STATED)
    assert np.flatnonzero(~found.seen).tolist() == [8, 9]
    halpe = scene(HALPE_26, 0)[:1, :, :2] + MOVED[..., :2]
    np.save(tmp_path / "h.npy", halpe.reshape(12, -1))
    assert load_keypoints(tmp_path / "h.npy", **STATED)[0].skeleton == HALPE_26


@pytest.mark.parametrize("key", ["poseWorldLandmarks", "world_landmarks", "keypoints3D"])
def test_places_in_space_alone_are_named(tmp_path, key):
    points = [{"x": 0.1, "y": -0.2, "z": 0.3, "visibility": 0.9}] * 33
    for frames in (
        [{"frame": t, key: points} for t in range(12)],
        [{"frame": t, "people": [{"id": 1, key: points}]} for t in range(12)],
    ):
        (tmp_path / "k.json").write_text(json.dumps(frames))
        with pytest.raises(AnatomyError, match=f"places in space, {key}; expected keypoints in"):
            load_keypoints(tmp_path / "k.json", **STATED)


def test_world_landmarks_beside_those_of_the_picture(tmp_path):
    names = COCO_17.joint_names
    titles = [f"{kind}{n}_{a}" for kind in ("", "world_") for n in names for a in "xyc"]
    rows = [[*row.ravel(), *[0.1] * 51] for row in CLIP]
    lines = [",".join(map(str, line)) for line in (titles, *rows)]
    (tmp_path / "k.csv").write_text("\n".join(lines))
    (found,) = load_keypoints(tmp_path / "k.csv", **STATED)
    np.testing.assert_allclose(found.keypoints, CLIP[..., :2], atol=1e-3)
