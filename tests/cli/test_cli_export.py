from pathlib import Path

import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.export import inspect_model
from anatomy_tf.models import VideoPose

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.keras"
    VideoPose(filter_widths=(3,), channels=4).save(path)
    return path


def run(*arguments: object) -> int:
    return main(["export", *map(str, arguments)])


def test_a_saved_model(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "served" / "tiny"
    assert run(model, "--to", "savedmodel", "--output", folder, "--licence", "CC0") == 0
    assert f"tiny as savedmodel in {folder / '1'}, " in capsys.readouterr().out
    assert inspect_model(folder)["licence"] == "CC0"


def test_a_file_in_a_folder_or_by_its_name(model: Path, tmp_path: Path) -> None:
    assert run(model, "--to", "onnx", "--output", tmp_path / "new") == 0
    assert run(model, "--to", "onnx", "--output", tmp_path / "other.onnx", "--no-flip") == 0
    found = [inspect_model(tmp_path / name) for name in ("new/tiny.onnx", "other.onnx")]
    assert [f["flip_averaged"] for f in found] == [True, False]
    assert [f["name"] for f in found] == ["tiny", "other"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--to", "onnx", "--frames", "9"), "frames: not an option of this format"),
        (("--to", "savedmodel", "--stream"), "stream: not an option of this format"),
        (("--to", "onnx", "--quantize", "int8"), "quantize: not an option of this format"),
    ],
)
def test_refused_in_one_line(
    model: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    message: str,
) -> None:
    assert run(model, *options, "--output", tmp_path / "out") == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert message in line
    assert list(tmp_path.iterdir()) == []


def test_a_missing_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("nobody", "--to", "onnx", "--output", tmp_path) == 2
    assert "no model 'nobody'" in capfd.readouterr().err
