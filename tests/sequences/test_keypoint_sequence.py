"""2D keypoint clips."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence
from anatomy_tf.sequences.labelled_arrays import frame_times
from anatomy_tf.skeletons import COCO_17, HUMAN36M_17, Skeleton

ARM = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))


def _clip(keypoints, visibility=None, skeleton=ARM, fps=50.0, **more):
    keypoints = np.asarray(keypoints, np.float32)
    if visibility is None:
        visibility = np.ones(keypoints.shape[:2])
    fields = {"width": 1000, "height": 500, "source": "clip.json"} | more
    return KeypointSequence(keypoints, visibility, skeleton, fps, **fields)


def _moving(frames, skeleton=ARM):
    """Every joint on its own straight line."""
    rng = np.random.default_rng(0)
    start, step = rng.uniform(100, 400, size=(2, 1, skeleton.joint_count, 2))
    return start + step / 100 * np.arange(frames)[:, None, None]


def test_length_duration_and_types():
    clip = _clip(np.zeros((100, 3, 2)))
    assert len(clip) == 100
    assert clip.duration == 2
    assert clip.keypoints.dtype == clip.visibility.dtype == np.float32


def test_half_a_point_is_no_point_and_is_not_seen():
    keypoints = np.ones((2, 3, 2))
    keypoints[1, 2, 0] = keypoints[0, 1, 1] = np.nan
    clip = _clip(keypoints, np.full((2, 3), 0.7))
    assert np.isnan(clip.keypoints[[1, 0], [2, 1]]).all()
    assert clip.keypoints.dtype == np.float32
    np.testing.assert_allclose(clip.visibility, [[0.7, 0, 0.7], [0.7, 0.7, 0]])


def test_the_callers_arrays_are_left_alone():
    keypoints = np.ones((2, 3, 2), np.float32)
    keypoints[1, 2, 0] = np.nan
    visibility = np.ones((2, 3), np.float32)
    _clip(keypoints, visibility).filled()
    assert keypoints[1, 2, 1] == 1
    assert visibility.min() == 1


def test_gaps_are_filled_linearly_and_stay_unseen():
    x = np.array([np.nan, 2, np.nan, np.nan, 8, np.nan])
    keypoints = np.zeros((6, 3, 2))
    keypoints[:, 1, 0], keypoints[:, 1, 1] = x, 10 * x
    filled = _clip(keypoints).filled()
    np.testing.assert_allclose(filled.keypoints[:, 1, 0], [2, 2, 4, 6, 8, 8])
    np.testing.assert_allclose(filled.keypoints[:, 1, 1], [20, 20, 40, 60, 80, 80])
    np.testing.assert_array_equal(filled.visibility[:, 1], [0, 1, 0, 0, 1, 0])
    np.testing.assert_array_equal(filled.visibility[:, [0, 2]], 1)


def test_a_joint_never_seen_takes_the_others_mean():
    keypoints = np.zeros((2, 3, 2))
    keypoints[:, 0] = [[0, 0], [2, 4]]
    keypoints[:, 1] = [[4, 2], [4, 4]]
    keypoints[:, 2] = np.nan
    filled = _clip(keypoints).filled()
    np.testing.assert_allclose(filled.keypoints[:, 2], [[2, 1], [3, 4]])
    np.testing.assert_array_equal(filled.visibility[:, 2], 0)


def test_resampling_a_straight_motion_there_and_back_is_exact():
    clip = _clip(_moving(61), fps=60)
    slower = clip.resampled(50)
    assert (len(slower), slower.fps) == (51, 50)
    np.testing.assert_allclose(slower.keypoints[10], clip.keypoints[12], rtol=1e-6)
    back = slower.resampled(60)
    assert len(back) == 61
    np.testing.assert_allclose(back.keypoints, clip.keypoints, rtol=1e-5)
    np.testing.assert_allclose(back.visibility, 1, rtol=1e-6)
    assert clip.resampled(60) is clip


def test_scores_are_interpolated_and_gaps_stay_gaps():
    keypoints = np.zeros((3, 3, 2))
    keypoints[2, 1] = np.nan
    visibility = np.ones((3, 3))
    visibility[1, 0] = 0.5
    clip = _clip(keypoints, visibility, fps=25).resampled(50)
    np.testing.assert_allclose(clip.visibility[:, 0], [1, 0.75, 0.5, 0.75, 1])
    np.testing.assert_allclose(clip.visibility[:, 1], [1, 1, 1, 0, 0])
    np.testing.assert_array_equal(np.isnan(clip.keypoints[:, 1, 0]), [0, 0, 0, 1, 1])


def test_a_clip_of_one_frame():
    clip = _clip(np.full((1, 3, 2), 250.0))
    assert clip.duration == pytest.approx(0.02)
    assert len(clip.filled()) == len(clip.resampled(25)) == len(clip.resampled(240)) == 1
    np.testing.assert_array_equal(clip.normalized(), np.float32([[[-0.5, 0]] * 3]))


def test_normalized_by_the_width():
    clip = _clip(np.broadcast_to([1000.0, 500], (1, 3, 2)))
    assert clip.normalized().dtype == np.float32
    np.testing.assert_allclose(clip.normalized()[0, 0], [1, 0.5])


def test_mapped_by_names():
    keypoints = np.random.default_rng(0).uniform(0, 500, size=(4, 17, 2))
    keypoints[2, COCO_17.index("left_hip")] = np.nan
    clip = _clip(keypoints, skeleton=COCO_17)
    mapped = clip.mapped(HUMAN36M_17)
    assert mapped.skeleton == HUMAN36M_17
    assert (mapped.fps, mapped.width, mapped.source) == (50, 1000, "clip.json")
    pelvis = HUMAN36M_17.index("pelvis")
    hips = [COCO_17.index("left_hip"), COCO_17.index("right_hip")]
    np.testing.assert_allclose(
        mapped.keypoints[0, pelvis], clip.keypoints[0, hips].mean(axis=0), rtol=1e-6
    )
    assert np.isnan(mapped.keypoints[2, pelvis]).all()
    np.testing.assert_array_equal(mapped.visibility[:, pelvis], [1, 1, 0, 1])
    assert mapped.mapped(HUMAN36M_17) is mapped
    with pytest.raises(AnatomyError, match="nothing to stand for"):
        _clip(np.zeros((1, 3, 2))).mapped(HUMAN36M_17)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.zeros((4, 2, 2))}, r"shape \(frames, 3, 2\) for arm, got \(4, 2, 2\)"),
        ({"keypoints": np.zeros((4, 3, 3))}, r"got \(4, 3, 3\)"),
        ({"keypoints": np.zeros((3, 2))}, r"got \(3, 2\)"),
        (
            {"keypoints": np.zeros((0, 3, 2)), "visibility": np.zeros((0, 3))},
            "at least one frame, got none",
        ),
        ({"visibility": np.ones((4, 2))}, r"visibility of shape \(2, 3\), got \(4, 2\)"),
        ({"keypoints": np.full((2, 3, 2), np.inf)}, "1,000,000 pixels, got inf"),
        ({"keypoints": np.full((2, 3, 2), -1e30)}, "expected a coordinate of -1,000,000 to"),
        ({"width": 1000.5}, "expected an image size of whole pixels, got 1000.5"),
        ({"visibility": np.array([[1, 1, 1], [1, 1.5, 1]])}, "got 1.5 in frame 1"),
        ({"visibility": np.array([[1, -1, 1], [1, 1, 1]])}, "got -1.0 in frame 0"),
        ({"visibility": np.full((2, 3), np.nan)}, "got nan in frame 0"),
        ({"keypoints": np.full((2, 3, 2), np.nan)}, "no joint was detected"),
        ({"fps": 0}, "a frame rate of 1 to 1,000 frames a second, got 0"),
        ({"fps": np.nan}, "a frame rate of 1 to 1,000 frames a second, got nan"),
        ({"width": 0}, "an image size of 16 to 65,536 pixels a side, got 0"),
        ({"height": np.nan}, "pixels a side, got nan"),
    ],
)
def test_refused_in_one_line(changes, message):
    with pytest.raises(AnatomyError, match=message) as caught:
        dataclasses.replace(_clip(np.zeros((2, 3, 2))), **changes)
    assert str(caught.value).startswith("clip.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fps", [0, -1, np.nan])
def test_resampling_to_no_rate_is_refused(fps):
    with pytest.raises(AnatomyError, match="a frame rate of 1 to 1,000"):
        _clip(np.zeros((2, 3, 2))).resampled(fps)


def test_a_frame_is_seen_when_any_joint_is():
    keypoints = _moving(4)
    keypoints[1] = np.nan
    keypoints[2, :2] = np.nan
    assert _clip(keypoints).seen.tolist() == [True, False, True, True]


def test_the_span_in_which_a_person_is_seen():
    keypoints = np.full((6, 17, 2), np.nan)
    keypoints[[2, 4], 3] = 5
    clip = KeypointSequence(keypoints, np.ones((6, 17)), HUMAN36M_17, 50, 100, 100)
    assert clip.seen_span == (2, 4)
    keypoints = np.full((1, 17, 2), 5.0)
    assert KeypointSequence(keypoints, np.ones((1, 17)), HUMAN36M_17, 50, 90, 90).seen_span == (
        0,
        0,
    )


def test_the_first_frame_keeps_its_time_at_another_rate():
    clip = _clip(_moving(7), fps=30.0, first_frame=31)
    assert clip.resampled(10).first_frame == 10
    assert clip.resampled(60).first_frame == 62
    assert clip.densified(3, 19).first_frame == 93


def test_times_at_another_rate_are_off_by_up_to_half_a_frame():
    for fps in (7, 20, 60):
        for first in range(40):
            clip = _clip(_moving(7), fps=30.0, first_frame=first)
            shift = frame_times(clip.resampled(fps))[0] - frame_times(clip)[0]
            assert abs(shift) <= 0.5 / fps + 1e-9
            assert first > 0 or shift == 0


def test_a_part_of_a_clip():
    clip = dataclasses.replace(_clip(_moving(6)), first_frame=7)
    part = clip.between(2, 4)
    np.testing.assert_array_equal(part.points, clip.points[2:5])
    assert (len(part), part.first_frame) == (3, 9)
    with pytest.raises(AnatomyError, match=r"clip.json: expected a part of its frames 0 to 5"):
        clip.between(2, 6)


def test_a_source_may_be_a_path_and_warnings_a_list():
    clip = _clip(_moving(2))
    other = dataclasses.replace(clip, source=Path(clip.source), warnings=["a line"])
    assert (other.source, other.warnings) == ("clip.json", ("a line",))
    with pytest.raises(AnatomyError, match="keypoints: expected source as text or a path, got 3"):
        dataclasses.replace(clip, source=3)


def test_a_score_at_the_least_is_kept():
    clip = _clip(_moving(3), [[0.5, 0.25, 0.75]] * 3)
    kept = clip.without(0.5)
    np.testing.assert_array_equal(kept.visibility, [[0.5, 0, 0.75]] * 3)
    assert np.isnan(kept.keypoints[:, 1]).all() and not np.isnan(kept.keypoints[:, [0, 2]]).any()
    assert clip.without(0.25) is clip


def test_each_third_frame_made_dense():
    whole = _moving(11)
    sparse = _clip(whole[::3], np.linspace(0, 1, 12).reshape(4, 3), fps=10.0)
    dense = sparse.densified(3, 11)
    assert (len(dense), dense.fps) == (11, 30.0)
    np.testing.assert_allclose(dense.keypoints[:10], whole[:10], rtol=1e-5)
    np.testing.assert_array_equal(dense.keypoints[10], sparse.keypoints[3])
    np.testing.assert_allclose(dense.visibility[1], sparse.visibility[0] + 1 / 11, atol=1e-6)
    assert sparse.densified(1, 4) is sparse
    longer = sparse.densified(1, 6)
    np.testing.assert_array_equal(longer.keypoints[4:], sparse.keypoints[[3, 3]])


def test_a_gap_of_sparse_keypoints_stays_one():
    whole = _moving(13)
    sparse = whole[::3].copy()
    sparse[2, 0] = np.nan
    dense = _clip(sparse).densified(3, 13)
    missing = np.isnan(dense.keypoints[:, 0, 0])
    assert np.flatnonzero(missing).tolist() == [4, 5, 6, 7, 8]
    assert dense.seen.all()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("skeleton", "coco_17", "expected a Skeleton, such as"),
        ("person", 3, "expected person as text, got 3"),
        ("first_frame", 1.5, "expected first_frame as an integer, got 1.5"),
        ("first_frame", -1, "a frame number"),
        ("visibility", "x", "visibility: expected numbers"),
    ],
)
def test_facts_of_another_type_are_refused(field, value, message):
    with pytest.raises(AnatomyError, match=rf"clip.json: {message}|clip.json: expected {message}"):
        dataclasses.replace(_clip(_moving(3)), **{field: value})


def test_another_layout_by_its_name():
    clip = _clip(_moving(3, HUMAN36M_17), skeleton=HUMAN36M_17)
    assert clip.mapped("human36m_17") is clip
    for unknown in ("human", None, ["coco_17"]):
        with pytest.raises(AnatomyError, match="unknown skeleton"):
            clip.mapped(unknown)


def test_least_scores_are_shares():
    clip = _clip(_moving(3))
    for least in ("0.5", None, 2, -1):
        with pytest.raises(AnatomyError, match="expected a least score of 0 to 1"):
            clip.without(least)


def test_numbers_of_other_types_become_plain():
    """Files of JSON hold no others."""
    for rate, kind in ((25, int), (np.int64(25), int), (np.float32(25), float), (25.0, float)):
        clip = _clip(np.ones((2, 3, 2)), fps=rate, width=np.int64(640), height=480.0)
        clip = dataclasses.replace(clip, first_frame=np.int32(7))
        numbers = (clip.fps, clip.width, clip.height, clip.first_frame)
        assert numbers == (25, 640, 480, 7)
        assert [type(number) for number in numbers] == [kind, int, int, int]
    assert _clip(np.ones((2, 3, 2)), fps=Fraction(30000, 1001)).fps == 30000 / 1001
