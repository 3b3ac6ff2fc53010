"""Arrays of people and frames in either order, and what stands beside them."""

import numpy as np
import pytest
from reader_samples import STATED, scene

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.formats.keypoints.reading.axis_of_people import people_come_first
from anatomy_tf.skeletons import COCO_17

NAMES = COCO_17.joint_names


def clips(people: int, frames: int) -> np.ndarray:
    """(N, T, 17, 3) of people side by side."""
    first = scene(COCO_17, 1)[0] - (380, 0, 0)
    moved = np.arange(frames)[:, None, None] * np.array((2, 1, 0))
    return np.stack([first + moved + (190 * n, 0, 0) for n in range(people)])


@pytest.mark.parametrize(("people", "frames"), [(3, 2), (3, 3), (2, 3), (2, 12), (1, 2), (1, 12)])
@pytest.mark.parametrize("frames_first", [False, True])
@pytest.mark.parametrize("kind", ["npy", "npz", "scores"])
def test_either_order(tmp_path, people, frames, frames_first, kind):
    truth = clips(people, frames)
    array = truth.swapaxes(0, 1) if frames_first else truth
    path = tmp_path / ("k.npy" if kind == "npy" else "k.npz")
    if kind == "npy":
        np.save(path, array)
    elif kind == "npz":
        np.savez(path, keypoints=array)
    else:
        np.savez(path, keypoints=array[..., :2], scores=array[..., 2])
    found = load_keypoints(path, skeleton=COCO_17, **STATED)
    found.sort(key=lambda one: one.keypoints[0, 0, 0])
    assert len(found) == people
    for one, clip in zip(found, truth, strict=True):
        np.testing.assert_allclose(one.keypoints, clip[..., :2], atol=1e-3)


def test_the_longer_axis_is_the_frames():
    assert people_come_first(clips(2, 12)[:, ::3])
    still = np.repeat(clips(1, 1), 12, axis=1)
    assert people_come_first(still)
    assert not people_come_first(still.swapaxes(0, 1))


@pytest.mark.parametrize("count", [2, 5])
def test_scores_of_another_shape_are_refused_in_one_line(tmp_path, count):
    path = tmp_path / "k.npz"
    np.savez(path, keypoints=clips(2, 12)[..., :2], scores=np.ones(count))
    with pytest.raises(AnatomyError, match=rf"scores of each of 12 frames, got {count}$"):
        load_keypoints(path, skeleton=COCO_17, **STATED)


def test_one_number_for_all_frames_is_refused_in_one_line(tmp_path):
    path = tmp_path / "k.npz"
    np.savez(path, keypoints=np.float64(1), boxes=np.ones((3, 5)))
    with pytest.raises(AnatomyError, match=r"k\.npz: expected keypoints, an entry a frame$"):
        load_keypoints(path, **STATED)


@pytest.mark.parametrize("names", [NAMES[:16], (*NAMES, "neck")])
@pytest.mark.parametrize("key", ["joint_names", "body_parts"])
def test_another_number_of_names_is_refused(tmp_path, names, key):
    np.savez(tmp_path / "k.npz", keypoints=clips(1, 12)[0], **{key: names})
    with pytest.raises(AnatomyError, match=f"names {len(names)} joints, people have 17"):
        load_keypoints(tmp_path / "k.npz", **STATED)


@pytest.mark.parametrize("key", ["names", "labels"])
def test_labels_of_something_else(tmp_path, key):
    np.savez(tmp_path / "k.npz", keypoints=clips(1, 12)[0], **{key: ["walk"] * 12})
    assert len(load_keypoints(tmp_path / "k.npz", skeleton=COCO_17, **STATED)) == 1
    order = np.array(NAMES[::-1], object)
    np.savez(tmp_path / "k.npz", keypoints=clips(1, 12)[0][:, ::-1], **{key: order})
    (found,) = load_keypoints(tmp_path / "k.npz", **STATED)
    np.testing.assert_allclose(found.keypoints, clips(1, 12)[0, ..., :2], atol=1e-3)


def test_scores_of_people_are_no_keypoints(tmp_path):
    people = clips(2, 12).swapaxes(0, 1)
    np.savez(tmp_path / "k.npz", keypoints=people, scores=np.full((12, 2), 0.4))
    for one in load_keypoints(tmp_path / "k.npz", skeleton=COCO_17, **STATED):
        np.testing.assert_allclose(one.visibility, people[:, 0, :, 2], 1e-6)
