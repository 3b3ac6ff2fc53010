import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import ANGLE_FORMATS, save_angles
from anatomy_tf.poses import JointAngles


def angles(root: bool = True) -> JointAngles:
    turns = np.linspace(0, 300, 4)
    return JointAngles(
        ("right_hip_flexion", "left_hip_abduction", "right_hip_rotation", "trunk_flexion"),
        np.array([[1, 2, np.nan, 4], [5, 6, 10, 8], [9, 10, np.nan, 12], [13, 14, 30, 16]]),
        25.0,
        Rotation.from_euler("y", turns[:, None], degrees=True).as_matrix(),
        np.arange(12.0).reshape(4, 3) if root else None,
    )


def table(path: Path) -> dict[str, np.ndarray]:
    lines = path.read_text().splitlines()
    start = lines.index("endheader") + 1
    rows = np.array([line.split("\t") for line in lines[start + 1 :]], float)
    return dict(zip(lines[start].split("\t"), rows.T, strict=True))


def test_opensim_reads_its_own_names_and_signs(tmp_path: Path) -> None:
    written = save_angles(tmp_path / "walk.mot", angles())
    head = written.read_text().splitlines()[:6]
    assert head == ["walk", "version=1", "nRows=4", "nColumns=11", "inDegrees=yes", "endheader"]
    found = table(written)
    np.testing.assert_allclose(found["time"], [0, 0.04, 0.08, 0.12])
    np.testing.assert_allclose(found["hip_flexion_r"], [1, 5, 9, 13])
    np.testing.assert_allclose(found["hip_adduction_l"], [-2, -6, -10, -14])
    np.testing.assert_allclose(found["lumbar_extension"], [-4, -8, -12, -16])
    # No gaps: held at the ends, straight between.
    np.testing.assert_allclose(found["hip_rotation_r"], [10, 10, 20, 30])
    np.testing.assert_allclose(found["pelvis_rotation"], [0, 100, 200, 300], atol=1e-6)
    np.testing.assert_allclose(found["pelvis_ty"], [1, 4, 7, 10])
    assert not table(save_angles(tmp_path / "p.mot", angles(root=False)))["pelvis_tx"].any()


def test_arms_and_legs_bend_as_opensims(tmp_path: Path) -> None:
    names = ("knee_flexion", "ankle_flexion", "shoulder_flexion", "shoulder_abduction")
    names += "hip_abduction", "hip_rotation", "shoulder_rotation", "elbow_flexion"
    sided = tuple(f"{side}_{name}" for side in ("right", "left") for name in names)
    trunk = "trunk_bending", "trunk_rotation"
    given = JointAngles((*sided, *trunk), np.arange(1.0, 19)[None], 25.0, np.eye(3)[None])
    found = {n: v.item() for n, v in table(save_angles(tmp_path / "p.mot", given)).items()}
    opensim = ("knee_angle", "ankle_angle", "arm_flex", "arm_add")
    opensim += "hip_adduction", "hip_rotation", "arm_rot", "elbow_flex"
    degrees = [1, 2, 3, -4, -5, 6, 7, 8]
    assert {n: found[f"{n}_r"] for n in opensim} == dict(zip(opensim, degrees, strict=True))
    assert [abs(found[f"{n}_l"]) for n in opensim] == list(range(9, 17))
    assert found["arm_add_l"] == -12 and found["hip_adduction_l"] == -13
    assert (found["lumbar_bending"], found["lumbar_rotation"]) == (17, 18)


def test_angles_go_on_beyond_180(tmp_path: Path) -> None:
    turning = [170, 175, np.nan, -175, -170]
    given = JointAngles(
        ("right_shoulder_rotation",), np.c_[turning], 25.0, np.stack([np.eye(3)] * 5)
    )
    found = table(save_angles(tmp_path / "p.mot", given))
    np.testing.assert_allclose(found["arm_rot_r"], [170, 175, 180, 185, 190])


def test_a_pelvis_comes_back_by_opensims_order(tmp_path: Path) -> None:
    order = np.array([[10.0, 20, 30], [-20, 5, -170], [40, -30, 100], [0, 0, 0]])
    turned = Rotation.from_euler("ZXY", order, degrees=True).as_matrix()
    given = JointAngles((), np.zeros((4, 0)), 25.0, turned)
    found = table(save_angles(tmp_path / "p.mot", given))
    again = np.stack([found[f"pelvis_{n}"] for n in ("tilt", "list", "rotation")], axis=-1)
    np.testing.assert_allclose((again - order + 180) % 360 - 180, 0, atol=1e-5)


def test_csv_leaves_what_does_not_show_empty(tmp_path: Path) -> None:
    lines = save_angles(tmp_path / "a.csv", angles()).read_bytes().decode().split("\n")
    assert lines[0] == "time,right_hip_flexion,left_hip_abduction,right_hip_rotation,trunk_flexion"
    assert lines[1:3] == ["0.000000,1.000,2.000,,4.000", "0.040000,5.000,6.000,10.000,8.000"]


@pytest.mark.parametrize("suffix", ANGLE_FORMATS)
def test_times_are_those_of_the_video(tmp_path: Path, suffix: str) -> None:
    later = dataclasses.replace(angles(), first_frame=30)
    lines = save_angles(tmp_path / f"a{suffix}", later).read_text().splitlines()
    seconds = [float(line.replace("\t", ",").split(",")[0]) for line in lines[-4:]]
    np.testing.assert_allclose(seconds, [1.2, 1.24, 1.28, 1.32])


def test_other_suffixes(tmp_path: Path) -> None:
    assert set(ANGLE_FORMATS) == {".csv", ".mot"}
    with pytest.raises(AnatomyError, match=r"ends in \.csv or \.mot"):
        save_angles(tmp_path / "a.sto", angles())


@pytest.mark.parametrize("given", [None, [], [angles()], "angles"])
def test_what_are_no_angles(tmp_path: Path, given: object) -> None:
    for suffix in ANGLE_FORMATS:
        with pytest.raises(AnatomyError, match="expected one person's JointAngles, got"):
            save_angles(tmp_path / f"a{suffix}", given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
