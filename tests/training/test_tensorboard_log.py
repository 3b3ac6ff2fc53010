"""The picture of validation poses."""

import numpy as np
import pytest

from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training.tensorboard_log import TensorBoardLog, pose_picture

POSES = np.random.default_rng(0).normal(size=(6, 17, 3)) / 3


def test_a_picture_has_a_column_for_each_pose_and_shows_the_difference():
    pytest.importorskip("matplotlib")
    right = pose_picture(POSES[:2], POSES[:2], HUMAN36M_17)
    wrong = pose_picture(POSES[:2] + 0.2, POSES[:2], HUMAN36M_17)
    assert right.shape == (400, 400, 3) and right.dtype == np.uint8
    assert (right != wrong).any()
    assert pose_picture(POSES[:3], POSES[:3], HUMAN36M_17).shape == (400, 600, 3)


def test_numbers_and_pictures_are_in_the_event_file(tmp_path):
    pytest.importorskip("tensorflow")
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    log = TensorBoardLog(tmp_path)
    log.scalars(0, {"loss": 2.5})
    log.scalars(1, {"loss": 1.5})
    log.poses(1, POSES, POSES, HUMAN36M_17)
    log.close()
    events = accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    assert [event.step for event in events.Tensors("loss")] == [0, 1]
    assert "validation poses" in events.Tags()["tensors"]
