"""The check of ``anatomy-tf doctor`` passes with the shipped model and fails with any other."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import find_model
from anatomy_tf.inference.lifter import Lifter
from anatomy_tf.inference.self_check import (
    TOLERANCE,
    self_check,
    store_sample_pose,
    stored_pose_path,
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of compact with its stored pose."""
    shipped = find_model("compact")
    shutil.copy(stored_pose_path(shipped), tmp_path)
    return Path(shutil.copy(shipped, tmp_path))


def test_compact_lifts_the_sample_as_stored() -> None:
    # Fails when compact was replaced without storing its pose: python -c
    # "from anatomy_tf.inference.self_check import store_sample_pose; store_sample_pose()"
    checked = self_check("compact")
    assert 0 <= checked.difference <= TOLERANCE
    assert checked.seconds > 0


def test_storing_a_pose_gives_the_shipped_one(model: Path) -> None:
    shipped = stored_pose_path(find_model("compact"))
    before, after = (json.loads(path.read_bytes()) for path in (shipped, store_sample_pose(model)))
    assert after["sha256"] == before["sha256"]
    np.testing.assert_allclose(after["positions"], before["positions"], atol=TOLERANCE)


def test_a_pose_a_millimetre_away_fails(model: Path) -> None:
    path = stored_pose_path(model)
    stored = json.loads(path.read_bytes())
    stored["positions"][3][1] += 0.001
    path.write_text(json.dumps(stored))
    with pytest.raises(AnatomyError, match=r"differs from .* by 1 mm, expected at most 0\.1 mm"):
        self_check(model)


def test_arithmetic_that_gives_nan_fails(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lift = Lifter.lift

    def lift_nan(*arguments, **named):
        poses = lift(*arguments, **named)
        poses.positions[:] = np.nan
        return poses

    monkeypatch.setattr(Lifter, "lift", lift_nan)
    with pytest.raises(AnatomyError, match="by nan mm"):
        self_check(model)


def test_another_model_file_fails(model: Path) -> None:
    shutil.copy(find_model("standard"), model)
    with pytest.raises(AnatomyError, match=r"is not the file that model\.sample_pose\.json"):
        self_check(model)


@pytest.mark.parametrize("content", ["[]", "{}", '{"sha256": "0"}', "no JSON"])
def test_a_damaged_stored_pose_fails(model: Path, content: str) -> None:
    stored_pose_path(model).write_text(content)
    with pytest.raises(AnatomyError, match=r"sample_pose\.json"):
        self_check(model)


def test_a_stored_pose_of_other_joints_fails(model: Path) -> None:
    path = stored_pose_path(model)
    stored = json.loads(path.read_bytes())
    path.write_text(json.dumps({**stored, "positions": stored["positions"][:3]}))
    with pytest.raises(AnatomyError, match="positions"):
        self_check(model)
