import numpy as np
import pytest

from anatomy_tf.inference.clip_windows import clip_windows


@pytest.mark.parametrize(
    ("causal", "expected"),
    [
        (False, [[0, 0, 0, 1, 2], [0, 0, 1, 2, 2], [0, 1, 2, 2, 2]]),
        (True, [[0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 2]]),
    ],
)
def test_edges_are_repeated(causal, expected):
    values = np.arange(3, dtype=np.float32)[:, None]
    windows = clip_windows(values, 5, causal)
    np.testing.assert_array_equal(windows[..., 0], expected)


def test_a_clip_of_one_frame_fills_its_window():
    windows = clip_windows(np.full((1, 2, 2), 7, np.float32), 27, causal=False)
    assert windows.shape == (1, 27, 2, 2)
    assert (windows == 7).all()
