"""The notebooks run, and the two forms of each are one."""

import os
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "experiments" / "notebooks"
FILES = sorted(NOTEBOOKS.glob("*.py"))
SAYS = {
    "evaluate_and_plot": "frames of 1 people to evaluate on",
    "export_and_serve": "served: 0.00",
    "lift_your_keypoints": "(100, 17, 3) metres",
    "stream_from_a_camera": "20 frames pushed, 4 poses",
    "train_with_model_fit": "frames to train on",
}
"""What each prints on its way."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ipynb_holds_the_same_cells_and_their_outputs(path: Path) -> None:
    written = jupytext.read(path.with_suffix(".ipynb"))
    expected = jupytext.read(path)
    assert [(cell.cell_type, cell.source) for cell in written.cells] == [
        (cell.cell_type, cell.source) for cell in expected.cells
    ], f"make it again (experiments/README.md): experiments/notebooks/{path.name}"
    code = [cell for cell in written.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert outputs
    for output in outputs:
        # Neither errors nor other programs' log lines, which are taken out.
        assert output.output_type in ("display_data", "execute_result", "stream")
        assert output.get("name") != "stderr", output.text
    assert path.with_suffix(".ipynb").stat().st_size < LARGEST


LARGEST = 300_000
"""Bytes of a notebook with its outputs."""

NEEDS = {"export_and_serve": ("ai_edge_litert", "onnxruntime", "tf2onnx", "ray")}
"""Modules of extras."""


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    for module in NEEDS.get(path.stem, ()):
        pytest.importorskip(module)
    result = subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "ANATOMY_TF_NOTEBOOK": "tiny", "MPLBACKEND": "agg"},
    )
    assert result.returncode == 0, result.stderr
    assert SAYS[path.stem] in result.stdout
    assert not list(tmp_path.iterdir())
