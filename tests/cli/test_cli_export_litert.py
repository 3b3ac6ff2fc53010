from pathlib import Path

import pytest

from anatomy_tf.cli.main import main
from anatomy_tf.formats import load_keypoints
from anatomy_tf.inference import LiteRTLifter
from anatomy_tf.models import VideoPose

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "datasets/samples/balancing/keypoints.npz"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny.keras"
    VideoPose(filter_widths=(3, 3), channels=8).save(path)
    return path


def run(*arguments: object) -> int:
    return main(["export", *map(str, arguments)])


def test_a_file_whose_ranges_are_of_a_recording(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ("--quantize", "int8", "--frames", 20, "--representative", SAMPLE)
    assert run(model, "--to", "litert", "--output", tmp_path, *chosen) == 0
    path = tmp_path / "tiny.tflite"
    assert f"tiny as litert in {path}, " in capsys.readouterr().out
    assert main(["info", str(path)]) == 0
    printed = capsys.readouterr().out
    for words in ("LiteRT", "int8", "human36m_17", "VideoPose"):
        assert words in printed
    keypoints = load_keypoints(SAMPLE)[0]
    assert LiteRTLifter(path).lift(keypoints).positions.shape == (len(keypoints), 17, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--representative", "none.npz"), "none.npz: no such file"),
        (("--frames", "5"), "at least the receptive field, 9"),
        (("--stream",), "causal"),
    ],
)
def test_refused_in_one_line(
    model: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    message: str,
) -> None:
    output = tmp_path / "tiny.tflite"
    assert run(model, "--to", "litert", "--output", output, *options) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert message in line
    assert list(tmp_path.iterdir()) == []
