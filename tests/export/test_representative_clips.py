"""Pieces of clips on which the ranges of features are measured."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.export.representative_clips import check_clips, pieces
from anatomy_tf.skeletons import HUMAN36M_17

pytestmark = pytest.mark.slow

SWAPPED = [
    HUMAN36M_17.index(
        name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")
    )
    for name in HUMAN36M_17.joint_names
]


def clip(frames, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(frames, 17, 2)).astype(np.float32)
    return points, rng.uniform(size=(frames, 17)).astype(np.float32)


def test_every_other_piece_is_mirrored_and_a_short_clip_ends_with_its_last_frame():
    points, scores = clip(3)
    plain, mirrored, third = pieces([(points, scores)], 5, 3, HUMAN36M_17)
    frames = [0, 1, 2, 2, 2]
    np.testing.assert_array_equal(plain[0], points[frames])
    np.testing.assert_array_equal(plain[1], scores[frames])
    np.testing.assert_array_equal(mirrored[0], points[frames][:, SWAPPED] * np.float32([-1, 1]))
    np.testing.assert_array_equal(mirrored[1], scores[frames][:, SWAPPED])
    np.testing.assert_array_equal(third[0], plain[0])


def test_pieces_lie_within_their_clips_and_come_from_all_of_them():
    clips = [clip(30, seed) for seed in range(4)]
    sources = []
    for number, (piece, _) in enumerate(pieces(clips, 10, 8, HUMAN36M_17)):
        if number % 2:
            piece = piece[:, SWAPPED] * np.float32([-1, 1])
        sources += [
            at
            for at, (points, _) in enumerate(clips)
            for start in range(21)
            if np.array_equal(points[start : start + 10], piece)
        ]
    assert sources[:4] == sources[4:] and sorted(sources[:4]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("clips", "told"),
    [
        ([], "expected at least one, got none"),
        ([clip(3), clip(0)], "representative clip 1: expected keypoints"),
        ([(clip(3)[0], clip(4)[1])], r"got \(3, 17, 2\) and \(4, 17\)"),
        ([(clip(3)[0][:, :16], clip(3)[1])], r"got \(3, 16, 2\) and \(3, 17\)"),
    ],
)
def test_clips_of_another_shape_are_refused(clips, told):
    with pytest.raises(AnatomyError, match=told):
        check_clips(clips, HUMAN36M_17)
