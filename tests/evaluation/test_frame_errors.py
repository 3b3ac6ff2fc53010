import numpy as np
import pytest
from plain_view import plain_view

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import (
    WorstFrame,
    evaluate_human36m,
    evaluate_mpi_inf_3dhp,
    evaluate_store,
    frame_errors,
    pck_curve,
)
from anatomy_tf.evaluation.frame_errors import worst_frames


def a_store():
    views = [plain_view(3, valid=np.array([True, False, True])), plain_view(2)]
    return SequenceStore.from_views(views)


def test_errors_of_frames_are_millimetres_and_nan_where_not_valid():
    predictions = [np.zeros((3, 17, 3)), np.zeros((2, 17, 3))]
    predictions[0][:, :, 0] = np.array([[0.01], [9], [0.03]])
    predictions[1][1, 0, 2] = 0.17
    first, second = frame_errors(predictions, a_store())
    np.testing.assert_allclose(first, [10, np.nan, 30])
    np.testing.assert_allclose(second, [0, 10])
    with pytest.raises(AnatomyError, match="each of 2 sequences"):
        frame_errors(predictions[:1], a_store())


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (None, "expected a list of predictions, got NoneType$"),
        ("poses", "expected a list of predictions, got str$"),
        ((one for one in ()), "expected a list of predictions, got generator$"),
        (["a", "b"], r"sequence 0 \(.*\): expected numbers, got <U1$"),
    ],
)
@pytest.mark.parametrize("score", [frame_errors, evaluate_store])
def test_what_is_no_list_of_predictions(score, predictions, message):
    with pytest.raises(AnatomyError, match=message):
        score(predictions, a_store())


@pytest.mark.parametrize(
    "score", [frame_errors, evaluate_store, evaluate_human36m, evaluate_mpi_inf_3dhp]
)
def test_what_is_no_store(score):
    with pytest.raises(AnatomyError, match=r"expected a SequenceStore .*, got NoneType$"):
        score([], None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "expected a list of frames' errors, got NoneType$"),
        ((["a"],), "errors of frames: expected numbers, got <U1$"),
        (([1.0, 2.0],), r"expected an array \(T,\) of errors for each sequence, got other shapes$"),
        (([[1.0]], "3"), "expected at least one worst frame, got '3'$"),
        (([[1.0]], 1, 2.5), "expected worst frames at least one frame apart, got 2.5$"),
    ],
)
def test_worst_frames_of_something_else(arguments, message):
    with pytest.raises(AnatomyError, match=message):
        worst_frames(*arguments)


def test_worst_frames_are_apart():
    errors = [np.array([5.0, 9, 8, 1, 7]), np.array([np.nan, 6])]
    assert worst_frames(errors, 4, apart=2) == [
        WorstFrame(0, 1, 9),
        WorstFrame(0, 4, 7),
        WorstFrame(1, 1, 6),
    ]
    assert [w.error for w in worst_frames(errors, 9, apart=1)] == [9, 8, 7, 6, 5, 1]
    # Also at a clip's beginning.
    assert worst_frames([np.arange(8.0)[::-1]], 3, apart=3) == [
        WorstFrame(0, 0, 7),
        WorstFrame(0, 3, 4),
        WorstFrame(0, 6, 1),
    ]
    assert worst_frames([], 3) == []
    for wrong in ({"count": 0}, {"apart": 0}):
        with pytest.raises(AnatomyError, match=r"at least one .*, got 0"):
            worst_frames(errors, **wrong)


def test_pck_curve_counts_strictly_below():
    curve = pck_curve([[0, 10], [20, 40]], (0, 10, 10.5, 50))
    np.testing.assert_allclose(curve, [0, 25, 50, 100])
    for errors in ([], [np.nan]):
        with pytest.raises(AnatomyError, match="at least one joint error"):
            pck_curve(errors)
    for wrong in ((["a"],), ([1.0], "b"), (None, (1,))):
        with pytest.raises(AnatomyError, match="PCK curve: "):
            pck_curve(*wrong)
