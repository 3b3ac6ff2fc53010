import shutil
import subprocess

import numpy as np
import pytest
from plain_view import plain_view

from anatomy_tf.data.batches.store import SequenceStore
from anatomy_tf.errors import AnatomyError
from anatomy_tf.evaluation import Scores, ScoreTable, WorstFrame, frame_errors, pck_curve
from anatomy_tf.evaluation.frame_errors import worst_frames
from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.table import legend


def a_store(frames=(3, 2)):
    views = [plain_view(3, valid=np.array([True, False, True])), plain_view(2)]
    return SequenceStore.from_views(views)


def test_errors_of_frames_are_millimetres_and_nan_where_not_valid():
    predictions = [np.zeros((3, 17, 3)), np.zeros((2, 17, 3))]
    predictions[0][:, :, 0] = np.array([[0.01], [9], [0.03]])
    predictions[1][1, 0, 2] = 0.17
    first, second = frame_errors(predictions, a_store())
    np.testing.assert_allclose(first, [10, np.nan, 30])
    np.testing.assert_allclose(second, [0, 10])
    with pytest.raises(AnatomyError, match="each of 2 sequences"):
        frame_errors(predictions[:1], a_store())


def test_worst_frames_are_apart():
    errors = [np.array([5.0, 9, 8, 1, 7]), np.array([np.nan, 6])]
    assert worst_frames(errors, 4, apart=2) == [
        WorstFrame(0, 1, 9),
        WorstFrame(0, 4, 7),
        WorstFrame(1, 1, 6),
    ]
    assert [w.error for w in worst_frames(errors, 9, apart=1)] == [9, 8, 7, 6, 5, 1]
    with pytest.raises(AnatomyError, match="at least one"):
        worst_frames(errors, 0)


def test_pck_curve_counts_strictly_below():
    curve = pck_curve([[0, 10], [20, 40]], (0, 10, 10.5, 50))
    np.testing.assert_allclose(curve, [0, 25, 50, 100])
    for errors in ([], [np.nan]):
        with pytest.raises(AnatomyError, match="at least one joint error"):
            pck_curve(errors)


def test_latex_is_escaped_and_has_a_cell_a_column():
    values = {measure.key: 12.34 for measure in MEASURES} | {"mpjve": float("nan")}
    rows = {r"50% & more_less {a} \x": Scores(7, 1, values)}
    table = ScoreTable("Ours #1", {"action": rows, "overall": rows}, ("flip: no, a < b",))
    lines = table.to_latex().splitlines()
    body = [line for line in lines if line.rstrip().endswith(r"\\")]
    assert len(body) == 4
    for line in body:
        assert line.replace(r"\&", "").count("&") == 1 + len(MEASURES)
    assert r"50\% \& more\_less \{a\} \textbackslash{}x & 7 & 12.3 &" in body[2]
    assert "& -- &" in body[2]
    assert rf"\begin{{tabular}}{{@{{}}l{'r' * (1 + len(MEASURES))}@{{}}}}" in table.to_latex()
    assert r"\caption{Ours \#1}" in table.to_latex()
    assert r"flip: no, a \textless{} b\par" in table.to_latex()
    assert "mm/f\\textsuperscript{2}" in table.to_latex()
    assert table.to_latex().isascii()


@pytest.mark.slow
def test_latex_compiles_and_is_no_wider_than_the_text(tmp_path):
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        pytest.skip("no pdflatex on PATH (Debian: texlive-latex-base)")
    values = {measure.key: 123.45 for measure in MEASURES} | {"mpjve": float("nan")}
    rows = {
        "Sitting_Down & Up": Scores(9999, 1, values),
        "Größe ~ <50%> ^2 \\": Scores(7, 1, values),
    }
    model = f"/home/{'/'.join(['a_long_name'] * 12)}/best.keras"
    table = ScoreTable(f"Evaluation of {model}", {"action": rows}, (f"model: {model}", legend()))
    text = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}"
    (tmp_path / "t.tex").write_text(f"{text}\n{table.to_latex()}\\end{{document}}\n", "utf-8")
    program = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    run = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout and (tmp_path / "t.pdf").stat().st_size
