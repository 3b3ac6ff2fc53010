import dataclasses
import pickle

import keras
import numpy as np
import pytest
from trained_like import random_clip, with_random_weights

from anatomy_tf.anatomy import bone_lengths, flip_points
from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.data.views.view import View
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import Lifter, find_model, shipped_models, store_estimates
from anatomy_tf.models import AnatomyLifter, VideoPose
from anatomy_tf.network import arrays, directions
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.skeletons import BODY_25B, COCO_17, HUMAN36M_17

pytestmark = pytest.mark.slow


def clip(frames=12, skeleton=HUMAN36M_17, fps=50.0, seed=0):
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(100, 900, (frames, skeleton.joint_count, 2))
    visibility = rng.uniform(0.2, 1, (frames, skeleton.joint_count))
    return KeypointSequence(keypoints, visibility, skeleton, fps, 1000, 1000)


@pytest.fixture(scope="module")
def centred_model():
    keras.utils.set_random_seed(0)
    return AnatomyLifter(filter_widths=(3, 3), channels=8)


@pytest.fixture(scope="module")
def centred(centred_model):
    return Lifter(centred_model)


@pytest.fixture(scope="module", params=["official", "paper"])
def causal(request):
    keras.utils.set_random_seed(0)
    model = AnatomyLifter(
        filter_widths=(3, 3), channels=8, causal=True, recipe=request.param, sampled_frames=4
    )
    return Lifter(model)


def test_a_copy_in_another_process_lifts_alike():
    lifter = Lifter.load("compact")
    copy = pickle.loads(pickle.dumps(lifter))
    expected, found = (each.lift(clip(40)) for each in (lifter, copy))
    np.testing.assert_array_equal(found.positions, expected.positions)
    assert (copy.seed, copy.calibration) == (lifter.seed, lifter.calibration)


def test_poses_are_root_relative_metres_of_the_clip(centred):
    keypoints = clip()
    poses = centred.lift(keypoints)
    assert poses.positions.shape == (12, 17, 3)
    assert (poses.positions[:, 0] == 0).all()
    assert (poses.fps, poses.axes, poses.root_relative) == (50, "camera", True)
    assert poses.bone_lengths is not None
    assert poses.bone_lengths.shape == (16,)


@pytest.mark.parametrize("frames", [1, 2, 7, 301])
@pytest.mark.parametrize("fps", [24.0, 50.0, 60.0])
def test_a_clip_keeps_its_frames_and_rate(centred, frames, fps):
    keypoints = dataclasses.replace(clip(frames, fps=fps), first_frame=31)
    poses = centred.lift(keypoints)
    assert len(poses) == frames
    assert poses.fps == fps
    assert poses.first_frame == 31


def test_other_layouts_are_mapped_by_name(centred):
    for skeleton in (COCO_17, BODY_25B):
        assert centred.lift(clip(skeleton=skeleton)).skeleton == HUMAN36M_17


def test_a_clip_of_which_nothing_is_sure_is_refused(centred):
    faint = clip(skeleton=COCO_17)
    faint = dataclasses.replace(faint, visibility=np.full_like(faint.visibility, 0.03))
    line = "keypoints: person 0: expected a joint with a score of at least 0.05 in some frame, "
    with pytest.raises(AnatomyError, match=line + r"the highest is 0\.03"):
        centred.lift(faint)


def test_gaps_are_closed(centred):
    keypoints = clip()
    holes = keypoints.keypoints.copy()
    holes[3:5, 6] = np.nan
    holes[:, 9] = np.nan
    with_gaps = KeypointSequence(holes, keypoints.visibility, HUMAN36M_17, 50.0, 1000, 1000)
    assert np.isfinite(centred.lift(with_gaps).positions).all()


@pytest.mark.parametrize("fps", [25.0, 50.0, 60.0])
def test_poses_say_in_which_frames_the_person_was_seen(centred, fps):
    keypoints = clip(12, fps=fps, skeleton=BODY_25B)
    seen = np.arange(12) % 5 != 2
    holes = np.where(seen[:, None, None], keypoints.keypoints, np.nan)
    # A point that the model has no joint for says nothing of the pose.
    holes[2, BODY_25B.index("left_big_toe")] = 1
    poses = centred.lift(dataclasses.replace(keypoints, keypoints=holes))
    assert poses.seen.tolist() == seen.tolist()


@pytest.mark.parametrize("fps", [50.0, 29.97])
@pytest.mark.parametrize("model", ["compact", "causal"])
def test_frames_before_and_after_the_person_is_seen_change_nothing(fps, model):
    lifter = Lifter.load(model)
    seen = clip(40, fps=fps)
    before, after = 70, 9
    ends = ((before, after), (0, 0))
    longer = dataclasses.replace(
        seen,
        keypoints=np.pad(seen.keypoints, (*ends, (0, 0)), constant_values=np.nan),
        visibility=np.pad(seen.visibility, ends),
    )
    poses = lifter.lift(seen, uncertainty=True)
    found = lifter.lift(longer, uncertainty=True)
    held = np.clip(np.arange(before + 40 + after) - before, 0, 39)
    np.testing.assert_array_equal(found.positions, poses.positions[held])
    np.testing.assert_array_equal(found.spread, poses.spread[held])
    np.testing.assert_array_equal(found.bone_lengths, poses.bone_lengths)
    assert np.flatnonzero(found.seen).tolist() == list(range(before, before + 40))
    assert found.first_frame == 0


def test_the_mirrored_clip_gives_the_mirrored_poses(centred):
    keypoints = clip()
    screen, visibility = keypoints.normalized(), keypoints.visibility
    order = list(HUMAN36M_17.flip_order)
    here = centred.estimate(screen, visibility)
    there = centred.estimate(flip_points(screen, HUMAN36M_17), visibility[:, order])
    np.testing.assert_allclose(flip_points(there.positions, HUMAN36M_17), here.positions, atol=1e-6)
    np.testing.assert_allclose(
        there.bone_lengths[:, list(HUMAN36M_17.bone_flip_order)], here.bone_lengths, atol=1e-6
    )
    alone = centred.estimate(screen, visibility, flip=False)
    assert np.abs(alone.positions - here.positions).max() > 1e-3


def test_rigid_poses_keep_their_bone_lengths(centred):
    poses = centred.lift(clip(), rigid=True)
    lengths = bone_lengths(poses.positions, HUMAN36M_17)
    np.testing.assert_allclose(
        lengths, np.broadcast_to(poses.bone_lengths, lengths.shape), atol=1e-5
    )


def test_windows_equal_the_training_form(centred, centred_model):
    """Frame t of a clip is what the training form says of its window and the clip's frames."""
    keypoints = clip(12)
    screen, visibility = keypoints.normalized(), keypoints.visibility
    estimate = centred.estimate(screen, visibility, flip=False)
    t = 6
    outputs = centred_model.inference_model()(
        {
            "keypoints": screen[None, t - 4 : t + 5],
            "visibility": visibility[None, t - 4 : t + 5],
            "sampled_keypoints": screen[None],
        }
    )
    np.testing.assert_allclose(outputs["positions"][0], estimate.positions[t], atol=1e-6)
    np.testing.assert_allclose(outputs["bone_lengths"][0], estimate.bone_lengths[t], atol=1e-6)


def test_a_causal_model_does_not_see_the_future(causal):
    keypoints = clip(20)
    screen, visibility = keypoints.normalized(), keypoints.visibility
    later = screen.copy()
    later[12:] += 0.1
    before = causal.estimate(screen, visibility)
    after = causal.estimate(later, visibility)
    np.testing.assert_allclose(after.positions[:12], before.positions[:12], atol=1e-6)
    assert np.abs(after.positions[12] - before.positions[12]).max() > 1e-4


def test_sampled_bone_lengths_follow_the_seed():
    model = AnatomyLifter(filter_widths=(3,), channels=8, recipe="paper", sampled_frames=3)
    keypoints = clip(40)
    arguments = keypoints.normalized(), keypoints.visibility
    first = Lifter(model, seed=1).estimate(*arguments).bone_lengths
    np.testing.assert_array_equal(Lifter(model, seed=1).estimate(*arguments).bone_lengths, first)
    assert np.abs(Lifter(model, seed=2).estimate(*arguments).bone_lengths - first).max() > 1e-6


@pytest.mark.parametrize(
    "switches",
    [
        {"length_pooling": "mean"},
        {"length_pooling": "mean", "length_output": "lengths"},
        {"visibility": "none"},
        {"visibility": "concatenation"},
        {"long_skips": False},
        {"sub_networks": 1},
    ],
)
def test_every_variant_lifts(switches):
    lifter = Lifter(AnatomyLifter(filter_widths=(3,), channels=8, **switches))
    assert np.isfinite(lifter.lift(clip()).positions).all()


def test_the_baseline_estimates_no_lengths():
    lifter = Lifter(VideoPose(filter_widths=(3,), channels=8))
    assert lifter.lift(clip()).bone_lengths is None
    with pytest.raises(AnatomyError, match="VideoPose does not estimate"):
        lifter.lift(clip(), rigid=True)


def test_models_are_found_by_path_and_unknown_names_are_refused(tmp_path, centred, centred_model):
    centred_model.save(tmp_path / "model.keras")
    keypoints = clip()
    for place in (tmp_path, tmp_path / "model.keras", str(tmp_path)):
        again = Lifter.load(place).lift(keypoints).positions
        np.testing.assert_array_equal(again, centred.lift(keypoints).positions)
    with pytest.raises(AnatomyError, match="no model 'nonsense'"):
        find_model("nonsense")


def test_other_files_are_refused_in_one_line(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.save(tmp_path / "other.keras")
    for name in ("text", "other"):
        with pytest.raises(AnatomyError, match=rf"{name}\.keras: .*\S") as refusal:
            Lifter.load(tmp_path / f"{name}.keras")
        assert "\n" not in str(refusal.value)


def test_every_shipped_model_lifts():
    for name in shipped_models():
        poses = Lifter.load(name).lift(clip(30))
        assert np.isfinite(poses.positions).all()


def test_a_store_is_estimated_sequence_by_sequence(centred):
    views = []
    for index, frames in enumerate((5, 3)):
        keypoints = clip(frames, seed=index)
        positions = np.random.default_rng(index).normal([0, 0, 5], size=(frames, 17, 3))
        views.append(
            View(
                *(keypoints.normalized(), keypoints.visibility, positions, np.ones(9)),
                *(HUMAN36M_17, 50.0, "someone", "walk", f"clip{index}", "0"),
            )
        )
    store = SequenceStore.from_views(views)
    estimates = list(store_estimates(centred, store))
    assert [len(e) for e in estimates] == [5, 3]
    expected = centred.estimate(store.keypoints[5:], store.visibility[5:]).positions
    assert estimates[1].dtype == np.float32
    np.testing.assert_allclose(estimates[1], expected, atol=1e-6)
    other = Lifter(AnatomyLifter(filter_widths=(3,), channels=8, fps=25.0))
    with pytest.raises(AnatomyError, match="frame rate is 25"):
        next(store_estimates(other, store))


@pytest.mark.parametrize(
    "switches",
    [
        {"causal": causal, "recipe": recipe, "filter_widths": widths}
        for causal in (False, True)
        for recipe, widths in (("official", (3, 3, 3)), ("paper", (3, 5)))
    ],
    ids=str,
)
@pytest.mark.parametrize("flip", [False, True])
def test_clips_lifted_together_do_not_change_each_other(switches, flip, monkeypatch):
    # Pieces that cut clips, and tiles that hold several.
    monkeypatch.setattr(arrays, "FRAMES_AT_ONCE", 40)
    monkeypatch.setattr(directions, "TARGETS_AT_ONCE", 8)
    model = with_random_weights(AnatomyLifter(channels=8, sampled_frames=4, **switches))
    lifter = Lifter(model)
    clips = [random_clip(frames, seed) for seed, frames in enumerate((1, 30, 2, 11, 57, 3))]
    together = lifter.estimate_all(clips, flip=flip)
    for found, alone in zip(together, clips, strict=True):
        expected = lifter.estimate(*alone, flip=flip)
        for name in ("positions", "bone_lengths", "bone_directions"):
            values = getattr(expected, name)
            np.testing.assert_allclose(
                getattr(found, name), values, rtol=0, atol=1e-6 * np.abs(values).max()
            )


def test_people_of_a_video_are_lifted_together(centred):
    people = [clip(frames, fps=fps) for frames, fps in ((12, 50.0), (5, 25.0), (31, 50.0))]
    for found, keypoints in zip(centred.lift_all(people), people, strict=True):
        expected = centred.lift(keypoints)
        assert found.fps == keypoints.fps
        np.testing.assert_allclose(found.positions, expected.positions, atol=1e-6)
    assert centred.lift_all([]) == []


def test_the_baseline_takes_several_clips():
    lifter = Lifter(with_random_weights(VideoPose(filter_widths=(3, 3), channels=8)))
    clips = [random_clip(frames, frames) for frames in (4, 20)]
    for found, alone in zip(lifter.estimate_all(clips), clips, strict=True):
        np.testing.assert_allclose(found.positions, lifter.estimate(*alone).positions, atol=1e-5)


@pytest.fixture(scope="module")
def canonical():
    config = {"filter_widths": (3, 3), "channels": 6, "recipe": "canonical"}
    return Lifter(with_random_weights(AnatomyLifter(**config, length_augmentation=False)))


def test_up_of_a_clip_and_of_its_mirror_image_are_compared(canonical):
    rays, visibility = random_clip(20, 1)
    mirror = np.array([-1, 1], np.float32)
    order = list(HUMAN36M_17.flip_order)
    plain = canonical.estimate(0.2 * rays, visibility, flip=False)
    image = canonical.estimate(0.2 * rays[:, order] * mirror, visibility[:, order], flip=False)
    assert plain.up_difference is None
    cos = plain.up[0] @ (image.up[0] * [-1, 1, 1])
    both = canonical.estimate(0.2 * rays, visibility)
    assert both.up_difference == pytest.approx(np.degrees(np.arccos(cos)), abs=0.01)


def test_an_uncertain_up_is_a_warning_unless_it_is_given(canonical):
    # Of random weights the clip and its mirror image agree by chance alone.
    def warnings(**given):
        return [w for w in canonical.lift(clip(40), **given).warnings if "up direction" in w]

    (warning,) = warnings()
    assert warning.startswith("the up direction is uncertain: the clip and its mirror image differ")
    assert warnings(up=np.array([0.0, -1.0, 0.0])) == warnings(flip=False) == []


def test_poses_of_the_canonical_view_keep_the_lengths_that_agree_with_the_keypoints(canonical):
    keypoints = clip(30)
    fitted, own = canonical.lift(keypoints), canonical.lift(keypoints, fit=False)
    lengths = bone_lengths(fitted.positions, HUMAN36M_17)
    np.testing.assert_allclose(lengths, np.tile(fitted.bone_lengths, (30, 1)), atol=1e-6)
    assert np.abs(fitted.bone_lengths - own.bone_lengths).max() > 1e-3
    rigid = canonical.lift(keypoints, rigid=True)
    np.testing.assert_allclose(rigid.positions, fitted.positions, atol=1e-5)


def test_other_models_are_not_fitted(centred):
    keypoints = clip(30)
    fitted, own = (centred.lift(keypoints, fit=fit).positions for fit in (True, False))
    np.testing.assert_array_equal(fitted, own)


def test_an_estimate_is_the_networks_unless_it_is_asked_to_fit(canonical):
    ready = clip(20)
    rays = canonical.keypoints_of(ready)
    own, fitted = (
        canonical.estimate(rays, ready.visibility, fit=fit).positions for fit in (False, True)
    )
    np.testing.assert_allclose(canonical.lift(ready).positions, fitted, atol=1e-6)
    relative = own - own[:, :1]
    np.testing.assert_allclose(canonical.lift(ready, fit=False).positions, relative, atol=1e-6)


def test_it_is_described_in_a_line():
    assert repr(Lifter.load("compact")) == (
        "Lifter(17 joints of human36m_17 at 50 fps, looks at 27 frames, canonical view, calibrated)"
    )


def test_what_is_no_clip_and_no_direction_is_one_line(centred):
    for wrong in (None, "keypoints.npz", clip().keypoints, [clip()]):
        with pytest.raises(AnatomyError, match="expected a KeypointSequence, got "):
            centred.lift(wrong)
    with pytest.raises(AnatomyError, match="expected a list of KeypointSequence, got one"):
        centred.lift_all(clip())
    for up in ((0, 0, 0), (np.nan, 0, 0), (1e300, 1e300, 0), (0, -1), "up"):
        with pytest.raises(AnatomyError, match=r"^(up: )?expected "):
            centred.lift(clip(), up=up)
    with pytest.raises(AnatomyError, match=r"expected a Camera, got 'front\.json'"):
        centred.lift(clip(), camera="front.json")
    np.testing.assert_allclose(centred.lift(clip(), up=(0, -1, 0)).up, (0, -1, 0))
    assert len(centred.lift_all(one for one in (clip(), clip()))) == 2


def test_the_name_of_a_model_is_for_load():
    with pytest.raises(AnatomyError, match=r"got 'compact'; Lifter\.load takes the name"):
        Lifter("compact")
