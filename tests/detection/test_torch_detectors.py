"""The adapters of Ultralytics and MMPose against stand-ins of what they use of them."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from anatomy_tf.detection import load_detector
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import COCO_17, HALPE_26

FRAME = np.array([[[9, 5, 1]]], np.uint8)


class Tensor:
    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, np.float32)

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return self.values


class YOLO:
    task = "pose"
    found: ClassVar[np.ndarray] = np.zeros((0, 17, 3))
    pictures: ClassVar[list[np.ndarray]] = []

    def __init__(self, path: str) -> None:
        if "broken" in path:
            raise EOFError("Ran out of input\nsecond line")
        if "boxes" in path:
            self.task = "detect"

    def predict(self, picture: np.ndarray, verbose: bool) -> list[Any]:
        assert not verbose
        self.pictures.append(picture)
        keypoints = types.SimpleNamespace(data=Tensor(self.found))
        return [types.SimpleNamespace(keypoints=keypoints, boxes=self.found)]


@pytest.fixture
def yolo(monkeypatch: pytest.MonkeyPatch) -> type[YOLO]:
    module = types.ModuleType("ultralytics")
    vars(module).update(YOLO=YOLO)
    monkeypatch.setitem(sys.modules, "ultralytics", module)
    return YOLO


def model(folder: Path, name: str = "yolo11n-pose.pt") -> Path:
    (folder / name).touch()
    return folder / name


def test_ultralytics(yolo: type[YOLO], tmp_path: Path) -> None:
    detector = load_detector("ultralytics", model(tmp_path))
    assert detector.skeleton is COCO_17
    assert detector.detect(FRAME, 0.0).shape == (0, 17, 3)
    yolo.found = np.full((2, 17, 3), 0.5)
    np.testing.assert_array_equal(detector.detect(FRAME, 0.1), yolo.found)
    assert tuple(yolo.pictures[-1][0, 0]) == (1, 5, 9)  # blue, green, red, as OpenCV has it
    yolo.found = np.full((1, 21, 3), 0.5)
    with pytest.raises(AnatomyError, match=r"expected 17 keypoints .*, got \(21, 3\)"):
        detector.detect(FRAME, 0.2)
    detector.close()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "expected one model file, .*, got 0; --detector-model"),
        (["a.pt", "b.pt"], "got 2"),
        (["boxes.pt"], "boxes.pt: expected a pose model, got one for detect"),
        (["broken.pt"], "broken.pt: Ultralytics cannot use it: Ran out of input$"),
    ],
)
def test_models_that_ultralytics_cannot_use(
    yolo: type[YOLO], tmp_path: Path, names: list[str], message: str
) -> None:
    with pytest.raises(AnatomyError, match=message):
        load_detector("ultralytics", [model(tmp_path, name) for name in names])


class Inferencer:
    """Stands for ``mmpose.apis.MMPoseInferencer``."""

    keypoints = 17
    people: ClassVar[list[dict[str, Any]]] = []
    calls: ClassVar[list[Any]] = []

    def __init__(self, *names: str) -> None:
        if "broken" in names[0]:
            raise ConnectionError("no network\nat all")
        self.calls.append(names)
        meta = {"num_keypoints": self.keypoints}
        self.inferencer = types.SimpleNamespace(model=types.SimpleNamespace(dataset_meta=meta))

    def __call__(self, picture: np.ndarray) -> Iterator[dict[str, Any]]:
        self.calls.append(picture)
        yield {"predictions": [self.people], "visualization": []}


@pytest.fixture
def mmpose(monkeypatch: pytest.MonkeyPatch) -> type[Inferencer]:
    for name in ("mmpose", "mmpose.apis"):
        module = types.ModuleType(name)
        vars(module).update(MMPoseInferencer=Inferencer)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(Inferencer, "keypoints", 17)
    return Inferencer


def test_mmpose(mmpose: type[Inferencer]) -> None:
    detector = load_detector("mmpose")
    assert detector.skeleton is COCO_17 and mmpose.calls[-1] == ("human",)
    mmpose.people = []
    assert detector.detect(FRAME, 0.0).shape == (0, 17, 3)
    mmpose.people = [{"keypoints": [[3, 4]] * 17, "keypoint_scores": [1.2] * 17}] * 2
    found = detector.detect(FRAME, 0.1)
    np.testing.assert_array_equal(found, np.tile([3, 4, 1], (2, 17, 1)))
    assert tuple(mmpose.calls[-1][0, 0]) == (1, 5, 9)
    detector.close()


def test_mmpose_of_a_whole_body(mmpose: type[Inferencer], tmp_path: Path) -> None:
    mmpose.keypoints = 136
    files = [model(tmp_path, "a.py"), model(tmp_path, "b.pth")]
    detector = load_detector("mmpose", files)
    assert mmpose.calls[-1] == tuple(map(str, files))
    assert detector.skeleton is HALPE_26
    mmpose.people = [{"keypoints": [[3, 4]] * 136, "keypoint_scores": [0.5] * 136}]
    assert detector.detect(FRAME, 0.1).shape == (1, 26, 3)


def test_models_that_mmpose_cannot_use(mmpose: type[Inferencer], tmp_path: Path) -> None:
    with pytest.raises(AnatomyError, match="or neither, got 1 files"):
        load_detector("mmpose", model(tmp_path, "a.py"))
    with pytest.raises(AnatomyError, match=r"MMPose cannot use .*broken.py: no network$"):
        load_detector("mmpose", [model(tmp_path, "broken.py"), model(tmp_path, "b.pth")])
    mmpose.keypoints = 21
    with pytest.raises(AnatomyError, match=r"human: expected a model of 17, .*, got 21"):
        load_detector("mmpose")
