import copy
import dataclasses
import importlib

import numpy as np
import pytest

from anatomy_tf.files.equal_fields import EqualFields


@dataclasses.dataclass(frozen=True, eq=False)
class Track(EqualFields):
    points: np.ndarray
    name: str = ""
    spread: np.ndarray | None = None


POINTS = np.array([[1.0, np.nan], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Track(POINTS.copy()), True),
        (Track(POINTS + 1), False),
        (Track(POINTS[:1]), False),
        (Track(POINTS, "b"), False),
        (Track(POINTS, spread=POINTS), False),
        (Track(np.array([["a"]])), False),
        (Track(None), False),
        (None, False),
        ("track", False),
        (0.5, False),
    ],
)
def test_equal_where_all_fields_are(other: object, same: bool) -> None:
    track = Track(POINTS)
    assert (track == other) is same and (other == track) is same
    assert (track != other) is not same
    assert (track in [other]) is same


def test_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'Track'"):
        hash(Track(POINTS))


ROOMS = ("skeletons", "cameras", "sequences", "poses", "detection", "data", "inference")


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_what_holds_arrays_compares_them(room: str) -> None:
    content = importlib.import_module(f"anatomy_tf.{room}")
    for name in dir(content):
        kind = getattr(content, name)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            types = [str(field.type) for field in dataclasses.fields(kind)]
            if any("NDArray" in type or "Array" in type for type in types):
                # A generated comparison fails on arrays; that of a plain object is its identity.
                assert kind.__eq__ in (EqualFields.__eq__, object.__eq__), name


def test_copies_of_sequences_are_equal() -> None:
    from anatomy_tf.cameras import Camera
    from anatomy_tf.sequences import KeypointSequence, PoseSequence
    from anatomy_tf.skeletons import HUMAN36M_17

    points = np.full((2, 17, 2), np.nan)
    points[0] = 100
    keypoints = KeypointSequence(points, np.ones((2, 17)), HUMAN36M_17, 25, 640, 480)
    poses = PoseSequence(np.zeros((2, 17, 3)), HUMAN36M_17, 25)
    camera = Camera.from_field_of_view(60, 640, 480)
    for one in (keypoints, poses, camera):
        assert one == copy.deepcopy(one)
        assert one != keypoints or one is keypoints
    assert poses != dataclasses.replace(poses, bone_lengths=np.ones(16))
