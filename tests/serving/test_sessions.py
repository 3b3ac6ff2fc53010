import numpy as np
import pytest

from anatomy_tf.serving.refusal import RefusedError
from anatomy_tf.serving.sessions import Sessions, frame_due, scalar

STATE = {"state_sum": np.zeros(4, np.float32)}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def refused(call, *arguments):
    with pytest.raises(RefusedError) as refusal:
        call(*arguments)
    return refusal.value


def test_a_session_is_found_until_it_ends():
    sessions = Sessions()
    one, two = sessions.begin(1, STATE), sessions.begin(2, STATE)
    assert one.id != two.id
    assert sessions.get(two.id) is two
    assert sessions.size == 32
    sessions.end(two.id)
    sessions.end(two.id)
    assert len(sessions) == 1
    assert refused(sessions.get, two.id).code == "NOT_FOUND"


def test_who_is_silent_is_forgotten_and_who_speaks_is_not():
    clock = Clock()
    sessions = Sessions(expiry=10, clock=clock)
    silent, speaking = sessions.begin(1, STATE), sessions.begin(1, STATE)
    clock.now = 8
    sessions.get(speaking.id)
    clock.now = 11
    assert "was silent for 10 s" in str(refused(sessions.get, silent.id))
    assert sessions.get(speaking.id) is speaking
    assert len(sessions) == 1


def test_there_are_no_more_than_may_be():
    clock = Clock()
    sessions = Sessions(most=2, expiry=10, clock=clock)
    sessions.begin(1, STATE)
    sessions.begin(1, STATE)
    refusal = refused(sessions.begin, 1, STATE)
    assert (refusal.code, str(refusal)[:17]) == ("RESOURCE_EXHAUSTED", "2 streams are ope")
    clock.now = 11
    sessions.begin(1, STATE)


def test_a_frame_is_due_once():
    session = Sessions().begin(1, STATE)
    session.frames = 5
    assert frame_due(session, 5)
    assert frame_due(session, None)
    assert not frame_due(session, 4)
    for number in (3, 6):
        refusal = refused(frame_due, session, number)
        assert refusal.code == "FAILED_PRECONDITION"
        assert f"expected frame 5, or 4 again, got {number}" in str(refusal)


def test_scalars_of_any_shape():
    assert scalar(np.array([b"x"], object)) == "x"
    assert scalar(np.array(3)) == 3
    assert "expected one value" in str(refused(scalar, np.zeros(2)))
