import numpy as np
import pytest

from anatomy_tf.data.batches.windows import EdgePaddedFrames, window_means, window_reach

# Three sequences of 3, 1 and 4 frames, whose frames are their numbers.
OFFSETS = np.array([0, 3, 4, 8])
FRAMES = np.array([10, 11, 12, 20, 30, 31, 32, 33], np.float32)
SEQUENCE = np.array([0, 0, 0, 1, 2, 2, 2, 2])

CENTRED = [
    [10, 10, 10, 11, 12],
    [10, 10, 11, 12, 12],
    [10, 11, 12, 12, 12],
    [20, 20, 20, 20, 20],
    [30, 30, 30, 31, 32],
    [30, 30, 31, 32, 33],
    [30, 31, 32, 33, 33],
    [31, 32, 33, 33, 33],
]
CAUSAL = [
    [10, 10, 10, 10, 10],
    [10, 10, 10, 10, 11],
    [10, 10, 10, 11, 12],
    [20, 20, 20, 20, 20],
    [30, 30, 30, 30, 30],
    [30, 30, 30, 30, 31],
    [30, 30, 30, 31, 32],
    [30, 30, 31, 32, 33],
]


def test_reach() -> None:
    assert window_reach(243, causal=False) == (121, 121)
    assert window_reach(243, causal=True) == (242, 0)
    assert window_reach(1, causal=True) == (0, 0)


@pytest.mark.parametrize(("causal", "expected"), [(False, CENTRED), (True, CAUSAL)])
def test_edges_repeat(causal: bool, expected: list[list[int]]) -> None:
    padded = EdgePaddedFrames(FRAMES, OFFSETS, receptive_field=5, causal=causal)
    windows = padded.windows(SEQUENCE, np.arange(8))
    np.testing.assert_array_equal(windows, expected)
    np.testing.assert_array_equal(
        window_means(FRAMES[:, None], OFFSETS, 5, causal)[:, 0], np.float32(np.mean(expected, 1))
    )


def test_frames_keep_their_shape() -> None:
    frames = np.arange(8 * 3 * 2, dtype=np.float32).reshape(8, 3, 2)
    padded = EdgePaddedFrames(frames, OFFSETS, receptive_field=3)
    windows = padded.windows(np.array([2, 0]), np.array([7, 1]))
    assert windows.shape == (2, 3, 3, 2)
    np.testing.assert_array_equal(windows[0], frames[[6, 7, 7]])
    np.testing.assert_array_equal(windows[1], frames[[0, 1, 2]])
    chosen = np.array([[7, 4, 5], [2, 0, 2]])
    np.testing.assert_array_equal(padded.frames(np.array([[2], [0]]), chosen), frames[chosen])


def test_windows_are_copies() -> None:
    padded = EdgePaddedFrames(FRAMES, OFFSETS, receptive_field=3)
    padded.windows(np.array([0]), np.array([1]))[:] = 0
    np.testing.assert_array_equal(padded.windows(np.array([0]), np.array([1])), [[10, 11, 12]])


def test_a_window_of_one_frame() -> None:
    padded = EdgePaddedFrames(FRAMES, OFFSETS, receptive_field=1)
    np.testing.assert_array_equal(padded.windows(SEQUENCE, np.arange(8))[:, 0], FRAMES)
