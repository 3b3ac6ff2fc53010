"""Curves of joint angles."""

from typing import Any

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.visualization import plot_angles


def test_poses_are_no_angles(walk: Any, tmp_path: Any) -> None:
    with pytest.raises(AnatomyError, match=r"a\.png: expected JointAngles, got PoseSequence"):
        plot_angles(walk.poses, tmp_path / "a.png")
