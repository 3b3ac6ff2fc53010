"""Tables of scores for papers."""

import re
import shutil
import subprocess

import pytest

from anatomy_tf.evaluation import Scores, ScoreTable
from anatomy_tf.evaluation.measures import MEASURES
from anatomy_tf.evaluation.table import legend


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
    opened, closed = (re.findall(rf"\\{w}{{(\w+)}}", table.to_latex()) for w in ("begin", "end"))
    assert opened == closed[::-1] == ["table", "tabular"]


def test_csv_has_a_line_a_row():
    rows = {"Ours": Scores(7, 1, {measure.key: 0.1 for measure in MEASURES})}
    head, row, end = ScoreTable("Ours", {"overall": rows}, ()).to_csv().split("\n")
    assert head == ",".join(["kind", "name", "frames", "sequences", *(m.key for m in MEASURES)])
    assert row == "overall,Ours,7,1" + len(MEASURES) * ",0.1" and not end


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
