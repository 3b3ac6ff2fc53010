"""One NumPy array of keypoints, in npy and npz."""

from pathlib import Path

import numpy as np
import pytest
import reader_samples as samples

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints
from anatomy_tf.skeletons import COCO_17

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
        (CLIP[:, None], "expected people before frames, got"),
        (CLIP * [1, 1, -1], r"expected a score as the third number, got -0\.5"),
        (np.array([{}], object), "is pickled, which is not read here"),
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
