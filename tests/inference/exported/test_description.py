"""The description in an exported model, as whoever reads the file checks it."""

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference.exported.description import checked

GOOD = {
    "layout": "human36m_17",
    "joint_names": ["a", "b"],
    "parents": [-1, 0],
    "fps": 50.0,
    "receptive_field": 27,
    "causal": False,
}


@pytest.mark.parametrize("frames", ["any", 27, 100, None])
def test_what_lifting_needs(frames: object) -> None:
    described = GOOD if frames is None else {**GOOD, "frames": frames}
    assert checked(described, "a.tflite") == described
    stream = {**GOOD, "signature": "stream", "frames": 1}
    assert checked(stream, "a.tflite") == stream


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"causal": None}, "lacks causal, or has it of another type"),
        ({"fps": 0}, "a frame rate of 1 to 1,000 frames a second, got 0"),
        ({"fps": float("nan")}, "a frame rate of 1 to 1,000"),
        ({"fps": True}, "a frame rate of 1 to 1,000"),
        ({"receptive_field": 0}, "no possible receptive_field"),
        # In pieces of fewer frames no clip comes to its end.
        ({"frames": 26}, "at least 27 frames, got 26"),
        ({"frames": "all"}, "at least 27 frames, got 'all'"),
    ],
)
def test_what_cannot_be(changes: dict[str, object], message: str) -> None:
    with pytest.raises(AnatomyError, match=rf"^a\.tflite: .*{message}"):
        checked({**GOOD, **changes}, "a.tflite")
