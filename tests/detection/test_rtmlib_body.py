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
from anatomy_tf.detection.detectors.rtmlib_body import RtmlibBody, rtmlib_files
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17, HALPE_26

TABLE = {
    "balanced": {
        "det": "https://a.example/onnx_sdk/yolox_m-c2c7a14a.zip",
        "det_input_size": (640, 640),
        "pose": "https://a.example/onnx_sdk/rtmpose-m-4d3e73dd.zip",
        "pose_input_size": (192, 256),
    }
}
"""What rtmlib names, as in its ``BodyWithFeet.MODE``."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """rtmlib: a box if there is red, then 26 keypoints a box."""
    module = types.ModuleType("rtmlib")
    module.pictures = []

    class Model:
        def __init__(self, path: str, model_input_size: tuple[int, int]) -> None:
            print("load it")
            if "broken" in path:
                raise RuntimeError("no protobuf\nat all")
            self.size = model_input_size

    class Boxes(Model):
        def __call__(self, picture: np.ndarray) -> list[list[int]]:
            module.pictures.append(picture)
            return [[1, 2, 3, 4], [5, 6, 7, 8]] if picture[..., 2].any() else []

    class Pose(Model):
        def __call__(
            self, picture: np.ndarray, bboxes: list[list[int]]
        ) -> tuple[np.ndarray, np.ndarray]:
            keypoints = np.array([[box[:2]] * 26 for box in bboxes], np.float32)
            return keypoints, np.full((len(bboxes), 26), 1.2, np.float32)

    vars(module).update(YOLOX=Boxes, RTMPose=Pose)
    module.BodyWithFeet = types.SimpleNamespace(MODE=TABLE)
    files = types.ModuleType("rtmlib.tools.file")
    monkeypatch.setitem(sys.modules, "rtmlib", module)
    monkeypatch.setitem(sys.modules, "rtmlib.tools", types.ModuleType("rtmlib.tools"))
    monkeypatch.setitem(sys.modules, "rtmlib.tools.file", files)
    module.files = files

    class Session:
        def __init__(self, path: str, providers: list[str]) -> None:
            self.dynamic = "yolox" in path

        def get_inputs(self) -> list[Any]:
            shape = ["batch", 3, "h", "w"] if self.dynamic else [1, 3, 256, 192]
            return [types.SimpleNamespace(shape=shape)]

        def get_outputs(self) -> list[Any]:
            return [types.SimpleNamespace(shape=[1, 26, 512])]

    runtime = types.ModuleType("onnxruntime")
    runtime.InferenceSession = Session
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    return module


def test_person_detector_and_pose(
    fake: types.ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [tmp_path / "yolox_m-c2c7a14a.onnx", tmp_path / "p.onnx"]
    detector = RtmlibBody(models)
    assert detector.skeleton is HALPE_26
    # The first does not say its size, the second does: height, width in ONNX.
    assert detector._person_detector.size == (640, 640)
    assert detector._pose.size == (192, 256)
    assert capsys.readouterr().out == ""  # it prints to stdout, which is the program's own
    frame = np.zeros((4, 5, 3), np.uint8)
    assert detector.detect(frame, 0.0).shape == (0, 26, 3)
    frame[0, 0] = 9, 0, 1
    found = detector.detect(frame, 0.1)
    assert tuple(fake.pictures[-1][0, 0]) == (1, 0, 9)  # blue, green, red, as OpenCV has it
    np.testing.assert_array_equal(found[0], [[1, 2, 1]] * 26)  # scores end at 1
    np.testing.assert_array_equal(found[1], [[5, 6, 1]] * 26)


def test_models_that_rtmlib_names(fake: types.ModuleType) -> None:
    boxes, pose = rtmlib_files()
    assert (boxes.name, pose.name) == ("yolox_m-c2c7a14a.onnx", "rtmpose-m-4d3e73dd.onnx")
    assert boxes.addresses == (TABLE["balanced"]["det"],)
    fake.files.get_mirror_url = lambda address: address.replace("a.example", "b.example")
    assert rtmlib_files()[1].addresses == (
        "https://a.example/onnx_sdk/rtmpose-m-4d3e73dd.zip",
        "https://b.example/onnx_sdk/rtmpose-m-4d3e73dd.zip",
    )


def test_the_real_rtmlib_names_models() -> None:
    pytest.importorskip("rtmlib")
    boxes, pose = rtmlib_files()
    assert boxes.name.startswith("yolox_m") and pose.name.startswith("rtmpose-m")
    assert "halpe26" in pose.name and pose.name.endswith(".onnx")


def test_models_that_rtmlib_cannot_use(fake: types.ModuleType, tmp_path: Path) -> None:
    with pytest.raises(AnatomyError) as error:
        RtmlibBody([tmp_path / "yolox_m-c2c7a14a.onnx", tmp_path / "broken.onnx"])
    assert str(error.value).endswith("broken.onnx: no protobuf")
    with pytest.raises(AnatomyError, match="does not say the size of its input picture"):
        RtmlibBody([tmp_path / "own_yolox.onnx", tmp_path / "p.onnx"])


def test_too_many_models(fake: types.ModuleType, tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match=r"one model .* or two .*, got 3"):
        RtmlibBody([tmp_path / "m.onnx"] * 3)
    with pytest.raises(AnatomyError, match="got 0"):
        RtmlibBody([])


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
