"""The adapter against a stand-in of rtmlib; against rtmlib itself, with models made here."""

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dot_models import save_person_detector, save_rtmo, save_rtmpose
from dotted_people import SIZE, render, walking

from anatomy_tf.detection import detect_people, load_detector
from anatomy_tf.detection.rtmlib_body import RtmlibBody
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17, HALPE_26


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """rtmlib with the models that it fetches: a box if there is red, then 26 keypoints a box."""
    calls: list[Any] = []

    def boxes(picture: np.ndarray) -> list[list[int]]:
        calls.append(picture)
        return [[1, 2, 3, 4], [5, 6, 7, 8]] if picture[..., 2].any() else []

    def pose(picture: np.ndarray, bboxes: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        keypoints = np.array([[box[:2]] * 26 for box in bboxes], np.float32)
        return keypoints, np.full((len(bboxes), 26), 1.2, np.float32)

    class BodyWithFeet:
        def __init__(self, **arguments: Any) -> None:
            print("load it")
            self.det_model, self.pose_model = boxes, pose

    module = types.ModuleType("rtmlib")
    vars(module).update(BodyWithFeet=BodyWithFeet)
    monkeypatch.setitem(sys.modules, "rtmlib", module)
    return calls


def test_fetched_models(fake: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    detector = load_detector("rtmlib")
    assert detector.skeleton is HALPE_26
    assert capsys.readouterr().out == ""  # it prints to stdout, which is the program's own
    frame = np.zeros((4, 5, 3), np.uint8)
    assert detector.detect(frame, 0.0).shape == (0, 26, 3)
    frame[0, 0] = 9, 0, 1
    found = detector.detect(frame, 0.1)
    assert tuple(fake[-1][0, 0]) == (1, 0, 9)  # blue, green, red, as OpenCV has it
    np.testing.assert_array_equal(found[0], [[1, 2, 1]] * 26)  # scores end at 1
    np.testing.assert_array_equal(found[1], [[5, 6, 1]] * 26)


def test_models_that_cannot_be_fetched(fake: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def body(**arguments: Any) -> None:
        raise ConnectionError("no network\nat all")

    monkeypatch.setattr(sys.modules["rtmlib"], "BodyWithFeet", body)
    with pytest.raises(AnatomyError) as error:
        RtmlibBody()
    assert str(error.value) == "rtmlib cannot use the models that rtmlib fetches: no network"


def test_too_many_models(fake: list[Any], tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"one model .* or two .*, got 3"):
        RtmlibBody([tmp_path / "m.onnx"] * 3)


def test_without_rtmlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmlib", None)
    with pytest.raises(AnatomyError, match=r'rtmlib, .*pip install "anatomy_tf\[rtmlib\]"'):
        load_detector("rtmlib")


@pytest.mark.parametrize("stages", [1, 2])
def test_rtmlib_itself(tmp_path: Path, stages: int, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rtmlib")
    pytest.importorskip("onnx")
    models = [save_rtmo(tmp_path / "rtmo.onnx")]
    if stages == 2:
        models = [save_person_detector(tmp_path / "d.onnx"), save_rtmpose(tmp_path / "p.onnx")]
    places = walking(8)
    places[3] = -9  # nobody
    detector = load_detector("rtmlib", models)
    assert detector.skeleton is COCO_17
    (person,) = detect_people(render(tmp_path / "v.mkv", places), detector)
    assert (person.width, person.height) == SIZE
    seen = np.arange(8) != 3
    # The first of the places that have a dot's colour is at its left and upper edge.
    np.testing.assert_allclose(
        person.keypoints[seen], places[seen, 0], atol=1e-3 if stages == 1 else 3
    )
    assert not person.visibility[3].any()
    assert capsys.readouterr().out == ""


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    pytest.importorskip("rtmlib")
    path = tmp_path / "m.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(AnatomyError, match=r"rtmlib cannot use .*m.onnx: ") as error:
        RtmlibBody([path])
    assert "\n" not in str(error.value)
