"""A few seconds of coverage-guided fuzzing of each reader, where atheris is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris")

READERS = (
    *("plain_pickle", "npz", "recording_csv", "recording_json", "recording_npz"),
    *("camera_toml", "camera_yaml", "camera_xml", "camera_json"),
    *("camera_parameters", "asf", "amc", "human36m_metadata", "human36m_cdf"),
    *("mpi_inf_3dhp_train", "mpi_inf_3dhp_test", "mpi_inf_3dhp_calibration"),
)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_a_short_run_finds_nothing(reader, tmp_path):
    program = Path(__file__).with_name("fuzz_readers.py")
    options = ["-max_total_time=10", "-rss_limit_mb=2048", "-timeout=10"]
    run = subprocess.run(
        [sys.executable, str(program), reader, *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "Done" in run.stderr
