import dataclasses

import numpy as np
import pytest

from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.data.motion.procedural_motion import procedural_motion
from anatomy_tf.data.views.moving_camera import pixels_in_picture
from anatomy_tf.data.views.room_cameras import (
    CAMERA_MOTIONS,
    CameraMotion,
    RoomCameras,
    room_camera,
)
from anatomy_tf.data.views.simulated_detections import standing_height
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17

CLIP = procedural_motion(people=1, seconds=3)[0]
STILL = {"static": CameraMotion(share=1)}
LEVEL = RoomCameras(
    motions=STILL,
    tilted_share=0,
    rolled_share=0,
    any_height_share=0,
    close_share=0,
    person_height=(0.4, 0.0),
    distorted_share=0,
)


def films(count: int = 60, clip: MotionClip = CLIP, **changes):
    cameras = dataclasses.replace(LEVEL, **changes)
    rng = np.random.default_rng(0)
    return [room_camera(rng, clip, cameras)[0] for _ in range(count)]


def pitch(camera):
    """Degrees by which the camera looks down, in each frame."""
    return -np.degrees(np.arcsin(camera.up[:, 2]))


def roll(camera):
    return np.degrees(np.arctan2(camera.up[:, 0], -camera.up[:, 1]))


def test_a_static_camera_stands_and_others_move_as_their_kind_does():
    for camera in films(5):
        assert np.ptp(camera.rotation, axis=0).max() < 1e-9
        assert np.ptp(camera.position, axis=0).max() < 1e-9
    turned = {
        kind: np.mean([np.ptp(pitch(camera)) for camera in films(20, motions={"": motion})])
        for kind, motion in CAMERA_MOTIONS.items()
    }
    assert turned["static"] < 1e-6 < 0.2 < turned["held"] < turned["free"]


def test_pushing_in_comes_nearer_and_pulling_out_goes_away():
    # Who stays where he is does not come nearer himself.
    clip = dataclasses.replace(CLIP, positions=np.repeat(CLIP.positions[:1], 100, axis=0))
    for kind in ("pushing in", "pulling out"):
        low, high = CAMERA_MOTIONS[kind].approach
        for camera in films(10, clip, motions={"": CAMERA_MOTIONS[kind]}):
            way = np.linalg.norm(camera.position - clip.positions[:, 0], axis=1)
            assert 0.8 * low < way[-1] / way[0] < 1.2 * high


def test_a_camera_begins_where_the_person_has_the_drawn_height_and_then_comes_nearer():
    clip = dataclasses.replace(CLIP, positions=np.repeat(CLIP.positions[:1], 100, axis=0))
    nearer = {"": CameraMotion(share=1, follows=1, approach=(0.5, 0.5))}
    heights = [
        standing_height(clip.positions, HUMAN36M_17)
        * camera.lens.focal_length[1]
        / camera.world_to_camera(clip.positions)[[0, -1], HUMAN36M_17.root, 2]
        / camera.lens.height
        for camera in films(10, clip, motions=nearer, person_height=(0.25, 0.0))
    ]
    np.testing.assert_allclose(np.median(heights, axis=0), [0.25, 0.5], rtol=0.1)


def walks_away():
    """The clip, along x by 6 m."""
    way = np.linspace(-3, 3, len(CLIP))[:, None, None] * [1.0, 0, 0]
    return dataclasses.replace(CLIP, positions=CLIP.positions + way)


def test_cameras_turn_after_the_person_or_go_along():
    clip, found = walks_away(), []
    for follows, travels in ((0, 0), (1, 0), (1, 1)):
        motions = {"": CameraMotion(share=1, follows=follows, travels=travels)}
        measures = []
        for camera in films(5, clip, motions=motions, person_height=(0.2, 0.0)):
            seen = camera.world_to_camera(clip.positions)[:, HUMAN36M_17.root]
            in_picture = np.ptp(seen[:, :2] / seen[:, 2:], axis=0).max()
            turned = np.ptp(camera.rotation, axis=0).max()
            measures.append((np.ptp(camera.position[:, 0]), turned, in_picture))
        found.append(np.median(measures, axis=0))
    ways, turns, places = np.transpose(found)
    np.testing.assert_allclose(ways, [0, 0, 6], atol=1)
    assert turns[0] < 1e-9 and turns[2] < 1e-9 < 0.1 < turns[1]
    assert max(places[1:]) < 0.6 * places[0]


def test_cameras_follow_the_body_and_not_its_hands():
    waving = CLIP.positions.copy()
    wrists = [HUMAN36M_17.index(f"{side}_wrist") for side in ("left", "right")]
    waving[:, wrists] += 0.1 * np.sin(np.arange(len(CLIP)) / 5)[:, None, None]
    clips = CLIP, dataclasses.replace(CLIP, positions=waving)
    motions = {"": CAMERA_MOTIONS["tracking"]}
    for one, other in zip(*(films(5, clip, motions=motions) for clip in clips), strict=True):
        np.testing.assert_array_equal(one.rotation, other.rotation)
        np.testing.assert_array_equal(one.position, other.position)


def test_hands_shake_by_the_same_share_of_the_picture_with_any_lens():
    def turned(degrees):
        cameras = films(5, motions={"": CameraMotion(share=1, sway=0.002)}, **lens(degrees))
        return [np.ptp(camera.rotation[:, 2], axis=0).max() for camera in cameras]

    def lens(degrees):
        return {"crop_share": 0, "field_of_view": (degrees, degrees), "person_height": (0.1, 0.0)}

    ratio = np.tan(np.deg2rad(40)) / np.tan(np.deg2rad(20))
    np.testing.assert_allclose(np.divide(turned(80.0), turned(40.0)), ratio, rtol=0.3)


def test_rotations_are_rotations():
    for camera in films(10, motions=CAMERA_MOTIONS, tilted_share=1, rolled_share=1):
        product = camera.rotation @ camera.rotation.swapaxes(-1, -2)
        np.testing.assert_allclose(product, np.tile(np.eye(3), (len(CLIP), 1, 1)), atol=1e-9)
        np.testing.assert_allclose(np.linalg.det(camera.rotation), 1)


def test_people_have_the_drawn_height_in_the_picture():
    heights = []
    for camera in films():
        depth = camera.world_to_camera(CLIP.positions)[:, HUMAN36M_17.root, 2]
        size = standing_height(CLIP.positions, HUMAN36M_17) * camera.lens.focal_length[1] / depth
        heights.append(np.median(size) / camera.lens.height)
    assert np.median(heights) == pytest.approx(0.4, abs=0.04)


def test_small_and_cut_off_people_have_their_shares():
    heights = []
    shares = {"any_height_share": 0.5, "close_share": 0.5}
    ranges = {"any_height": (0.1, 0.1), "close_height": (0.8, 0.8), "in_picture": 0.3}
    for camera in films(40, **shares, **ranges):
        depth = camera.world_to_camera(CLIP.positions)[0, HUMAN36M_17.root, 2]
        size = standing_height(CLIP.positions, HUMAN36M_17) * camera.lens.focal_length[1] / depth
        heights.append(size / camera.lens.height)
    small = np.array(heights) < 0.2
    assert 0.25 < small.mean() < 0.75
    assert np.median(np.array(heights)[small]) == pytest.approx(0.1, rel=0.15)
    assert np.median(np.array(heights)[~small]) == pytest.approx(0.8, rel=0.15)


def test_nobody_is_farther_away_than_asked_for():
    far = {"person_height": (0.02, 0.0), "field_of_view": (30.0, 30.0)}
    for camera in films(5, distance=(0.8, 10.0), **far):
        way = np.linalg.norm(camera.position - CLIP.positions.mean(axis=(0, 1)), axis=1)
        assert way.max() < 11


@pytest.mark.slow
def test_pitch_and_roll_reach_what_was_asked_for_and_stay_level_otherwise():
    level = films()
    assert np.median(np.abs([roll(camera)[0] for camera in level])) < 5
    pitches = np.array([pitch(camera)[0] for camera in films(200, tilted_share=1)])
    assert 45 < pitches.max() < 80 and -80 < pitches.min() < -35
    assert 0.55 < (pitches > 0).mean() < 0.8
    rolls = np.array([roll(camera)[0] for camera in films(200, rolled_share=1)])
    assert 35 < rolls.max() < 70 and -70 < rolls.min() < -35


def test_crops_move_the_principal_point():
    def off(camera):
        size = np.array([camera.lens.width, camera.lens.height])
        return np.abs(camera.lens.centre / size - 0.5).max()

    assert max(off(camera) for camera in films(crop_share=0)) < 0.03
    cropped = [off(camera) for camera in films(crop_share=1, crop=(0.625, 0.625))]
    assert 0.2 < max(cropped) < 0.33


def test_lenses_are_as_wide_as_asked_for():
    wide = films(crop_share=0, field_of_view=(50.0, 50.0))
    for camera in wide:
        longer = max(camera.lens.width, camera.lens.height)
        assert camera.lens.focal_length[0] == pytest.approx(longer / 2 / np.tan(np.deg2rad(25)))
    portrait = [camera.lens.height > camera.lens.width for camera in films(portrait_share=1)]
    assert np.mean(portrait) > 0.7


def test_lenses_bend_lines_as_much_as_asked_for():
    for camera in films(5):
        assert not camera.lens.radial.any() and not camera.lens.tangential.any()
    for camera in films(5, crop_share=0, principal_point=0, distorted_share=1, corner=(-0.1, -0.1)):
        lens = camera.lens
        corner = np.array([lens.width, lens.height]) / 2 / lens.focal_length
        # k1 r² at the corner, of a lens that is no tele lens.
        moved = lens.radial[0] * (corner**2).sum()
        assert moved == pytest.approx(-0.1) or lens.radial[0] == -0.4
        assert lens.radial[1:].tolist() == [0, 0]
        assert 0 < np.abs(lens.tangential).max() <= 0.002


def test_nobody_is_too_near_and_most_of_the_time_somebody_is_there():
    clip = dataclasses.replace(
        CLIP,
        positions=CLIP.positions + np.linspace(-4, 4, len(CLIP))[:, None, None] * [1.0, 0, 0],
    )
    for camera in films(30, clip, motions=CAMERA_MOTIONS, close_share=0.5):
        seen = camera.world_to_camera(clip.positions)
        assert seen[..., 2].min() >= LEVEL.nearest_joint
        _, inside = pixels_in_picture(seen, camera.lens)
        assert (inside.mean(axis=1) >= 1 / 3).mean() >= LEVEL.in_picture


def test_no_camera_sees_who_travels_kilometres():
    clip = dataclasses.replace(
        CLIP,
        positions=CLIP.positions + np.linspace(0, 5e4, len(CLIP))[:, None, None] * [1.0, 0, 0],
    )
    with pytest.raises(AnatomyError, match="has it in view; it spans"):
        room_camera(np.random.default_rng(0), clip, LEVEL)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crop_share": 1.5}, "crop_share: expected .* from 0 to 1, got 1.5"),
        ({"field_of_view": (30.0, 120.0)}, "field_of_view: expected .* at most 90"),
        ({"distance": (0.0, 5.0)}, "distance: expected .* above 0"),
        ({"crop": (0.5, 1.5)}, "crop: expected .* at most 1"),
        ({"tilt": 90.0}, "tilt: expected .* from 0 to 75"),
        ({"sizes": ()}, "sizes: expected .* not empty"),
        ({"motions": {}}, "motions: expected .* some share above 0"),
        ({"nearest_joint": 0.0}, "nearest_joint: expected .* above 0"),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(AnatomyError, match=message):
        RoomCameras(**changes)
