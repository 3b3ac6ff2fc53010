import numpy as np
import pytest
import scipy.signal

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses.smoothing import (
    OneEuroFilter,
    _window,
    one_euro_filters,
    parse_smoother,
    smooth,
)
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

FPS = 50.0
CLIP_FILTERS = ["butterworth", "savitzky_golay"]
ALL = [*CLIP_FILTERS, "one_euro"]


def swinging(hertz, frames=400, size=0.2):
    """Every joint but the root swings along every axis."""
    positions = np.zeros((frames, 17, 3), np.float32)
    times = np.arange(frames) / FPS
    positions[:, 1:] = (size * np.sin(2 * np.pi * hertz * times))[:, None, None]
    return PoseSequence(positions, HUMAN36M_17, FPS, bone_lengths=np.ones(16), person="7")


def kept(before, after):
    """Size of the swing that is left, away from the ends."""
    middle = slice(100, -100)
    return after.positions[middle].std() / before.positions[middle].std()


@pytest.mark.parametrize(
    ("name", "cutoff", "tolerance"),
    [
        ("butterworth", 3.0, 2e-3),
        ("butterworth", 10.0, 2e-3),
        # A whole number of frames: the fewer, the coarser the choice.
        ("savitzky_golay", 2.0, 0.02),
        ("savitzky_golay", 6.0, 0.06),
    ],
)
def test_the_cut_off_keeps_71_percent(name, tolerance, cutoff):
    poses = swinging(cutoff)
    assert kept(poses, smooth(poses, name, cutoff)) == pytest.approx(0.5**0.5, abs=tolerance)


@pytest.mark.parametrize("name", CLIP_FILTERS)
def test_slow_motion_stays_and_trembling_goes(name):
    slow, fast = swinging(1.0), swinging(20.0)
    np.testing.assert_allclose(
        smooth(slow, name, 6.0).positions[50:-50], slow.positions[50:-50], atol=2e-3
    )
    assert kept(fast, smooth(fast, name, 6.0)) < 0.2


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("frames", [1, 2, 3, 5, 40])
def test_what_does_not_move_stays_in_any_clip(name, frames):
    poses = swinging(0.0, frames)
    still = PoseSequence(poses.positions + np.float32(0.25), HUMAN36M_17, FPS, root_relative=False)
    smoothed = smooth(still, name, 6.0)
    np.testing.assert_allclose(smoothed.positions, 0.25, atol=1e-6)
    assert not smoothed.root_relative


@pytest.mark.parametrize("name", ALL)
def test_all_else_of_the_poses_stays(name):
    poses = swinging(1.0, 60)
    smoothed = smooth(poses, name, 6.0)
    assert (smoothed.positions[:, 0] == 0).all()
    assert (smoothed.person, smoothed.fps, smoothed.axes) == ("7", FPS, "camera")
    np.testing.assert_array_equal(smoothed.bone_lengths, 1)


def test_one_euro_by_hand():
    # One value a second, cut-off 1 / (2 pi) Hz: a share of 1/2. No speed term.
    one = OneEuroFilter(fps=1.0, cutoff=1 / (2 * np.pi), speed_share=0.0)
    assert [one.push(np.array([v])).item() for v in (0.0, 1.0, 1.0, 0.0)] == pytest.approx(
        [0, 0.5, 0.75, 0.375]
    )


def test_each_person_of_a_stream_has_a_filter_of_their_own():
    assert one_euro_filters(None, 50.0) is None
    new_filter = one_euro_filters(2.0, 50.0)
    one, other = new_filter(), new_filter()
    assert (one.fps, one.cutoff) == (50.0, 2.0)
    one.push(np.zeros((1, 3)))
    np.testing.assert_array_equal(other.push(np.ones((1, 3))), np.ones((1, 3)))
    with pytest.raises(AnatomyError, match="below 25 Hz, half the frame rate, got 30"):
        one_euro_filters(30.0, 50.0)


def test_one_euro_goes_by_each_joints_own_speed():
    path = np.random.default_rng(1).normal(size=(20, 2, 3)) * [[0.01], [1]]
    for joint in (0, 1):
        both, alone = OneEuroFilter(50.0, 1.0), OneEuroFilter(50.0, 1.0)
        for points in path:
            np.testing.assert_allclose(both.push(points)[joint], alone.push(points[joint]))


def test_one_euro_follows_speed_and_calms_rest():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.01, (200, 17, 3)).astype(np.float32)
    rest = PoseSequence(noise, HUMAN36M_17, FPS)
    assert smooth(rest, "one_euro", 1.0).positions[50:].std() < 0.6 * noise[50:].std()
    # At 4 m/s the cut-off is about 21 Hz, whose time constant of 7.6 ms lags 4 m/s by 3 cm.
    run = np.zeros((100, 17, 3), np.float32)
    run[:, :, 0] = 4 * np.arange(100)[:, None] / FPS
    behind = run - smooth(PoseSequence(run, HUMAN36M_17, FPS), "one_euro", 1.0).positions
    assert 0 < behind[-1, 0, 0] < 0.04


def test_names_and_cut_offs_are_checked():
    poses = swinging(1.0, 10)
    with pytest.raises(AnatomyError, match="expected one of butterworth, savitzky_golay, one_euro"):
        smooth(poses, "median", 6.0)
    for cutoff in (0.0, 1e-12, 25.0, float("nan"), "6"):
        with pytest.raises(AnatomyError, match=r"from 0\.001 Hz to below 25 Hz"):
            smooth(poses, "butterworth", cutoff)


def test_smoothers_as_text():
    assert parse_smoother("butterworth:6") == ("butterworth", 6.0)
    for text in ("butterworth", "median:6", "one_euro:fast", "one_euro:-1", "one_euro:nan"):
        with pytest.raises(AnatomyError, match="expected NAME:HZ"):
            parse_smoother(text)


def test_a_low_cut_off_is_found_in_few_tries(monkeypatch):
    coefficients, windows = scipy.signal.savgol_coeffs, []

    def noted(window, degree):
        windows.append(window)
        return coefficients(window, degree)

    monkeypatch.setattr(scipy.signal, "savgol_coeffs", noted)
    # Nearest to -3 dB, as a search through all windows says.
    assert _window(60, 0.05, 99_999) == 1277
    assert len(windows) < 30
    assert [_window(30, 2.0, most) for most in (1, 3, 5, 7, 99)] == [1, 3, 5, 7, 17]
