"""What is no person's poses, such as the list that ``lift_all`` returns, is refused in one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anatomy_tf import poses as room
from anatomy_tf.cameras import Camera
from anatomy_tf.errors import AnatomyError
from anatomy_tf.sequences import PoseSequence
from anatomy_tf.skeletons import HUMAN36M_17

POSES = PoseSequence(np.ones((2, 17, 3)), HUMAN36M_17, 50)
CAMERA = Camera.pinhole(1000, 640, 480)


@pytest.mark.parametrize(
    "function",
    [
        lambda poses: room.smooth(poses, "butterworth", 6),
        room.level,
        room.estimate_up,
        lambda poses: room.place_in_camera(poses, None, CAMERA),
        lambda poses: room.scale_to_height(poses, 1.8),
        room.stature,
        room.stand_on_floor,
        room.foot_contacts,
        room.joint_angles,
    ],
)
@pytest.mark.parametrize("given", [[POSES], POSES.positions], ids=["list", "array"])
def test_refused(function: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(AnatomyError, match="expected a PoseSequence, got"):
        function(given)


def test_keypoints_are_asked_for_by_their_name() -> None:
    with pytest.raises(AnatomyError, match="expected a KeypointSequence, got PoseSequence"):
        room.place_in_camera(POSES, POSES, CAMERA)
