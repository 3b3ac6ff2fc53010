"""Names of joints, numbers and times of frames, and tracks that stand beside the keypoints."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17, MPI_INF_3DHP_17

MOVED = np.arange(24)[:, None, None] * np.array((2, 1, 0))
CLIP = scene(COCO_17, 0)[:1] + MOVED
OTHER = scene(COCO_17, 1)[:1] + MOVED
ORDER = np.random.default_rng(0).permutation(17)
NAMES = [COCO_17.joint_names[joint] for joint in ORDER]
LOST = (5, 6, 9)
KEPT = [t for t in range(24) if t not in LOST]


def check(path: Path, kept: Any = range(24), people: int = 1, **more: Any) -> Any:
    """The file holds the people in these frames."""
    found = load_keypoints(path, **{**STATED, **more})
    assert len(found) == people
    found = sorted(found, key=lambda person: np.nanmin(person.keypoints))
    for person, clip in zip(found, (CLIP, OTHER), strict=False):
        assert (np.flatnonzero(person.seen) + person.first_frame).tolist() == list(kept)
        np.testing.assert_allclose(
            person.keypoints[person.seen], clip[list(kept), :, :2], atol=1e-3
        )
        np.testing.assert_allclose(person.visibility[person.seen], clip[list(kept), :, 2], 1e-6)
    return found


def frames(clip: np.ndarray) -> list[dict[str, Any]]:
    return [{"frame": t, "keypoints": row.tolist()} for t, row in enumerate(clip)]


@pytest.mark.parametrize(
    "key", ["joint_names", "keypointNames", "landmark_names", "body_parts", "joints", "keypoints"]
)
def test_names_of_joints_beside_frames(tmp_path, key):
    path = tmp_path / "k.json"
    for stated in ({key: NAMES}, {"metadata": {key: NAMES}}):
        path.write_text(json.dumps({**stated, "frames": frames(CLIP[:, ORDER])}))
        check(path)
    lists = [[row.tolist()] for row in CLIP[:, ORDER]]
    path.write_text(json.dumps({key: NAMES, "frames": lists}))
    check(path)


def test_names_of_joints_in_frames(tmp_path):
    of_frames = [{"joint_names": NAMES, **frame} for frame in frames(CLIP[:, ORDER])]
    (tmp_path / "k.json").write_text(json.dumps(of_frames))
    check(tmp_path / "k.json")


def test_names_of_a_data_set_of_ones_own(tmp_path):
    meta = {"dataset_name": "mine", "keypoint_id2name": dict(enumerate(NAMES))}
    instances = [
        {
            "frame_id": t,
            "instances": [{"keypoints": p[:, :2].tolist(), "keypoint_scores": p[:, 2].tolist()}],
        }
        for t, p in enumerate(CLIP[:, ORDER])
    ]
    content = {"meta_info": meta, "instance_info": instances}
    (tmp_path / "k.json").write_text(json.dumps(content))
    check(tmp_path / "k.json")


def test_names_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "k.json"
    path.write_text(json.dumps({"joint_names": NAMES[1:], "frames": frames(CLIP)}))
    with pytest.raises(AnatomyError, match="names 16 joints, people have 17"):
        check(path)
    path.write_text(json.dumps({"joint_names": list("abcdefghijklmnopq"), "frames": frames(CLIP)}))
    with pytest.raises(AnatomyError, match="names a, b, c, d, e and 12 more, no joint"):
        check(path)
    # One text or few name something else, such as what was looked for.
    path.write_text(json.dumps({"keypoints": ["person"], "frames": frames(CLIP)}))
    check(path)


@pytest.mark.parametrize("key", ["joint_names", "keypoint_names", "names", "bodyparts"])
@pytest.mark.parametrize("scores", [True, False])
@pytest.mark.parametrize("people", [True, False])
def test_names_of_joints_in_archives(tmp_path, key, scores, people):
    clip = CLIP[:, ORDER] if scores else CLIP[:, ORDER] * (1, 1, 0) + (0, 0, 1)
    values = clip[None] if people else clip
    arrays = {"keypoints": values[..., :2], **({"scores": values[..., 2]} if scores else {})}
    np.savez(tmp_path / "k.npz", **arrays, **{key: np.array(NAMES)})
    (found,) = load_keypoints(tmp_path / "k.npz", **STATED)
    assert found.skeleton == COCO_17
    np.testing.assert_allclose(found.keypoints, CLIP[..., :2], atol=1e-3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("frame_ids", np.array(KEPT)),
        ("frame_indices", np.array(KEPT, float)),
        ("frames", np.array(KEPT)),
        ("image_names", np.array([f"clip_{t:04}.png" for t in KEPT])),
        ("timestamps", np.array(KEPT) / 25),
        ("time_ms", np.array(KEPT) * 40),
    ],
)
@pytest.mark.parametrize("name", ["keypoints", "kpts", "poses"])
def test_frames_beside_arrays(tmp_path, key, value, name):
    arrays = {name: CLIP[KEPT][..., :2], "conf": CLIP[KEPT][..., 2], key: value}
    np.savez(tmp_path / "k.npz", fps=25, image_size=(640, 480), **arrays)
    check(tmp_path / "k.npz", KEPT, fps=None, image_size=None)


def test_detections_in_lines_of_arrays(tmp_path):
    values = np.concatenate([CLIP, OTHER])
    np.savez(
        tmp_path / "k.npz",
        keypoints=values[..., :2],
        scores=values[..., 2],
        frame_ids=np.tile(np.arange(24), 2),
        track_ids=np.repeat([4, 7], 24),
    )
    found = check(tmp_path / "k.npz", people=2)
    assert [person.person for person in found] == ["4", "7"]


def test_frames_in_archives_are_whole_numbers(tmp_path):
    np.savez(tmp_path / "k.npz", keypoints=CLIP, frame_ids=np.arange(24) / 2)
    with pytest.raises(AnatomyError, match=r"expected a whole number as frame, got 0\.5"):
        check(tmp_path / "k.npz")


@pytest.mark.parametrize("name", ["kpts", "pose_2d", "arr_0", "data"])
def test_the_only_array_beside_facts(tmp_path, name):
    np.savez(tmp_path / "k.npz", **{name: CLIP, "fps": 25, "image_size": (640, 480)})
    check(tmp_path / "k.npz", fps=None, image_size=None, skeleton=COCO_17)


def test_a_layout_that_is_given_finds_its_joints_by_name(tmp_path):
    path = tmp_path / "k.json"
    path.write_text(json.dumps({"joint_names": NAMES, "frames": frames(CLIP[:, ORDER])}))
    (found,) = load_keypoints(path, skeleton=MPI_INF_3DHP_17, **STATED)
    knee = MPI_INF_3DHP_17.index("left_knee")
    np.testing.assert_allclose(
        found.keypoints[:, knee], CLIP[:, COCO_17.index("left_knee"), :2], atol=1e-3
    )
    assert np.isnan(found.keypoints[:, MPI_INF_3DHP_17.index("spine")]).all()
