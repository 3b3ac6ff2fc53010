import numpy as np
import pytest

from anatomy_tf.sequences.frame_runs import frame_runs


@pytest.mark.parametrize(
    ("holds", "runs"),
    [
        ("01100101", [(1, 3), (5, 6), (7, 8)]),
        ("110", [(0, 2)]),
        ("1", [(0, 1)]),
        ("00", []),
        ("", []),
    ],
)
def test_runs_begin_and_end_where_the_truth_changes(holds, runs):
    assert frame_runs(np.array([frame == "1" for frame in holds], bool)) == runs
