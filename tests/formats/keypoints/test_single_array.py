"""One NumPy array of keypoints, in npy and npz."""

import json
from pathlib import Path

import numpy as np
import pytest
import reader_samples as samples

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, sample_keypoints
from anatomy_tf.skeletons import BLAZEPOSE_33, COCO_17

CLIP = np.concatenate([samples.expected(COCO_17, 0)[0], np.full((samples.FRAMES, 17, 1), 0.5)], -1)


def read(path: Path, **more: object):
    return load_keypoints(path, skeleton=COCO_17, **samples.STATED, **more)


@pytest.mark.parametrize("array", [CLIP, CLIP[None], CLIP.astype(np.float32)])
def test_x_y_and_score(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", array)
    for name in ("a.npy", "a.npz"):
        (person,) = read(tmp_path / name)
        np.testing.assert_allclose(person.keypoints, CLIP[..., :2], rtol=1e-6)
        seen = ~np.isnan(CLIP[..., 0])
        np.testing.assert_allclose(person.visibility, np.where(seen, 0.5, 0))


def test_frames_may_come_before_people(tmp_path):
    other = CLIP + np.array((200, 0, 0))
    listed = np.empty(samples.FRAMES, object)
    for frame in range(samples.FRAMES):
        # Their order changes, and sometimes one of them is not there.
        people = [CLIP[frame], other[frame]] if frame % 2 else [other[frame], CLIP[frame]]
        listed[frame] = np.stack(people[: 1 if frame == 4 else 2])
    np.save(tmp_path / "a.npy", listed, allow_pickle=True)
    people = [listed[frame].tolist() for frame in range(samples.FRAMES)]
    people[2] = None
    (tmp_path / "a.json").write_text(json.dumps(people))
    listed[4] = np.stack([other[4], CLIP[4]])
    np.savez(tmp_path / "a.npz", poses=np.stack(list(listed)))
    for name, lost in (("a.npy", [4]), ("a.json", [2, 4]), ("a.npz", [])):
        found = read(tmp_path / name)
        assert len(found) == 2
        left, right = sorted(found, key=lambda person: np.nanmin(person.keypoints[..., 0]))
        np.testing.assert_allclose(right.keypoints[0], other[0, :, :2], rtol=1e-6)
        assert np.flatnonzero(~left.seen).tolist() == lost


@pytest.mark.parametrize("suffix", ["npy", "npz"])
@pytest.mark.parametrize("numbers", [2, 3])
def test_of_freemocaps_cameras_one_is_lifted(tmp_path, numbers, suffix):
    name = f"mediapipe_2dData_numCams_numFrames_numTrackedPoints_pixelXY.{suffix}"
    save = np.save if suffix == "npy" else np.savez
    views = np.stack([CLIP, CLIP + 1, CLIP + 2])[..., :numbers]
    save(tmp_path / name, np.clip(views, 0, None))
    with pytest.raises(AnatomyError) as refused:
        read(tmp_path / name)
    assert str(refused.value) == (
        f"{tmp_path / name}: expected people in one view, got 3 cameras (0, 1, 2); "
        f'np.save("view.npy", array[0]) writes the first of this array of shape {views.shape}'
    )
    save(tmp_path / name, views[:1])
    (person,) = read(tmp_path / name)
    np.testing.assert_allclose(person.keypoints, CLIP[..., :2], rtol=1e-6)


def test_several_holistic_bodies_are_one_persons_in_several_cameras(tmp_path):
    holistic = np.zeros((1, samples.FRAMES, 553, 2)) + CLIP[:, :1, :2].clip(0)
    np.save(tmp_path / "a.npy", np.concatenate([holistic, holistic]))
    with pytest.raises(AnatomyError, match=r"got 2 cameras \(0, 1\)"):
        load_keypoints(tmp_path / "a.npy", **samples.STATED)
    for array in (holistic, holistic.swapaxes(0, 1)):
        np.save(tmp_path / "a.npy", array)
        (person,) = load_keypoints(tmp_path / "a.npy", **samples.STATED)
        assert person.skeleton == BLAZEPOSE_33


@pytest.mark.parametrize("numbers", [2, 3])
def test_points_may_stand_in_one_row(tmp_path, numbers):
    flat = CLIP[..., :numbers].reshape(samples.FRAMES, -1)
    np.save(tmp_path / "a.npy", flat)
    rows = [[None if np.isnan(value) else value for value in row] for row in flat]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    for name in ("a.npy", "a.json"):
        (person,) = read(tmp_path / name)
        np.testing.assert_allclose(person.keypoints, CLIP[..., :2], rtol=1e-6)
        seen = ~np.isnan(CLIP[..., 0])
        score = 0.5 if numbers == 3 else 1
        np.testing.assert_allclose(person.visibility, np.where(seen, score, 0))


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_few_frames_may_stand_in_rows_that_fit_a_layout(tmp_path, frames):
    values = samples.scene(BLAZEPOSE_33, 1)[:frames]
    np.save(tmp_path / "a.npy", np.insert(values, 2, -0.3, axis=2).reshape(frames, -1))
    (person,) = load_keypoints(tmp_path / "a.npy", **samples.STATED)
    np.testing.assert_allclose(person.keypoints, values[..., :2], rtol=1e-6)
    # x of all keypoints, then y.
    np.save(tmp_path / "a.npy", values[0].T)
    with pytest.raises(AnatomyError, match=r"expected keypoints of shape .* got .*\(3, 33\)"):
        load_keypoints(tmp_path / "a.npy", **samples.STATED)


def test_a_depth_may_stand_before_the_score(tmp_path):
    np.save(tmp_path / "a.npy", np.insert(CLIP, 2, -0.3, axis=2))
    (person,) = read(tmp_path / "a.npy")
    seen = ~np.isnan(CLIP[..., 0])
    np.testing.assert_allclose(person.visibility, np.where(seen, 0.5, 0))


def test_movenet_gives_y_before_x(tmp_path):
    raw = (CLIP / (samples.WIDTH, samples.HEIGHT, 1))[..., [1, 0, 2]][:, None, None]
    np.save(tmp_path / "a.npy", raw)
    (tmp_path / "a.json").write_text(json.dumps(raw.tolist()))
    for name in ("a.npy", "a.json"):
        (person,) = read(tmp_path / name)
        np.testing.assert_allclose(person.keypoints, CLIP[..., :2], rtol=1e-5)


@pytest.mark.parametrize("axes", [(), (1,)])
def test_movenet_multipose_has_six_rows_of_which_some_are_people(tmp_path, axes):
    raw = np.zeros((len(CLIP), 6, 56), np.float32)
    raw[:, :, :51] = 0.3 + 0.1 * np.random.default_rng(0).random((len(CLIP), 6, 51))
    raw[..., -1] = 0.1
    found = np.nan_to_num(CLIP) / (samples.WIDTH, samples.HEIGHT, 1)
    # The person's row changes from frame to frame.
    for frame, points in enumerate(found):
        raw[frame, frame % 6, :51] = points[..., [1, 0, 2]].ravel()
        raw[frame, frame % 6, -1] = 0.8
    np.save(tmp_path / "a.npy", raw.reshape(len(CLIP), *axes, 6, 56))
    (person,) = read(tmp_path / "a.npy")
    seen = ~np.isnan(CLIP[..., 0])
    np.testing.assert_allclose(person.keypoints[seen], CLIP[..., :2][seen], rtol=1e-4)
    assert (person.visibility[~seen] == 0).all()


def test_who_lies_or_stands_on_the_head_throughout_is_doubted(tmp_path):
    real = load_keypoints(sample_keypoints())[0].mapped(COCO_17).filled().keypoints
    for name, places, doubt in (
        ("xy", real, ()),
        ("yx", real[..., ::-1], ("y before x",)),
        ("up", real * [1, -1] + [0, 1920], ("upside down",)),
    ):
        np.save(tmp_path / f"{name}.npy", places)
        (person,) = load_keypoints(
            tmp_path / f"{name}.npy", skeleton=COCO_17, fps=60, image_size=(1920, 1920)
        )
        assert len(person.warnings) == len(doubt)
        assert all(word in line for word, line in zip(doubt, person.warnings, strict=True))


def test_keypoints_that_a_script_saved_without_people(tmp_path):
    np.savez(tmp_path / "a.npz", keypoints=CLIP, fps=25)
    np.savez(tmp_path / "b.npz", keypoints=CLIP[..., :2], confidence=CLIP[..., 2])
    np.savez(tmp_path / "c.npz", keypoints=CLIP[..., :2], visibility=CLIP[..., 2])
    for name in "abc":
        (person,) = read(tmp_path / f"{name}.npz")
        np.testing.assert_allclose(person.keypoints, CLIP[..., :2], rtol=1e-6)
        seen = ~np.isnan(CLIP[..., 0])
        np.testing.assert_allclose(person.visibility, np.where(seen, 0.5, 0))


@pytest.mark.parametrize(
    "names", [("kpts", "scores"), ("keypoints_2d", "keypoint_scores"), ("xy", "conf")]
)
@pytest.mark.parametrize("people_first", [True, False])
def test_keypoints_and_scores_by_other_names(tmp_path, names, people_first):
    values = np.stack([CLIP, CLIP + np.array((200, 0, 0))])
    values = values if people_first else values.swapaxes(0, 1)
    arrays = dict(zip(names, (values[..., :2], values[..., 2]), strict=True))
    np.savez(tmp_path / "a.npz", other=np.arange(3), **arrays)
    people = read(tmp_path / "a.npz")
    left = min(people, key=lambda person: np.nanmin(person.keypoints[..., 0]))
    np.testing.assert_allclose(left.keypoints, CLIP[..., :2], rtol=1e-6)
    assert set(np.unique(left.visibility)) == {0, 0.5}


def test_two_people_of_x_and_y(tmp_path):
    both = np.stack([CLIP[..., :2], CLIP[..., :2] + 5])
    np.save(tmp_path / "a.npy", both)
    people = read(tmp_path / "a.npy")
    assert [p.person for p in people] == ["0", "1"]
    np.testing.assert_allclose(people[1].keypoints, both[1], rtol=1e-6)
    assert set(np.unique(people[1].visibility)) <= {0, 1}


@pytest.mark.parametrize(
    ("array", "line"),
    [
        (CLIP[..., :1], "expected keypoints of shape"),
        (CLIP[0], "expected keypoints of shape"),
        (CLIP.astype(str), "expected keypoints of shape"),
        (np.zeros((0, 17, 2)), "expected keypoints of shape"),
        (CLIP * [1, 1, -1], r"expected a score as the third number, got -0\.5"),
        (np.array([2, {"a": 1}], object), "frame 0: expected a list of n numbers"),
        (np.array([{"a": 1}, 2], object), "got Python's objects with a; save"),
        (np.array({"xy": CLIP}, object), "got Python's objects with xy; save"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, line):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(AnatomyError, match=line):
        read(tmp_path / "a.npy")


def test_a_size_that_the_file_has_not_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", CLIP)
    content = (tmp_path / "a.npy").read_bytes()
    shape, claimed = f"({samples.FRAMES}, 17, 3), }}".encode(), b"(99999999999, 17, 3), }"
    (tmp_path / "a.npy").write_bytes(content.replace(shape.ljust(len(claimed)), claimed))
    with pytest.raises(AnatomyError, match="expected 40799999999592 bytes for shape"):
        read(tmp_path / "a.npy")
