"""The windows that a clip's targets share."""

import numpy as np
import pytest

from anatomy_tf.inference.distinct_windows import distinct_windows

WIDTHS = (3, 5, 3)
FIELD = 45


def seen_by(clip_lengths, target, before, start, span):
    """Frames, counted over all clips, of the window of `span` from `start` in a target's window."""
    first = 0
    for length in clip_lengths:
        if target < first + length:
            break
        first += length
    frames = target - first - before + start + np.arange(span)
    return first + np.clip(frames, 0, length - 1)


def unfolded(frames, levels):
    """The frames that each window of each level sees: one array (N, span) a level."""
    windows = [frames[:, None]]
    for level in levels:
        windows.append(windows[-1][level.taps].reshape(len(level.taps), -1))
    return windows[1:]


@pytest.mark.parametrize("before", [FIELD // 2, FIELD - 1], ids=["centred", "causal"])
@pytest.mark.parametrize("clip_lengths", [[1], [7], [60], [4, 1, 50, 3]], ids=str)
def test_every_window_is_of_the_right_frames(clip_lengths, before):
    targets = range(sum(clip_lengths))

    frames, levels = distinct_windows(clip_lengths, targets, WIDTHS, before)

    for level, windows in zip(levels, unfolded(frames, levels), strict=True):
        span = windows.shape[1]
        for position, row in enumerate(level.looked_up):
            expected = [seen_by(clip_lengths, t, before, position * span, span) for t in targets]
            np.testing.assert_array_equal(windows[row], expected)
    np.testing.assert_array_equal(levels[-1].looked_up, [targets])


def test_no_window_of_a_clip_comes_twice():
    frames, levels = distinct_windows([200], range(200), WIDTHS, FIELD // 2)

    assert len(np.unique(frames)) == len(frames) == 200
    for windows in unfolded(frames, levels)[:-1]:
        span = windows.shape[1]
        assert len(np.unique(windows, axis=0)) == len(windows) == 200 + span - 1


def test_some_targets_need_only_their_surroundings():
    frames, levels = distinct_windows([1000], range(400, 500), WIDTHS, FIELD // 2)

    np.testing.assert_array_equal(frames, np.arange(400 - 22, 500 + 22))
    assert len(levels[-1].taps) == 100


def test_chunks_look_up_what_the_whole_does():
    clip_lengths, before = [30, 90, 2], FIELD - 1
    frames, levels = distinct_windows(clip_lengths, range(122), WIDTHS, before)
    whole = unfolded(frames, levels)[-1]

    chunks = [
        unfolded(*distinct_windows(clip_lengths, chunk, WIDTHS, before))[-1]
        for chunk in (range(50), range(50, 121), range(121, 122))
    ]

    np.testing.assert_array_equal(np.concatenate(chunks), whole)
