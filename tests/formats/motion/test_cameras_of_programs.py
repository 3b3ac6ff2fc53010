"""Cameras under the names and in the shapes of other programs, each the same camera."""

import io
import json

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_camera

MATRIX = [[1681.25, 0.0, 959.5], [0.0, 1681.0, 548.0], [0.0, 0.0, 1.0]]
FLAT = [1681.25, 0.0, 959.5, 0.0, 1681.0, 548.0, 0.0, 0.0, 1.0]
BENT = [-0.046, 0.14, 0.0006, 0.0007, 0.01]
SIZE = [1920, 1080]
CAMERA = {"K": MATRIX, "D": BENT, "size": SIZE}
FOCAL = {"fx": 1681.25, "fy": 1681.0, "cx": 959.5, "cy": 548.0}
SINGLE = dict(zip(("k1", "k2", "p1", "p2", "k3"), BENT, strict=True))
SIDES = {"width": 1920, "height": 1080}

WRITTEN = {
    "matrices flat": {"K": FLAT, "dist": [BENT], **SIDES},
    "other names": {"CameraMatrix": MATRIX, "dist_coeff": BENT, "img_size": SIZE},
    "numbers by name": FOCAL | SINGLE | SIDES,
    "nested": {"intrinsics": FOCAL, "distortion": SINGLE, "image_size": SIDES},
    "lens around": {"intrinsics": {"K": MATRIX}, "distortion": BENT, "image_size": SIZE},
    "cameras by name": {"cameras": {"front": CAMERA}},
    "list of cameras": [{"name": "front", **CAMERA}],
    "size around": {"image_size": SIZE, "cameras": [{"K": MATRIX, "distCoef": BENT}]},
    "as data import": {
        "front": {
            "image_size": SIZE,
            "focal_length": [1681.25, 1681],
            "centre": [959.5, 548],
            "distortion": BENT,
        }
    },
    "NeRF's transforms": {
        **dict(zip(("fl_x", "fl_y", "cx", "cy", "w", "h"), [*FOCAL.values(), *SIZE], strict=True)),
        **SINGLE,
        "frames": [{"file_path": "1.jpg", "transform_matrix": np.eye(4).tolist()}],
    },
    "fisheye no": {**CAMERA, "fisheye_model": 0},
    "fisheye no in a list": {**CAMERA, "fisheye_model": [0]},
}


def loaded(folder, name, content, *options):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return load_camera(path, *options)


def check(camera):
    bent = [-0.046, 0.14, 0.01, 0.0007, 0.0006]
    np.testing.assert_allclose(camera.focal_length, (1681.25, 1681))
    np.testing.assert_allclose(camera.centre, (959.5, 548))
    np.testing.assert_allclose([*camera.radial, *camera.tangential], bent)
    assert (camera.width, camera.height) == (1920, 1080)


@pytest.mark.parametrize("kind", WRITTEN)
def test_shapes_of_json(tmp_path, kind):
    check(loaded(tmp_path, "c.json", WRITTEN[kind]))


@pytest.mark.parametrize("key", ["skew", "Skew", "skew_coefficient"])
def test_pixels_are_square(tmp_path, key):
    check(loaded(tmp_path, "c.json", FOCAL | SINGLE | SIDES | {key: 0.3}))
    refused = r"camera c: expected square pixels, got a skew of -25\.5 beside fx of 1681\.25"
    with pytest.raises(AnatomyError, match=refused):
        loaded(tmp_path, "c.json", FOCAL | SINGLE | SIDES | {key: -25.5})


def test_arrays_of_opencv(tmp_path):
    path, content = tmp_path / "c.npz", io.BytesIO()
    # rvecs and tvecs are the places of the calibration's boards.
    boards = np.ones((9, 3, 1))
    np.savez(content, mtx=MATRIX, dist=[BENT], rvecs=boards, tvecs=boards, ret=0.3)
    path.write_bytes(content.getvalue())
    camera = load_camera(path, image_size=(1920, 1080))
    check(camera)
    assert not camera.has_world


ROS = f"""height: 1080
width: 1920
distortion_model: plumb_bob
D: {BENT}
K: {FLAT}
R: [0.98, 0.0, 0.198997, 0.0, 1.0, 0.0, -0.198997, 0.0, 0.98]
P: [1681.25, 0.0, 959.5, 0.0, 0.0, 1681.0, 548.0, 0.0, 0.0, 0.0, 1.0, 0.0]
---
"""


def test_ros_messages_turn_pictures_and_not_cameras(tmp_path):
    camera = loaded(tmp_path, "c.yaml", ROS)
    check(camera)
    assert not camera.has_world
    with pytest.raises(AnatomyError, match="expected one document, got 2"):
        loaded(tmp_path, "c.yaml", ROS + ROS)


KALIBR = """cam0:
  camera_model: pinhole
  distortion_coeffs: [-0.046, 0.14, 0.0006, 0.0007]
  distortion_model: radtan
  intrinsics: [1681.25, 1681.0, 959.5, 548.0]
  resolution: [1920, 1080]
"""


def test_kalibr(tmp_path):
    camera = loaded(tmp_path, "c.yaml", KALIBR)
    np.testing.assert_allclose([*camera.focal_length, *camera.centre], [*FOCAL.values()])
    with pytest.raises(AnatomyError, match=r"fisheye .*distortion_model: 'equidistant'"):
        loaded(tmp_path, "c.yaml", KALIBR.replace("radtan", "equidistant"))


ANIPOSE = f"""
[cam_0]
name = "A"
size = {SIZE}
matrix = {MATRIX}
distortions = {BENT}
rotation = FIRST
translation = [0.0, 0.0, 0.0]
[cam_1]
name = "B"
size = {SIZE}
matrix = {MATRIX}
distortions = {BENT}
rotation = [0.05, 1.5, 0.02]
translation = [-1500.0, 30.0, 900.0]
"""


@pytest.mark.parametrize("first", ["[0.0, 0.0, 0.0]", "[0.013, -0.004, 0.002]"])
def test_a_world_that_is_the_first_camera_s_says_nothing_of_up(tmp_path, first):
    for name in ("cam_1", "B"):
        camera = loaded(tmp_path, "c.toml", ANIPOSE.replace("FIRST", first), name)
        check(camera)
        assert not camera.has_world


def test_agisoft_s_xml_and_two_cameras_in_xml(tmp_path):
    matrix = " ".join(map(str, FLAT))
    camera = f"""<image_Width>1920</image_Width><image_Height>1080</image_Height>
        <Camera_Matrix><data>{matrix}</data></Camera_Matrix><Distortion_Coefficients>
        <data>{" ".join(map(str, BENT))}</data></Distortion_Coefficients>"""
    check(loaded(tmp_path, "c.xml", f"<opencv_storage>{camera}</opencv_storage>"))
    two = f"<a><camera>{camera}</camera><camera>{camera}</camera></a>"
    with pytest.raises(AnatomyError, match="has the cameras 0, 1; say which one"):
        loaded(tmp_path, "c.xml", two)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"size": [1080, 1920]}, "fits the image of 1080x1920, got 959.5, 548"),
        ({"K": [[24, 0, 960], [0, 24, 540], [0, 0, 1]]}, "got 24 for .* in millimetres"),
        ({"K": [[1681, 1681, 960], [0, 1681, 540], [0, 0, 1]]}, "expected the matrix fx 0 cx"),
        ({"fisheye_model": 1}, r"fisheye .*fisheye_model: 1\)"),
        ({"is_fisheye": True}, "fisheye"),
        ({"fisheye_model": [1]}, r"fisheye .*fisheye_model: 1\)"),
        ({"camera_model": "OPENCV_FISHEYE"}, "fisheye"),
        ({"model": "KannalaBrandt8"}, "fisheye"),
        ({"model": "inverse_brown_conrady"}, "fisheye lens or the like"),
        (
            {"D": None, "RadialDistortion": [0.1, 0.2]},
            "distortion under one of the names",
        ),
        ({"D": None, "k1": 0.1, "k4": 0.2}, "k1, k2, p1, p2, k3, got 8 numbers"),
    ],
)
def test_what_would_be_another_lens(tmp_path, changed, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        loaded(tmp_path, "c.json", CAMERA | changed)
    assert "\n" not in str(caught.value)


def test_two_cameras_of_one_name_are_refused(tmp_path):
    with pytest.raises(AnatomyError, match="has two cameras 'front'"):
        loaded(tmp_path, "c.json", {"monday": {"front": CAMERA}, "friday": {"front": CAMERA}})
    with pytest.raises(AnatomyError, match="has two cameras 'front'"):
        loaded(tmp_path, "c.json", [{"name": "front", **CAMERA}] * 2)
    two = {key: {"name": "front", **CAMERA} for key in ("cam_0", "cam_1")}
    with pytest.raises(AnatomyError, match="two cameras 'front', cam_0, cam_1; say which one"):
        loaded(tmp_path, "c.json", two, "front")


def test_a_position_is_where_the_camera_stands(tmp_path):
    turned = {"rotation": [[1, 0, 0], [0, 0, -1], [0, 1, 0]], "position": [1, 2, 3]}
    assert loaded(tmp_path, "c.json", CAMERA | turned).position.tolist() == [1, 2, 3]


def test_an_inverse_model_without_coefficients_is_a_lens_like_any_other(tmp_path):
    plain = CAMERA | {"D": [0] * 5, "model": "inverse_brown_conrady"}
    assert loaded(tmp_path, "c.json", plain).radial.tolist() == [0, 0, 0]
