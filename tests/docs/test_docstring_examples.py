"""The examples in docstrings of the rooms that lift show what happens."""

import doctest
import importlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import anatomy_tf
from anatomy_tf.cameras import Camera
from anatomy_tf.formats import sample_keypoints
from anatomy_tf.inference import Lifter
from anatomy_tf.poses import level, place_in_camera

pytestmark = pytest.mark.slow

PACKAGE = Path(anatomy_tf.__file__).parent
ROOMS = ("files", "skeletons", "anatomy", "cameras", "poses", "formats", "inference")
MODULES = [
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    for room in ROOMS
    for file in sorted((PACKAGE / room).rglob("*.py"))
    if ">>>" in file.read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def at_hand() -> dict[str, Any]:
    """Names that examples use without making them."""
    lifter = Lifter.load("compact")
    keypoints = anatomy_tf.load_keypoints(sample_keypoints())[0]
    return {
        "anatomy_tf": anatomy_tf,
        "np": np,
        "lifter": lifter,
        "keypoints": keypoints,
        "poses": lifter.lift(keypoints),
        "camera": Camera.from_field_of_view(60, keypoints.width, keypoints.height),
        "Lifter": Lifter,
        "level": level,
        "place_in_camera": place_in_camera,
    }


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, at_hand, tmp_path, monkeypatch, capsys):
    shutil.copy(sample_keypoints(), tmp_path / "keypoints.npz")
    monkeypatch.chdir(tmp_path)
    tests = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    assert any(test.examples for test in tests)
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        test.globs.update(at_hand)
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out
