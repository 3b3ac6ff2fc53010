"""The adapter against a stand-in of MediaPipe; against MediaPipe where it and a model are."""

import sys
import types
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from anatomy_tf.detection import detect_people, load_detector
from anatomy_tf.detection.detectors.landmarker_bundle import save_landmarker
from anatomy_tf.detection.detectors.mediapipe_landmarker import MediaPipeLandmarker
from anatomy_tf.detection.detectors.mediapipe_modules import mediapipe_module
from anatomy_tf.detection.registry import model_files
from anatomy_tf.errors import AnatomyError
from anatomy_tf.skeletons import BLAZEPOSE_33


class Mark(types.SimpleNamespace):
    """A landmark: shares of the picture, and how likely it is seen."""


class FakeLandmarker:
    people: ClassVar[list[list[Mark]]] = []
    calls: ClassVar[list[Any]] = []

    @classmethod
    def create_from_options(cls, options: Any) -> "FakeLandmarker":
        if "broken" in options.base_options.model_asset_path:
            raise RuntimeError("Unable to open zip archive.\nsecond line")
        cls.calls = [options]
        return cls()

    def detect_for_video(self, image: Any, milliseconds: int) -> Any:
        self.calls.append((image, milliseconds))
        return types.SimpleNamespace(pose_landmarks=self.people)

    def close(self) -> None:
        self.calls.append("closed")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeLandmarker]:
    """Modules under MediaPipe's names with what the adapter uses of them."""

    def module(name: str, **members: Any) -> None:
        made = types.ModuleType(name)
        vars(made).update(members)
        monkeypatch.setitem(sys.modules, name, made)

    record = types.SimpleNamespace
    module(
        "mediapipe",
        Image=lambda image_format, data: record(format=image_format, data=data),
        ImageFormat=record(SRGB="srgb"),
    )
    for name in ("mediapipe.tasks", "mediapipe.tasks.python", "mediapipe.tasks.python.core"):
        module(name)
    module("mediapipe.tasks.python.core.base_options", BaseOptions=record)
    module(
        "mediapipe.tasks.python.vision",
        PoseLandmarker=FakeLandmarker,
        PoseLandmarkerOptions=record,
        RunningMode=record(VIDEO="video"),
    )
    return FakeLandmarker


def test_landmarks_become_pixels_with_scores(fake: type[FakeLandmarker], tmp_path: Path) -> None:
    model = tmp_path / "m.task"
    model.touch()
    fake.people = [[Mark(x=0.5, y=0.25, visibility=j / 32) for j in range(33)]] * 2
    detector = load_detector("mediapipe", model, people=2)
    frame = np.arange(20 * 40 * 3, dtype=np.uint8).reshape(20, 40, 3)
    found = detector.detect(frame, 1.5)
    assert detector.skeleton is BLAZEPOSE_33
    assert found.shape == (2, 33, 3)
    np.testing.assert_allclose(found[1, :, :2], [[20, 5]] * 33)
    np.testing.assert_allclose(found[0, :, 2], np.arange(33) / 32)
    options, (image, milliseconds) = fake.calls
    assert (options.num_poses, options.running_mode) == (2, "video")
    assert (image.format, milliseconds) == ("srgb", 1500)
    np.testing.assert_array_equal(image.data, frame)
    detector.close()
    assert fake.calls[-1] == "closed"


def test_nobody(fake: type[FakeLandmarker], tmp_path: Path) -> None:
    fake.people = []
    found = MediaPipeLandmarker(tmp_path / "m.task").detect(np.zeros((4, 4, 3), np.uint8), 0.0)
    assert found.shape == (0, 33, 3)


def test_a_file_of_another_kind(fake: type[FakeLandmarker], tmp_path: Path) -> None:
    with pytest.raises(
        AnatomyError, match=r"expected a pose landmarker .*: Unable to open zip"
    ) as e:
        MediaPipeLandmarker(tmp_path / "broken.task")
    assert "\n" not in str(e.value)


def test_without_mediapipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    model = tmp_path / "m.task"
    model.touch()
    with pytest.raises(AnatomyError, match=r'mediapipe.*pip install "anatomy_tf\[mediapipe\]"'):
        load_detector("mediapipe", model)


def test_tensorflow_stays_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """MediaPipe imports it where it can, which takes seven seconds."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    (tmp_path / "curious.py").write_text(
        "try:\n    import tensorflow\n    found = True\n"
        "except ModuleNotFoundError:\n    found = False\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert mediapipe_module("curious").found is False
    assert "tensorflow" not in sys.modules
    there = types.ModuleType("tensorflow")
    monkeypatch.setitem(sys.modules, "tensorflow", there)
    monkeypatch.delitem(sys.modules, "curious")
    assert mediapipe_module("curious").found is True


def test_a_wheel_of_another_kind(
    fake: type[FakeLandmarker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "mediapipe.tasks.python.metadata.metadata_writers.model_asset_bundle_utils"
    for parts in (4, 5, 6):
        name = ".".join(place.split(".")[:parts])
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    wheel = tmp_path / "x.whl"
    wheel.write_bytes(b"no archive")
    with pytest.raises(AnatomyError, match=r"x.whl: expected a wheel of MediaPipe 0.10.21"):
        save_landmarker(wheel, tmp_path / "m.task")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("mediapipe/__init__.py", "")
    with pytest.raises(AnatomyError, match=r"expected a wheel .*: .*pose_detection.tflite"):
        save_landmarker(wheel, tmp_path / "m.task")


@pytest.mark.slow
def test_mediapipe_itself_follows_a_face(tmp_path: Path) -> None:
    """A portrait that matplotlib ships, moved through the picture."""
    pytest.importorskip("mediapipe")
    try:
        (model,) = model_files("mediapipe")
    except AnatomyError as error:
        pytest.skip(str(error))
    import imageio_ffmpeg
    from matplotlib import cbook, image

    with cbook.get_sample_data("grace_hopper.jpg") as file:
        portrait = np.array(image.imread(file, format="jpg"))[:600, :512]
    shifts = np.arange(20) * 8
    writer = imageio_ffmpeg.write_frames(str(tmp_path / "v.mp4"), (768, 608), fps=25, quality=9)
    writer.send(None)
    for shift in shifts:
        picture = np.full((608, 768, 3), 200, np.uint8)
        picture[:600, shift : shift + 512] = portrait
        writer.send(np.ascontiguousarray(picture))
    writer.close()
    (person,) = detect_people(tmp_path / "v.mp4", load_detector("mediapipe", model))
    nose = person.keypoints[:, BLAZEPOSE_33.index("nose")]
    # Her nose is at about (265, 235) of the portrait.
    np.testing.assert_allclose(nose[:, 0] - shifts, 265, atol=25)
    np.testing.assert_allclose(nose[:, 1], 235, atol=25)
    left, right = (
        person.keypoints[:, BLAZEPOSE_33.index(f"{s}_shoulder"), 0] for s in ("left", "right")
    )
    assert (left > right).all()
