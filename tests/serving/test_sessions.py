import numpy as np
import pytest

from anatomy_tf.serving.refusal import RefusedError
from anatomy_tf.serving.sessions import Sessions, frame_due, stream_inputs

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


def test_who_speaks_keeps_nobody_who_is_silent():
    clock = Clock()
    sessions = Sessions(expiry=10, clock=clock)
    speaking, silent = sessions.begin(1, STATE), sessions.begin(1, STATE)
    for clock.now in (8, 16):
        sessions.get(speaking.id)
    assert len(sessions) == 1
    assert refused(sessions.get, silent.id).code == "NOT_FOUND"


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


def test_inputs_of_a_stream_of_any_shape():
    assert stream_inputs({}) == ("", None, False)
    given = {"session": np.array([b"x"], object), "frame": np.array(3.0), "end": np.array([[1]])}
    assert stream_inputs(given) == ("x", 3, True)
    assert stream_inputs({"frame": np.array(0)}) == ("", 0, False)
    assert stream_inputs({"frame": np.array(-1)}) == ("", None, False)
    assert stream_inputs({"session": np.array(b"\xff", object)})[0] == "\ufffd"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("session", 5, "session: expected text, got 5"),
        ("session", ["a", "b"], "session: expected one value, got the shape (2,)"),
        ("frame", "x", "frame: expected a whole number, got 'x'"),
        ("frame", np.nan, "frame: expected a whole number, got nan"),
        ("frame", np.inf, "frame: expected a whole number, got inf"),
        ("frame", 1.5, "frame: expected a whole number, got 1.5"),
        ("frame", True, "frame: expected a whole number, got True"),
        ("end", "yes", "end: expected true or false, got 'yes'"),
        ("end", np.nan, "end: expected true or false, got nan"),
    ],
)
def test_other_inputs_of_a_stream_are_refused(name, value, told):
    refusal = refused(stream_inputs, {name: np.array(value)})
    assert (refusal.code, str(refusal)) == ("INVALID_ARGUMENT", told)
