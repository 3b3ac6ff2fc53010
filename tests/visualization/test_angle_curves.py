"""Curves of joint angles."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.poses import joint_angles
from anatomy_tf.visualization import plot_angles


def test_poses_are_no_angles(walk: Any, tmp_path: Any) -> None:
    with pytest.raises(AnatomyError, match=r"a\.png: expected JointAngles, got PoseSequence"):
        plot_angles(walk.poses, tmp_path / "a.png")


def test_the_time_is_that_of_the_video(
    walk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = pytest.importorskip("matplotlib.axes").Axes
    plot, drawn = axes.plot, []

    def noted(self: Any, x: Any, *values: Any, **options: Any) -> Any:
        drawn.append(x[0])
        return plot(self, x, *values, **options)

    monkeypatch.setattr(axes, "plot", noted)
    poses = dataclasses.replace(walk.poses, first_frame=100)
    plot_angles(joint_angles(poses), tmp_path / "a.png")
    assert set(drawn) == {100 / poses.fps}
