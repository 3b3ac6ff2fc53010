"""The picture of validation poses."""

import time

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import HUMAN36M_17
from anatomy_tf.training.tensorboard_log import TensorBoardLog, curves, flat, pose_picture

POSES = np.random.default_rng(0).normal(size=(6, 17, 3)) / 3


def test_a_picture_has_a_column_for_each_pose_and_shows_the_difference():
    pytest.importorskip("matplotlib")
    right = pose_picture(POSES[:2], POSES[:2], HUMAN36M_17)
    wrong = pose_picture(POSES[:2] + 0.2, POSES[:2], HUMAN36M_17)
    assert right.shape == (400, 400, 3) and right.dtype == np.uint8
    assert (right != wrong).any()
    assert pose_picture(POSES[:3], POSES[:3], HUMAN36M_17).shape == (400, 600, 3)


def events(folder):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = accumulator.EventAccumulator(str(folder))
    read.Reload()
    return read


@pytest.mark.slow
def test_numbers_and_pictures_are_in_the_event_file(tmp_path):
    pytest.importorskip("tensorflow")
    log = TensorBoardLog(tmp_path)
    log.hyper_parameters({"epochs": 3, "model.class": "AnatomyLifterConfig"}, "run")
    log.scalars(0, {"loss/all": 2.5})
    log.scalars(1, {"loss/all": 1.5})
    log.poses(1, POSES, POSES, np.arange(6.0), ["a"] * 3 + ["b"] * 3, HUMAN36M_17)
    log.close()
    read = events(tmp_path)
    assert [event.step for event in read.Tensors("loss/all")] == [0, 1]
    tags = read.Tags()["tensors"]
    assert {f"validation poses/{name}" for name in ("best", "middle", "worst")} <= set(tags)
    assert "_hparams_/session_start_info" in tags


@pytest.mark.slow
def test_points_that_will_be_written_again_are_taken_out(tmp_path):
    pytest.importorskip("tensorflow")
    log = TensorBoardLog(tmp_path)
    for epoch in range(3):
        log.scalars(epoch, {"loss/all": float(epoch)})
    log.close()
    (file,) = tmp_path.iterdir()
    with file.open("ab") as end:
        end.write(file.read_bytes()[:20])  # what a killed process leaves
    # Files are read in the order of their names: those of one second are numbered, 10 before 9.
    time.sleep(1)
    log = TensorBoardLog(tmp_path, epoch=1)
    for epoch in (1, 2):
        log.scalars(epoch, {"loss/all": 10.0 + epoch})
    log.close()
    files = sorted(tmp_path.iterdir())
    points = [(e.step, float(tensor_value(e))) for e in events(tmp_path).Tensors("loss/all")]
    assert points == [(0, 0.0), (1, 11.0), (2, 12.0)]
    # Nothing is left of a file whose every point is written again.
    TensorBoardLog(tmp_path, epoch=0).close()
    assert not set(files) & set(tmp_path.iterdir())


@pytest.mark.slow
def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    tf = pytest.importorskip("tensorflow")
    log = TensorBoardLog(tmp_path)

    def full():
        message = "run/events.v2; No space left on device\n\tFailed to flush 11 events"
        raise tf.errors.ResourceExhaustedError(None, None, message)

    monkeypatch.setattr(log._writer, "flush", full)
    with pytest.raises(AnatomyError, match=r"cannot be written: No space left on device$"):
        log.scalars(0, {"loss/all": 1.0})


def tensor_value(event):
    import tensorflow as tf

    return tf.make_ndarray(event.tensor_proto)


def test_a_line_becomes_curves_by_group():
    line = {
        "epoch": 3,
        "step": 40,
        "seconds": 1.5,
        "loss": 2.0,
        "positions_loss": 0.5,
        "learning_rate": 1e-3,
        "val_mpjpe_mm": 70.0,
        "val_mpjpe_mm_by_action": {"walk": 60.0},
        "speed": {"waiting_share": 0.1},
    }
    assert curves(line) == {
        "loss/all": 2.0,
        "loss/positions": 0.5,
        "schedule/learning_rate": 1e-3,
        "error_mm/mpjpe": 70.0,
        "error_mm_by_action/walk": 60.0,
        "speed/waiting_share": 0.1,
    }


def test_a_config_is_a_flat_table():
    config = {"seed": 3, "model": {"class": "M", "widths": [3, 3]}, "steps": None}
    assert flat(config) == {
        "seed": 3,
        "model.class": "M",
        "model.widths": "[3, 3]",
        "steps": "None",
    }
