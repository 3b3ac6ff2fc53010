"""Cameras: frames, projection and screen coordinates."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from anatomy_tf.cameras import (
    Camera,
    default_focal_length,
    denormalize_screen,
    flip_intrinsics,
    normalize_screen,
    project,
)
from anatomy_tf.cameras.field_of_view import assumed_intrinsics
from anatomy_tf.cameras.undistortion import undistort
from anatomy_tf.errors import AnatomyError

GOLDEN = Path(__file__).parents[1] / "golden/metrics_and_camera.npz"
PINHOLE = np.array([2, 3, 0.5, -0.5, 0, 0, 0, 0, 0], float)
LENS = np.array([2, 3, 0.5, -0.5, 0.1, 0.2, 0.4, 0.01, -0.02], float)


def _camera(**changes):
    fields = {
        "rotation": np.eye(3),
        "position": np.zeros(3),
        "focal_length": np.array([1000.0, 1100.0]),
        "centre": np.array([500.0, 520.0]),
        "width": 1000,
        "height": 1002,
        "name": "cam",
    }
    return Camera(**(fields | changes))


@pytest.fixture(scope="module")
def golden():
    return np.load(GOLDEN)


@pytest.fixture(scope="module")
def golden_camera(golden):
    """The reference's camera, from its quaternion (camera to world) and normalised intrinsics."""
    w, x, y, z = golden["camera/R_quat_wxyz"].astype(float)
    width, height = golden["camera/res_wh"].tolist()
    intrinsics = golden["camera/intrinsics_norm"].astype(float)
    return Camera(
        rotation=Rotation.from_quat([x, y, z, w]).as_matrix().T,
        position=golden["camera/t"],
        focal_length=intrinsics[:2] * width / 2,
        centre=denormalize_screen(intrinsics[2:4], width, height),
        width=width,
        height=height,
        radial=intrinsics[4:7],
        tangential=intrinsics[7:],
    )


@pytest.mark.golden
def test_frames_are_the_references(golden, golden_camera):
    ours = golden_camera.world_to_camera(golden["camera/world"])
    np.testing.assert_allclose(ours, golden["camera/cam"], atol=2e-6)
    back = golden_camera.camera_to_world(golden["camera/cam"])
    np.testing.assert_allclose(back, golden["camera/back"], atol=2e-6)


@pytest.mark.golden
def test_projection_is_the_references(golden):
    points, intrinsics = golden["aug/out3d_plus_traj"], golden["aug/cam"][:, None, None]
    bent = project(points, intrinsics)
    straight = project(points, intrinsics, distortion=False)
    np.testing.assert_allclose(bent, golden["aug/proj2d"], atol=2e-6)
    np.testing.assert_allclose(straight, golden["aug/proj2d_linear"], atol=2e-6)
    assert np.abs(bent - straight).max() > 0.01


@pytest.mark.golden
def test_screen_coordinates_are_the_references(golden, golden_camera):
    width, height = golden["camera/res_wh"].tolist()
    ours = normalize_screen(golden["camera/pixels"], width, height)
    np.testing.assert_allclose(ours, golden["camera/pixels_norm"], atol=1e-6)
    back = denormalize_screen(golden["camera/pixels_norm"], width, height)
    np.testing.assert_allclose(back, golden["camera/pixels_back"], atol=1e-4)
    np.testing.assert_allclose(
        golden_camera.normalized_intrinsics, golden["camera/intrinsics_norm"], rtol=1e-6
    )


def test_pinhole_hand_worked():
    points = np.array([[0, 0, 4], [1, 2, 4], [-2, 0, 4]], float)
    np.testing.assert_allclose(project(points, PINHOLE), [[0.5, -0.5], [1, 1], [-0.5, -0.5]])


def test_distortion_hand_worked():
    # q = (0.5, 0), r2 = 0.25: radial 1 + 0.025 + 0.0125 + 0.00625 = 1.04375, p.q = 0.005.
    x = 0.5 * (1.04375 + 0.005) + 0.01 * 0.25
    y = -0.02 * 0.25
    pixel = project(np.array([1.0, 0, 2]), LENS)
    np.testing.assert_allclose(pixel, [2 * x + 0.5, 3 * y - 0.5])
    np.testing.assert_allclose(project(np.array([1.0, 0, 2]), LENS, distortion=False), [1.5, -0.5])


def test_points_beside_behind_and_in_the_camera_stay_finite():
    points = np.array([[9, -9, 1], [1, 1, 0], [-1, 0, 0], [0, 0, 0], [1, 1, -0.1]], np.float32)
    with np.errstate(all="raise"):
        pixels = project(points, PINHOLE.astype(np.float32))
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(
        pixels, [[2.5, -3.5], [2.5, 2.5], [-1.5, -0.5], [0.5, -0.5], [-1.5, -3.5]]
    )


def test_nan_stays_nan():
    assert np.isnan(project(np.array([[np.nan, 0, 1]]), LENS)).all()


def test_intrinsics_broadcast_over_a_batch():
    points = np.random.default_rng(0).normal(size=(2, 5, 17, 3)) + np.array([0, 0, 6])
    both = project(points, np.stack([PINHOLE, LENS])[:, None, None])
    np.testing.assert_array_equal(both[0], project(points[0], PINHOLE))
    np.testing.assert_array_equal(both[1], project(points[1], LENS))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_mirrored_camera_sees_the_mirrored_image(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(6, 3)) + np.array([0, 0, 5])
    intrinsics = np.concatenate([rng.uniform(1, 3, 2), rng.normal(scale=0.2, size=7)])
    seen = project(points * [-1, 1, 1], flip_intrinsics(intrinsics))
    np.testing.assert_allclose(seen, project(points, intrinsics) * [-1, 1], atol=1e-10)
    np.testing.assert_array_equal(flip_intrinsics(flip_intrinsics(intrinsics)), intrinsics)


def test_screen_hand_worked():
    corners = np.array([[0, 0], [1000, 500], [500, 250]], float)
    screen = normalize_screen(corners, 1000, 500)
    np.testing.assert_allclose(screen, [[-1, -0.5], [1, 0.5], [0, 0]])
    np.testing.assert_allclose(denormalize_screen(screen, 1000, 500), corners)


def test_screen_keeps_the_points_precision():
    for dtype in (np.float32, np.float64):
        pixels = np.random.default_rng(0).uniform(0, 1000, size=(50, 2)).astype(dtype)
        screen = normalize_screen(pixels, np.int64(1920), np.int64(1080))
        assert screen.dtype == dtype
        back = denormalize_screen(screen, 1920, 1080)
        assert back.dtype == dtype
        np.testing.assert_allclose(back, pixels, rtol=0, atol=1000 * np.finfo(dtype).eps)


def test_normalized_intrinsics_project_to_screen_coordinates():
    camera = _camera(radial=np.array([0.1, -0.05, 0.01]), tangential=np.array([0.01, 0.02]))
    points = np.random.default_rng(0).normal(size=(9, 3)) + np.array([0, 0, 5])
    np.testing.assert_allclose(
        project(points, camera.normalized_intrinsics),
        normalize_screen(camera.project(points), camera.width, camera.height),
        atol=1e-12,
    )


coordinate = st.floats(-10, 10)


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[coordinate] * 3), st.tuples(*[coordinate] * 3), st.floats(-3, 3))
def test_looking_at(position, target, roll):
    position, target = np.array(position), np.array(target)
    assume(np.linalg.norm((target - position)[:2]) > 0.1)
    camera = Camera.looking_at(position, target, 1145, 1000, 1002, roll=roll)
    seen = camera.world_to_camera(target)
    np.testing.assert_allclose(seen, [0, 0, np.linalg.norm(target - position)], atol=1e-9)
    np.testing.assert_allclose(camera.project(seen), [500, 501], atol=1e-6)
    assert np.linalg.det(camera.rotation) == pytest.approx(1)
    np.testing.assert_allclose(camera.world_to_camera(position), 0, atol=1e-12)
    if roll == 0:
        # The world's up is up in the image, and the camera does not lean.
        up = camera.world_to_camera(target + np.array([0, 0, 1])) - seen
        assert up[1] < 0
        assert up[0] == pytest.approx(0, abs=1e-9)


def test_looking_along_y_hand_worked():
    camera = Camera.looking_at(np.array([0, -5, 1]), np.array([0, 0, 1]), 1000, 800, 600)
    np.testing.assert_allclose(camera.rotation, [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)
    # A point a metre to the right and half a metre above the target.
    seen = camera.world_to_camera(np.array([1, 0, 1.5]))
    np.testing.assert_allclose(seen, [1, -0.5, 5], atol=1e-12)
    np.testing.assert_allclose(camera.project(seen), [600, 200])


def test_roll_turns_about_the_axis():
    position, target = np.array([0, -5, 1]), np.array([0, 0, 1])
    camera = Camera.looking_at(position, target, 1000, 800, 600, roll=np.pi / 2)
    # A quarter turn: what was down is right, what was right is up.
    np.testing.assert_allclose(camera.world_to_camera(np.array([1, 0, 1])), [0, -1, 5], atol=1e-12)
    np.testing.assert_allclose(camera.world_to_camera(np.array([0, 0, 0])), [1, 0, 5], atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_world_and_camera_frames_invert_each_other(seed):
    rng = np.random.default_rng(seed)
    camera = _camera(rotation=Rotation.random(rng=rng).as_matrix(), position=rng.normal(size=3))
    points = rng.normal(size=(4, 17, 3))
    np.testing.assert_allclose(
        camera.camera_to_world(camera.world_to_camera(points)), points, atol=1e-12
    )


@pytest.mark.parametrize("target", [(0, 0, 5), (0, 0, -5), (0, 0, 0)])
def test_a_view_without_a_right_is_refused(target):
    with pytest.raises(AnatomyError, match="straight above, below or in the camera"):
        Camera.looking_at(np.zeros(3), np.array(target), 1000, 800, 600)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rotation": np.eye(2)}, r"rotation of shape \(3, 3\), got \(2, 2\)"),
        ({"focal_length": 1000.0}, r"focal_length of shape \(2,\), got \(\)"),
        ({"radial": np.zeros(2)}, r"radial of shape \(3,\), got \(2,\)"),
        ({"rotation": 2 * np.eye(3)}, "not orthonormal"),
        ({"rotation": 1.001 * np.eye(3)}, "not orthonormal"),
        ({"rotation": np.diag([1, 1, -1])}, "mirror image"),
        ({"position": np.array([0, np.nan, 0])}, "position has a NaN"),
        ({"centre": np.array([np.inf, 0])}, "centre has a NaN or infinite"),
        ({"focal_length": np.array([1000, 0])}, "focal lengths must be positive"),
        ({"width": 0}, "an image size of 16 to 65,536 pixels a side, got 0"),
        ({"height": 15}, "an image size of 16 to 65,536 pixels a side, got 15"),
        ({"width": 1e300}, "an image size of 16 to 65,536 pixels a side, got a number beyond"),
        ({"focal_length": np.array([0.001, 1000])}, "focal length 0.001 of 1000 pixels"),
        ({"focal_length": np.array([1000, 1e300])}, "of 0.1 to 179 degrees, got 5.7"),
        ({"centre": np.array([0, 1e10])}, "centre: expected a coordinate of -1,000,000 to"),
        (
            {"radial": np.array([1e10, 0, 0])},
            r"p2 = \[10000000000.0, 0.0, 0.0, 0.0, 0.0\]: .* distortion of at most 10",
        ),
        ({"radial": np.array([0, 0, -1e10])}, "distortion of at most 10 times a corner's"),
        ({"radial": np.full(3, 1e300)}, "distortion of at most 10 times a corner's"),
        ({"tangential": np.array([0, 1e300])}, "distortion of at most 10 times a corner's"),
    ],
)
def test_refused_in_one_line(changes, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        _camera(**changes)
    assert str(caught.value).startswith("camera 'cam': ")
    assert "\n" not in str(caught.value)


def test_how_far_a_lens_may_bend_is_in_distances_of_each_corner():
    # Corners are at (+-1, +-1) focal lengths, so that k1 moves them by 2 k1 of their distance.
    lens = {"focal_length": np.full(2, 500.0), "centre": np.full(2, 500.0), "height": 1000}
    _camera(**lens, radial=np.array([4.9, 0, 0]))
    with pytest.raises(AnatomyError, match="distortion of at most 10"):
        _camera(**lens, radial=np.array([5.1, 0, 0]))


def test_field_of_view_is_from_edge_to_edge():
    seen = Camera.from_field_of_view(60, 1920, 1080)
    np.testing.assert_allclose(seen.focal_length, 960 * np.sqrt(3))
    edge = seen.project(np.array([np.tan(np.radians(30)), 0, 1.0]))
    np.testing.assert_allclose(edge, (1920, 540))
    assert not seen.has_world
    for degrees in (0, 180, float("nan")):
        with pytest.raises(AnatomyError, match="expected a field of view of"):
            Camera.from_field_of_view(degrees, 1920, 1080)


def test_the_default_is_60_degrees_over_the_longer_side():
    for width, height in ((1920, 1080), (1080, 1920)):
        assert default_focal_length(width, height) == pytest.approx(960 * np.sqrt(3))
        seen = Camera.pinhole(default_focal_length(width, height), width, height)
        assumed = assumed_intrinsics(width / height)
        np.testing.assert_allclose(assumed, seen.normalized_intrinsics, rtol=1e-6, atol=1e-12)


def test_a_camera_of_a_smaller_video():
    large = Camera.from_intrinsics(np.array([1500, 1510, 970, 530, 0.1, 0, 0, 0, 0]), 1920, 1080)
    small = large.resized(1280, 720)
    point = np.array([0.3, -0.2, 1.0])
    np.testing.assert_allclose(small.project(point), large.project(point) * 2 / 3)
    with pytest.raises(AnatomyError, match="the shape 1920x1080, got 1080x1920"):
        large.resized(1080, 1920)
    with pytest.raises(AnatomyError, match="got 1280x740"):
        large.resized(1280, 740)
    # Such as a height that was rounded to even lines.
    assert large.resized(1280, 722).height == 722


CAMERA = Camera.pinhole(1000, 640, 480, "cam")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CAMERA.resized("640", 480), "an image size of .*, got '640'$"),
        (lambda: CAMERA.resized(None, 480), "an image size of .*, got None$"),
        (lambda: CAMERA.resized(0, 0), "an image size of .*, got 0$"),
        (lambda: Camera.pinhole("1000", 640, 480, "cam"), "intrinsics: expected numbers, got <U"),
        (lambda: Camera.pinhole(1000, "640", 480, "cam"), "an image size of .*, got '640'$"),
        (lambda: Camera.from_field_of_view(60, None, 480, "cam"), "an image size of .*, got None$"),
        (
            lambda: Camera.from_intrinsics([1, 2, 3], 640, 480, "cam"),
            r"intrinsics of shape \(9,\), got \(3,\)$",
        ),
        (
            lambda: Camera.looking_at([0, 0, 1], [1, 0, 1], "a", 640, 480, name="cam"),
            "focal length: expected numbers, got <U1$",
        ),
        (
            lambda: Camera.looking_at([0, 0, 1], [1, 0, 1], 9, 640, 480, roll=None, name="cam"),
            "roll has a NaN or infinite number$",
        ),
        (lambda: CAMERA.turned(np.eye(3), "up"), "shift: expected numbers, got <U2$"),
        (lambda: CAMERA.project([1, 2]), r"points: expected shape \(\.\.\., 3\), got \(2,\)$"),
        (lambda: CAMERA.world_to_camera("here"), "points: expected numbers, got <U4$"),
        (lambda: CAMERA.camera_to_world(object()), "points: expected an array of numbers"),
    ],
)
def test_arguments_of_another_kind_are_refused_in_one_line(call, message):
    with pytest.raises(AnatomyError, match=f"^camera 'cam': .*{message}"):
        call()


def test_lists_are_points():
    np.testing.assert_allclose(CAMERA.project([[0, 0, 2], [0.1, 0, 1]]), [[320, 240], [420, 240]])
    np.testing.assert_array_equal(CAMERA.camera_to_world([1, 2, 3]), [1, 2, 3])
    assert Camera.looking_at([0, 0, 1], [1, 0, 1], 1000, 640, 480).height == 480


def test_a_camera_in_a_turned_and_moved_world():
    camera = Camera.looking_at(np.array([4.0, -3, 2]), np.array([0.0, 0, 1]), 1000, 640, 480)
    turn, shift = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), np.array([1.0, 2, 3])
    point = np.array([0.3, 0.4, 0.9])
    np.testing.assert_allclose(
        camera.turned(turn, shift).world_to_camera(turn @ point + shift),
        camera.world_to_camera(point),
    )
    # A level camera's image is level: up is against its y.
    assert camera.up[1] < -0.9


@pytest.mark.parametrize("bend", [0.0, -0.02])
def test_a_wide_camera_shows_points_beyond_45_degrees_where_they_are(bend):
    camera = Camera.from_field_of_view(120, 1000, 800)
    lens = np.array([*camera.intrinsics[:4], bend, 0, 0, 0, 0])
    camera = Camera.from_intrinsics(lens, 1000, 800)
    pixels = np.array([[500.0, 400.0], [10.0, 400.0], [985.0, 30.0], [990.0, 790.0]])
    rays = undistort(pixels, lens)
    assert np.abs(rays).max() > 1.5
    points = 3 * np.concatenate([rays, np.ones((4, 1))], axis=1)
    np.testing.assert_allclose(camera.project(points), pixels, atol=1e-6)


def test_points_beside_and_behind_a_camera_are_finite():
    points = np.array([[1e9, 1, 1e-9], [0, 0, 0], [5, 1, -1]])
    for degrees in (60, 170):
        assert np.isfinite(Camera.from_field_of_view(degrees, 1000, 800).project(points)).all()


def test_lists_and_numbers_of_numpy_become_the_cameras_own():
    place = np.zeros(3)
    camera = Camera(
        np.eye(3).tolist(), place, [900, 900], (320, 240), np.int64(640), np.float32(480)
    )
    place[0] = 5
    assert camera.position.tolist() == [0, 0, 0]
    assert [type(side) for side in (camera.width, camera.height)] == [int, int]
    assert camera == Camera.pinhole(900, 640, 480)


def test_points_may_be_lists():
    camera = Camera.pinhole(900, 640, 480)
    assert camera.project([[0.1, 0, 1]]).tolist() == [[410, 240]]
    assert project([[0, 0, 1.0]], camera.intrinsics.tolist()).tolist() == [[320, 240]]
    screen = normalize_screen([[640, 240]], 640, 480)
    np.testing.assert_allclose(screen, [[1, 0]])
    assert denormalize_screen(screen.tolist(), 640, 480).tolist() == [[640, 240]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Camera.looking_at("a", np.zeros(3), 900, 640, 480), "position: expected numbers"),
        (
            lambda: Camera.looking_at([1, 2], [0, 0, 0], 9, 64, 48),
            r"position of shape \(3,\)",
        ),
        (lambda: Camera.pinhole(900, 640, 480, name=3), "expected name as text, got 3"),
        (lambda: Camera.pinhole(900, 640, 480).turned(np.eye(2)), r"rotation of shape \(3, 3\)"),
    ],
)
def test_what_is_no_place_or_name_is_refused(call, message):
    with pytest.raises(AnatomyError, match=message):
        call()
