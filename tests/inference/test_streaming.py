import functools

import keras
import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.poses.keypoint_fit import fit_memory, fit_next
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17

pytestmark = pytest.mark.slow

SIZE = (1000, 800)


@pytest.fixture(scope="module")
def lifter():
    keras.utils.set_random_seed(0)
    return Lifter(AnatomyLifter(filter_widths=(3, 3), channels=8, causal=True))


@functools.cache
def canonical(causal):
    keras.utils.set_random_seed(1)
    arguments = {"filter_widths": (3, 3), "channels": 8, "recipe": "canonical"}
    return Lifter(
        AnatomyLifter(**arguments, causal=causal, sampled_frames=4, length_augmentation=False)
    )


def clip(frames=25, skeleton=HUMAN36M_17, fps=50.0, seed=0):
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(100, 700, (frames, skeleton.joint_count, 2))
    visibility = rng.uniform(0.2, 1, (frames, skeleton.joint_count))
    return KeypointSequence(keypoints, visibility, skeleton, fps, *SIZE)


def pushed(stream, keypoints, frames=None):
    chosen = range(len(keypoints)) if frames is None else frames
    return np.concatenate(
        [stream.push(keypoints.keypoints[t, None], keypoints.visibility[t, None]) for t in chosen]
    )


def test_pixels_in_root_relative_metres_out(lifter):
    keypoints = clip()
    stream = lifter.stream(image_size=SIZE)
    found = pushed(stream, keypoints)
    expected = lifter.lift(keypoints, flip=False)
    np.testing.assert_allclose(found, expected.positions, atol=1e-5)
    np.testing.assert_allclose(stream.bone_lengths[0], expected.bone_lengths, atol=1e-5)
    assert (stream.latency, stream.people) == (0, ("0",))


def test_other_layouts_are_mapped_by_name(lifter):
    keypoints = clip(skeleton=COCO_17)
    found = pushed(lifter.stream(image_size=SIZE, skeleton="coco_17"), keypoints)
    np.testing.assert_allclose(found, lifter.lift(keypoints, flip=False).positions, atol=1e-5)


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 120.0])
def test_a_push_gives_the_newest_frame_at_the_models_rate(lifter, fps):
    keypoints = clip(40, fps=fps)
    ready = keypoints.resampled(50.0)
    whole = lifter.estimate(ready.normalized(), ready.visibility, flip=False).positions
    whole = whole - whole[:, :1]
    newest = np.floor(np.arange(40) * 50.0 / fps + 1e-6).astype(int)
    stream = lifter.stream(image_size=SIZE, fps=fps)
    np.testing.assert_allclose(pushed(stream, keypoints), whole[newest], atol=1e-5)
    assert stream.time == newest[-1] / 50


def test_people_come_and_go_without_changing_one_another(lifter):
    anna, berta, carla = (clip(20, seed=seed) for seed in range(3))
    alone = [pushed(lifter.stream(image_size=SIZE), person) for person in (anna, berta, carla)]
    stream = lifter.stream(["anna", "berta"], image_size=SIZE)
    found = {"anna": [], "berta": [], "carla": []}
    clips = {"anna": anna, "berta": berta, "carla": carla}
    begun = {"anna": 0, "berta": 0, "carla": 6}
    for t in range(20):
        if t == 6:
            assert stream.add("carla") == "carla"
        if t == 11:
            stream.remove("anna")
        rows = [(clips[name], t - begun[name]) for name in stream.people]
        poses = stream.push(
            np.stack([c.keypoints[i] for c, i in rows]),
            np.stack([c.visibility[i] for c, i in rows]),
        )
        for name, pose in zip(stream.people, poses, strict=True):
            found[name].append(pose)
    assert stream.people == ("berta", "carla")
    np.testing.assert_allclose(found["anna"], alone[0][:11], atol=1e-5)
    np.testing.assert_allclose(found["berta"], alone[1], atol=1e-5)
    np.testing.assert_allclose(found["carla"], alone[2][:14], atol=1e-5)


def test_a_stream_goes_on_when_nobody_is_there(lifter):
    stream = lifter.stream(0, image_size=SIZE)
    assert stream.push(np.zeros((0, 17, 2))).shape == (0, 17, 3)
    stream.add()
    keypoints = clip(5)
    expected = lifter.lift(keypoints, flip=False).positions
    np.testing.assert_allclose(pushed(stream, keypoints), expected, atol=1e-5)
    stream.remove("0")
    assert stream.add() == "0"


def test_memory_does_not_grow(lifter):
    stream, keypoints = lifter.stream(image_size=SIZE), clip(30)
    pushed(stream, keypoints, range(10))
    before = {name: values.shape for name, values in stream.state().items()}
    pushed(stream, keypoints, range(10, 30))
    assert {name: values.shape for name, values in stream.state().items()} == before


def test_reset_begins_anew(lifter):
    keypoints, other = clip(), clip(seed=5)
    stream = lifter.stream(2, image_size=SIZE)
    both = np.stack([other.keypoints, keypoints.keypoints], axis=1)
    seen = np.stack([other.visibility, keypoints.visibility], axis=1)
    first = [stream.push(k, v) for k, v in zip(both, seen, strict=True)]
    stream.reset("0")
    again = stream.push(both[0], seen[0])
    np.testing.assert_allclose(again[0], first[0][0], atol=1e-5)
    assert np.abs(again[1] - first[0][1]).max() > 1e-4
    stream.reset()
    everyone = [stream.push(k, v) for k, v in zip(both, seen, strict=True)]
    np.testing.assert_allclose(everyone, first, atol=1e-5)
    assert stream.time == pytest.approx(24 / 50)


@pytest.mark.parametrize("fps", [50.0, 30.0])
def test_a_saved_stream_goes_on_elsewhere(lifter, tmp_path, fps):
    keypoints = clip()
    uninterrupted = pushed(lifter.stream(["anna"], image_size=SIZE, fps=fps), keypoints)
    first = lifter.stream(["anna"], image_size=SIZE, fps=fps)
    pushed(first, keypoints, range(13))
    first.save(tmp_path / "state.npz")
    pushed(first, keypoints, range(13, 20))  # what goes on must not reach into the file's state
    second = lifter.stream(0, image_size=SIZE, fps=fps)
    second.load(tmp_path / "state.npz")
    assert second.people == ("anna",)
    np.testing.assert_array_equal(pushed(second, keypoints, range(13, 25)), uninterrupted[13:])


@pytest.mark.parametrize("causal", [True, False])
def test_poses_of_the_canonical_view_are_fitted_to_the_keypoints_so_far(causal):
    model = canonical(causal)
    keypoints = clip()
    stream = model.stream(["anna"], image_size=SIZE)
    plain = model.stream(["anna"], image_size=SIZE, fit=False)
    rays, seen = model.keypoints_of(keypoints), keypoints.visibility
    found = np.concatenate([pushed(stream, keypoints), stream.finish()[:, 0]])
    own = np.concatenate([pushed(plain, keypoints), plain.finish()[:, 0]])
    memory = {name: np.zeros((1, *shape)) for name, shape in fit_memory(HUMAN36M_17).items()}
    assert np.isnan(found[: stream.latency]).all()
    for frame in range(len(keypoints)):
        pose = stream.latency + frame
        of_frame = own[pose, None], rays[frame, None], seen[frame, None]
        expected, lengths, memory = fit_next(*of_frame, memory, HUMAN36M_17, model.fps)
        np.testing.assert_allclose(found[pose, None], expected, atol=1e-5)
    np.testing.assert_allclose(stream.bone_lengths, lengths, atol=1e-5)
    assert np.abs(found - own)[stream.latency :].max() > 0.01


@pytest.mark.parametrize("causal", [True, False])
def test_a_fitted_stream_goes_on_elsewhere(causal, tmp_path):
    model, keypoints = canonical(causal), clip()
    uninterrupted = pushed(model.stream(["anna"], image_size=SIZE), keypoints)
    first = model.stream(["berta", "anna"], image_size=SIZE)
    first.remove("berta")
    pushed(first, keypoints, range(13))
    first.save(tmp_path / "state.npz")
    second = model.stream(0, image_size=SIZE)
    second.load(tmp_path / "state.npz")
    np.testing.assert_array_equal(pushed(second, keypoints, range(13, 25)), uninterrupted[13:])
    second.reset()
    np.testing.assert_array_equal(pushed(second, keypoints), uninterrupted)
    with pytest.raises(AnatomyError, match=r"expected seen of shape .*got nothing"):
        model.stream(["anna"], image_size=SIZE).restore(
            model.stream(["anna"], image_size=SIZE, fit=False).state()
        )


def test_a_state_of_another_model_is_refused(lifter):
    state = lifter.stream(image_size=SIZE).state()
    wider = Lifter(AnatomyLifter(filter_widths=(3, 3), channels=9, causal=True))
    with pytest.raises(AnatomyError, match=r"expected level_0 of shape .*is it of this model\?"):
        wider.stream(image_size=SIZE).restore(state)
    del state["level_0"]
    with pytest.raises(AnatomyError, match="got nothing"):
        lifter.stream(image_size=SIZE).restore(state)


def test_a_lost_joint_is_held_and_fades(lifter):
    keypoints = clip(4)
    lost = keypoints.keypoints.copy()
    lost[2:, 6] = np.nan
    # Half-life of one frame: 0.5 of the last score, then 0.25.
    stream = lifter.stream(image_size=SIZE, half_life=1 / 50)
    found = np.concatenate(
        [
            stream.push(k[None], v[None])
            for k, v in zip(lost, np.nan_to_num(keypoints.visibility), strict=True)
        ]
    )
    held, faded = keypoints.keypoints.copy(), keypoints.visibility.copy()
    held[2:, 6] = held[1, 6]
    faded[2:, 6] = faded[1, 6] * np.array([0.5, 0.25])
    expected = KeypointSequence(held, faded, HUMAN36M_17, 50.0, *SIZE)
    np.testing.assert_allclose(found, lifter.lift(expected, flip=False).positions, atol=1e-5)


def test_a_person_begins_with_the_first_joint_seen(lifter):
    keypoints = clip(3)
    nobody = np.full((1, 17, 2), np.nan)
    stream = lifter.stream(image_size=SIZE)
    assert np.isnan(stream.push(nobody)).all()
    assert np.isnan(stream.bone_lengths).all()
    partly = keypoints.keypoints[0, None].copy()
    partly[0, 1:] = np.nan
    assert np.isfinite(stream.push(partly)).all()
    assert np.isfinite(stream.push(nobody)).all()


def test_a_centred_model_is_late_and_finishes():
    keras.utils.set_random_seed(0)
    model = AnatomyLifter(filter_widths=(3, 3), channels=8, length_pooling="mean", fps=25.0)
    lifter, keypoints = Lifter(model), clip(20, fps=25.0)
    stream = lifter.stream(image_size=SIZE)
    assert stream.latency == 4
    found = pushed(stream, keypoints)
    assert np.isnan(found[:4]).all()
    assert stream.time == 15 / 25
    rest = stream.finish()
    assert rest.shape == (4, 1, 17, 3)
    assert np.isfinite(found[4:]).all()
    # Bone lengths come from all frames only after the last, so only the last poses are the clip's.
    expected = lifter.lift(keypoints, flip=False).positions
    np.testing.assert_allclose(found[-1], expected[-5], atol=1e-2)
    baseline = Lifter(VideoPose(filter_widths=(3, 3), channels=8, fps=25.0))
    stream = baseline.stream(image_size=SIZE)
    found = np.concatenate([pushed(stream, keypoints)[4:], stream.finish()[:, 0]])
    expected = baseline.lift(keypoints, flip=False).positions
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("keypoints", "visibility", "message"),
    [
        (np.zeros((2, 17, 2)), None, r"expected keypoints of shape \(1, 17, 2\)"),
        (np.full((1, 17, 2), np.inf), None, "1,000,000 pixels, got inf"),
        (np.full((1, 17, 2), 1e30), None, "expected a coordinate of -1,000,000 to 1,000,000"),
        (np.zeros((1, 17, 2)), np.ones((1, 16)), "expected visibility of shape"),
        (np.zeros((1, 17, 2)), np.full((1, 17), 2.0), r"expected visibility in \[0, 1\]"),
    ],
)
def test_bad_frames_are_refused(lifter, keypoints, visibility, message):
    with pytest.raises(AnatomyError, match=message):
        lifter.stream(image_size=SIZE).push(keypoints, visibility)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"people": ["a", "a"]}, "different names"),
        ({"people": "ben"}, "expected people's number or names, got 'ben'"),
        ({"image_size": (0, 10)}, "an image size of 16 to 65,536 pixels a side, got 0"),
        ({"image_size": 1280}, r"expected an image size \(width, height\), got 1280"),
        ({"image_size": (1280,)}, r"expected an image size \(width, height\)"),
        ({"image_size": "1280x720"}, r"expected an image size \(width, height\)"),
        ({"fps": -1.0}, "a frame rate of 1 to 1,000 frames a second, got -1"),
        ({"half_life": 0.0}, "positive half-life"),
        ({"skeleton": "fish"}, "unknown skeleton"),
    ],
)
def test_bad_arguments_are_refused(lifter, arguments, message):
    with pytest.raises(AnatomyError, match=message):
        lifter.stream(**{"image_size": SIZE, **arguments})


def test_names_are_checked(lifter):
    stream = lifter.stream(["anna"], image_size=SIZE)
    with pytest.raises(AnatomyError, match="there already"):
        stream.add("anna")
    with pytest.raises(AnatomyError, match="expected a person's name, got 3"):
        stream.add(3)
    with pytest.raises(AnatomyError, match="no person 'berta'; there: anna"):
        stream.remove("berta")


@pytest.mark.parametrize("people", [-1, 10**9, 1.5, None, [1, 2]])
def test_people_are_a_number_or_names(lifter, people):
    with pytest.raises(AnatomyError, match=r"^stream: expected "):
        lifter.stream(people, image_size=SIZE)


def test_masked_keypoints_are_lost_ones(lifter):
    keypoints = clip(1).keypoints
    lost = np.zeros(keypoints.shape, bool)
    lost[:, 3] = True
    masked = lifter.stream(image_size=SIZE).push(np.ma.masked_array(keypoints, lost))
    missing = lifter.stream(image_size=SIZE).push(np.where(lost, np.nan, keypoints))
    np.testing.assert_array_equal(masked, missing)


def test_a_state_whose_frames_do_not_go_together_is_refused(lifter):
    state = lifter.stream(2, image_size=SIZE, fps=25).state()
    for frames in ([10**9, 0], [0, 10**9], [-5, -10]):
        with pytest.raises(AnatomyError, match="stream state: expected counts of frames"):
            lifter.stream(2, image_size=SIZE, fps=25).restore({**state, "frames": frames})
    with pytest.raises(AnatomyError, match="different names of people"):
        lifter.stream(2, image_size=SIZE, fps=25).restore({**state, "people": np.array(["a", "a"])})


def test_a_state_s_file_is_named(lifter, tmp_path):
    stream = lifter.stream(2, image_size=SIZE, fps=25)
    for people in (np.array("a"), np.array(["a"])):
        np.savez(tmp_path / "s.npz", **{**stream.state(), "people": people})
        with pytest.raises(AnatomyError, match=r"s\.npz: stream state: expected "):
            stream.load(tmp_path / "s.npz")
