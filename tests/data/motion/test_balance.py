import numpy as np
import pytest

from anatomy_tf.data.motion.balance import balanced_views, cut_clips
from anatomy_tf.data.motion.clip import MotionClip
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17


def clip(subject: str, name: str, seconds: float) -> MotionClip:
    positions = np.random.default_rng(0).random((round(seconds * 10), 17, 3))
    return MotionClip(positions, HUMAN36M_17, 10, subject, "walk", name)


def test_long_clips_are_cut_into_equal_pieces_of_their_frames():
    long, short = clip("ann", "long", 25), clip("ann", "short", 10)
    pieces = cut_clips([long, short], 10)
    assert [piece.name for piece in pieces] == ["long+0", "long+83", "long+167", "short"]
    np.testing.assert_array_equal(
        np.concatenate([piece.positions for piece in pieces[:3]]), long.positions
    )
    assert pieces[3] is short
    with pytest.raises(AnatomyError, match="more than 0 seconds, got 0"):
        cut_clips([short], 0)


@pytest.mark.parametrize(
    ("seconds", "frames"),
    # Ten frames a second: a piece of 0.25 seconds has at most 2, and never less than one.
    [(float("inf"), [5]), (0.5, [5]), (0.25, [2, 1, 2]), (0.1, [1] * 5), (0.01, [1] * 5)],
)
def test_no_piece_is_longer_and_none_is_empty(seconds, frames):
    assert [len(piece) for piece in cut_clips([clip("ann", "a", 0.5)], seconds)] == frames


def seen(clips, counts):
    people = sorted({c.subject for c in clips})
    return [
        sum(n * c.duration for c, n in zip(clips, counts, strict=True) if c.subject == person)
        for person in people
    ]


def test_who_was_recorded_longer_is_seen_longer_by_the_root():
    clips = [clip("ann", f"a{i}", 90) for i in range(10)] + [clip("bob", "b", 100)]
    assert balanced_views(clips, 4, evenness=0) == [4] * 11
    ann, bob = seen(clips, balanced_views(clips, 4, evenness=0.5))
    assert ann / bob == pytest.approx(3, rel=0.1)
    assert ann + bob == pytest.approx(4 * 1000, rel=0.1)
    ann, bob = seen(clips, balanced_views(clips, 4, evenness=1))
    assert ann / bob == pytest.approx(1, rel=0.1)


def test_weights_may_leave_some_of_a_persons_clips_unseen():
    clips = [clip("ann", f"a{i}", 10) for i in range(20)] + [
        clip("bob", f"b{i}", 10) for i in range(20)
    ]
    counts = balanced_views(clips, 1, weights=[1] * 20 + [0.2] * 20)
    assert set(counts[20:]) == {0, 1}
    ann, bob = seen(clips, counts)
    assert bob / ann == pytest.approx(0.2, abs=0.03)
    assert balanced_views(clips[:1], 50, most=24) == [24]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"views": 0}, "more than 0 views"),
        ({"evenness": 1.5}, r"evenness in \[0, 1\], got 1.5"),
        ({"weights": [1, 1]}, "1 positive weights"),
        ({"weights": [0]}, "1 positive weights"),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(AnatomyError, match=message):
        balanced_views([clip("ann", "a", 1)], **({"views": 4} | changes))
