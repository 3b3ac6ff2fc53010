"""The checks that a value is one person's sequence, or a list of people's."""

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import KeypointSequence, PoseSequence
from anatomy_tf.sequences.person_checks import check_person, people_list
from anatomy_tf.skeletons import HUMAN36M_17

POSES = PoseSequence(np.ones((2, 17, 3)), HUMAN36M_17, 50)


def test_one_person():
    check_person(POSES, PoseSequence)
    for wrong in ([POSES], POSES.positions, None, "poses.npz"):
        with pytest.raises(AnatomyError, match=r"expected a PoseSequence, got .*lists of them"):
            check_person(wrong, PoseSequence)
    with pytest.raises(AnatomyError, match="got PoseSequence; load_keypoints gives a list"):
        check_person(POSES, KeypointSequence)


def test_a_list_of_people():
    for people in ([], [POSES], (POSES, POSES)):
        assert people_list(people, PoseSequence, "a.npz") == list(people)
    assert people_list(POSES, PoseSequence, "a.npz") == [POSES]
    for wrong, got in (
        (POSES.positions, "ndarray"),
        ("poses", "str"),
        ({POSES.person: POSES}, "dict"),
    ):
        with pytest.raises(AnatomyError, match=rf"^a\.npz: expected a list .*, got {got}$"):
            people_list(wrong, PoseSequence, "a.npz")
    with pytest.raises(AnatomyError, match="got str in it"):
        people_list([POSES, "poses"], PoseSequence, "a.npz")
