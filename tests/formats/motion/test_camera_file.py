import json
import random

import numpy as np
import pytest
from camera_files import OPENCV, POSE2SIM

from anatomy_tf.errors import AnatomyError
from anatomy_tf.formats import load_camera

MATRIX = [[1681.25, 0.0, 559.5], [0.0, 1681.0, 948.0], [0.0, 0.0, 1.0]]


def written(folder, name, content):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("name", OPENCV)
def test_opencv(tmp_path, name):
    camera = load_camera(written(tmp_path, name, OPENCV[name]))
    np.testing.assert_allclose(
        camera.intrinsics, [1681.25, 1681, 559.5, 948, -0.046, 0.14, 0.01, 0.0007, 0.0006]
    )
    assert (camera.width, camera.height, camera.has_world) == (1088, 1920, False)


def test_pose2sim_has_several_cameras_in_a_room(tmp_path):
    path = written(tmp_path, "Calib.toml", POSE2SIM)
    camera = load_camera(path, "cam_01")
    assert (camera.name, camera.width, camera.height) == ("cam_01", 1088, 1920)
    np.testing.assert_allclose(camera.focal_length, (1681.25, 1681))
    # World x is ahead (away from the camera is -x), y right, z up.
    expected = [[0, 1, 0], [0, 0, -1], [-1, 0, 0]]
    np.testing.assert_allclose(camera.rotation, expected, atol=1e-6)
    np.testing.assert_allclose(camera.position, (10, 3.5, 1.7), atol=1e-6)
    np.testing.assert_allclose(camera.up, (0, -1, 0), atol=1e-6)
    np.testing.assert_allclose(load_camera(path, "cam_02").position, (0, -4, 1.7), atol=1e-6)
    with pytest.raises(AnatomyError, match="has the cameras cam_01, cam_02; say which one"):
        load_camera(path)
    with pytest.raises(AnatomyError, match="has the cameras cam_01, cam_02, not 'cam_03'"):
        load_camera(path, "cam_03")


def test_json_by_hand(tmp_path):
    plain = {"matrix": MATRIX, "size": [1088, 1920]}
    camera = load_camera(written(tmp_path, "phone.json", plain))
    assert camera.name == "phone"
    np.testing.assert_allclose(camera.intrinsics, [1681.25, 1681, 559.5, 948, 0, 0, 0, 0, 0])
    several = {
        "left": plain,
        "right": plain | {"R": [[1, 0, 0], [0, 0, -1], [0, 1, 0]], "t": [1, 0, 0]},
    }
    right = load_camera(written(tmp_path, "rig.json", several), "right")
    np.testing.assert_allclose(right.position, (-1, 0, 0))
    sizeless = written(tmp_path, "s.json", {"K": MATRIX})
    assert load_camera(sizeless, image_size=(1088, 1920)).height == 1920
    for size in ("1088x1920", 1920, (1088,), ("a", "b")):
        with pytest.raises(AnatomyError, match="an image size"):
            load_camera(sizeless, image_size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.mat", "", "expected a camera file that ends in .toml, .yaml, .yml, .xml, .json, .npz"),
        ("c.npz", "", "not a readable npz file"),
        ("c.json", "{", "not a readable camera file"),
        ("c.toml", "[", "not a readable camera file"),
        ("c.xml", "<a>", "not a readable camera file"),
        ("c.yml", "a: [", "not a readable camera file"),
        ("c.yml", "a: !!python/object/apply:os.getcwd []", "not a readable camera file"),
        ("c.yml", "a: " + "[" * 2000, "expected no aliases and at most 20 levels"),
        ("c.yml", "- " * 2000 + "1", "expected no aliases and at most 20 levels"),
        ("c.yml", "a: &b [1]\nK: [*b, *b]", "expected no aliases and at most 20 levels"),
        ("c.toml", ".".join("a" * 100_000) + " = 1", "expected at most 20 levels"),
        ("c.toml", "[" + " . ".join(["'a'"] * 10_000) + "]", "expected at most 20 levels"),
        ("c.toml", "# " + "a" * 300_000, "a calibration as YAML or TOML of at most 262,144 bytes"),
        ("c.yml", "K: [" + "1," * 200_000 + "1]", "at most 262,144 bytes, got 400,0"),
        ("c.json", '{"cam1": {"K": 1}, "cam1": {"K": 2}}', "the key 'cam1' is twice in one object"),
        ("c.yml", "cam1: {K: 1}\ncam1: {K: 2}", "the key 'cam1' is twice in one table"),
        ("c.json", '{"K": [1' + "0" * 400 + '], "size": [4, 3]}', "more than 40 digits"),
        (
            "c.json",
            '{"K": ' + "[" * 500 + "]" * 500 + "}",
            "4 or 9 numbers as matrix, got 0",
        ),
        ("c.json", "[" * 100_000, "not a readable camera file"),
        ("c.json", [1], "expected a camera matrix, under one of the names matrix, camera_matrix"),
        ("c.json", {"K": MATRIX}, "does not say the image's size"),
        ("c.json", {"K": [1, 2], "size": [4, 3]}, "expected 4 or 9 numbers as matrix, got 2"),
        ("c.json", {"K": ["x"], "size": [4, 3]}, "matrix: expected numbers, got 'x'"),
        (
            "c.json",
            {"K": MATRIX, "size": [4, 3], "D": [True]},
            "distortion: expected numbers, got ",
        ),
        ("c.json", {"K": [[0] * 99], "size": [4, 3]}, "expected fewer than 64 numbers"),
        ("c.json", {"K": MATRIX, "size": [4, 3], "fisheye": True}, "is a fisheye lens"),
        ("c.json", {"K": MATRIX, "size": [4, 3], "D": [0] * 7 + [1]}, "k1, k2, p1, p2, k3, got 8"),
        ("c.json", {"K": MATRIX, "size": [0, 3]}, "an image size of 16 to 65,536"),
        (
            "c.json",
            '{"K": [NaN,0,0,0,1,0,0,0,1], "size": [4, 3]}',
            "matrix: expected finite",
        ),
        ("c.json", {"K": list(np.reshape(MATRIX, (3, 3)).T.ravel())}, "fx 0 cx, 0 fy cy, 0 0 1"),
        (
            "c.json",
            '{"K": [1,0,0,0,1,0,0,0,1], "size": [Infinity, 3]}',
            "size: expected finite",
        ),
    ],
)
def test_what_is_no_camera_is_refused_in_one_line(tmp_path, name, content, message):
    with pytest.raises(AnatomyError) as caught:
        load_camera(written(tmp_path, name, content))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["Calib.toml", *OPENCV])
def test_a_damaged_file_is_read_or_refused(tmp_path, name):
    whole = OPENCV.get(name, POSE2SIM).encode()
    refused = 0
    for seed in range(300):
        damage = random.Random(seed)
        content = bytearray(whole)
        for _ in range(2):
            place = damage.randrange(len(content))
            content[place : place + damage.randrange(3)] = damage.choice(
                [b"", b"-", b"9" * 30, b"[", b"{", b":", b"\n", b"nan", b"<", b"\xff", b"e400"]
            )
        path = tmp_path / name
        path.write_bytes(content)
        try:
            camera = load_camera(path, "cam_01" if name == "Calib.toml" else None)
        except AnatomyError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            refused += 1
        else:
            assert np.isfinite(camera.intrinsics).all()
    assert 50 < refused < 300


def test_too_large_a_file(tmp_path):
    with pytest.raises(AnatomyError, match="a file of settings of at most 8,388,608"):
        load_camera(written(tmp_path, "c.json", " " * (1 << 23) + "{}"))
