"""Sports2D's TRC in pixels, beyond what all readers are tested on."""

from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_keypoints, load_poses

SIZE = (640, 480)
SIDES = ("Hip", "Knee", "Ankle", "BigToe", "SmallToe", "Heel", "Shoulder", "Elbow", "Wrist")
NAMES = ["Hip", "Neck", "Head", "Nose", *(side + name for side in "RL" for name in SIDES)]
"""What Sports2D writes of Halpe's keypoints: eyes and ears are missing."""


def places(frames: int = 12) -> np.ndarray:
    """(T, K, 2) pixels."""
    keypoints = np.arange(len(NAMES))
    first = np.stack([200.0 + 7 * keypoints, 50.0 + 11 * keypoints], axis=-1)
    return first + np.arange(frames)[:, None, None]


def trc(path: Path, points: np.ndarray, depth: float = 0.0) -> Path:
    rows = [
        ["PathFileType", "4", "(X/Y/Z)", str(path)],
        ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"],
        ["25", "25", str(len(points)), str(len(NAMES)), "m"],
        ["Frame#", "Time", *(cell for name in NAMES for cell in (name, "", ""))],
        ["", ""],
    ]
    for frame, values in enumerate(points):
        cells = ["" if np.isnan(x) else f"{x}" for x in np.insert(values, 2, depth, axis=1).ravel()]
        rows.append([str(frame), f"{frame / 25}", *cells])
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    return path


def test_names_are_halpes_without_eyes_and_ears(tmp_path: Path) -> None:
    points = places()
    (person,) = load_keypoints(trc(tmp_path / "clip_px_person00.trc", points), image_size=SIZE)
    assert (person.skeleton.name, person.fps, person.first_frame) == ("halpe_26", 25, 0)
    joints = ("pelvis", "mid_shoulders", "head_top", "nose", "left_wrist")
    for name, keypoint in zip(joints, (0, 1, 2, 3, 21), strict=True):
        found = person.keypoints[:, person.skeleton.index(name)]
        np.testing.assert_allclose(found, points[:, keypoint], err_msg=name)
    unseen = {person.skeleton.joint_names[j] for j in np.flatnonzero(person.visibility[0] == 0)}
    assert unseen == {"left_eye", "right_eye", "left_ear", "right_ear"}


@pytest.mark.parametrize("gap", [np.nan, 0.0])
def test_gaps_are_empty_or_zero(tmp_path: Path, gap: float) -> None:
    points = places()
    points[0] = gap
    points[5, 3] = gap
    (person,) = load_keypoints(trc(tmp_path / "clip.trc", points), image_size=SIZE)
    assert person.seen.tolist() == [False] + [True] * 11
    assert np.isnan(person.keypoints[5, person.skeleton.index("nose")]).all()
    assert len(person) == 12 and person.first_frame == 0


def test_markers_in_space_are_no_keypoints(tmp_path: Path) -> None:
    for path in (
        trc(tmp_path / "deep.trc", places(), depth=0.1),
        trc(tmp_path / "metres.trc", places() / 400),
    ):
        with pytest.raises(AnatomyError, match="TRC, which holds markers in space"):
            load_keypoints(path, image_size=SIZE)


def test_pixels_are_no_poses(tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="expected poses in space, got keypoints in the picture"):
        load_poses(trc(tmp_path / "clip.trc", places()))


def test_a_missing_frame_is_refused(tmp_path: Path) -> None:
    path = trc(tmp_path / "clip.trc", places())
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:8] + lines[9:]))
    with pytest.raises(AnatomyError, match=r"clip.trc: expected frame 3 after 2, got 4"):
        load_keypoints(path, image_size=SIZE)


def test_numbers_with_halves_and_another_encoding(tmp_path: Path) -> None:
    path = trc(tmp_path / "clip.trc", places())
    lines = path.read_text().splitlines(keepends=True)
    halves = [
        line if n < 5 else f"{n - 5}.5{line[line.index(chr(9)) :]}" for n, line in enumerate(lines)
    ]
    path.write_text("".join(halves), encoding="utf-16")
    (person,) = load_keypoints(path, image_size=SIZE)
    assert len(person) == 12 and person.seen.all()
