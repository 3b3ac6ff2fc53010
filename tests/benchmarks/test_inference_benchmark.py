"""The benchmark of this machine runs at a small size, and what it times agrees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "inference.py"
FORMS = {"frame_by_frame", "windows", "shared", "streaming", "video_pose"}
SMALL = (
    "--frames=30 --slow-frames=12 --stream-frames=10 --channels=8 --rounds=1 --batch-size=8 "
    "--training-steps=2 --training-seconds=1 --pipeline-frames=2000 --memory-frames=400 "
    "--filter-widths 3 3"
)


@pytest.mark.slow
def test_every_row_is_measured_and_the_forms_agree() -> None:
    command = [sys.executable, str(PROGRAM), "--json", *SMALL.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result["frames_per_second"]) == set(result["fraction_of_ceiling"]) == FORMS
    assert min(result["frames_per_second"].values()) > 0
    assert min(result["ceiling_gflops"].values()) > 0
    assert set(result["largest_difference"]) == FORMS - {"windows"}
    assert max(result["largest_difference"].values()) < 1e-5
    stream = result["stream_ms"]
    assert 0 < stream["p50"] <= stream["p95"] <= stream["p99"]
    steps, samples = (result["training"][f"{what}_per_second"] for what in ("steps", "samples"))
    assert samples["median"] == pytest.approx(8 * steps["median"], rel=0.01)
    assert result["data_pipeline"]["windows_per_second"]["median"] > 0
    assert result["memory"]["peak_mb"] >= result["memory"]["ready_mb"] > 0
    assert result["precision"].startswith("not run here")
