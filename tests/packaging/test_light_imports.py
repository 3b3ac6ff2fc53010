"""What needs no network starts without Keras and TensorFlow. (Seconds are for benchmarks.)"""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

LIGHT = (
    "anatomy_tf",
    "anatomy_tf.skeletons",
    "anatomy_tf.anatomy",
    "anatomy_tf.cameras",
    "anatomy_tf.sequences",
    "anatomy_tf.formats",
    "anatomy_tf.data",
    "anatomy_tf.visualization",
    "anatomy_tf.serving.application",
    "anatomy_tf.serving.grpc_services",
    "anatomy_tf_datasets",
    "anatomy_tf_saved_models",
)
HEAVY = {"keras", "tensorflow", "matplotlib"}


def imported(*command: str) -> set[str]:
    """The top-level modules that a Python command imports."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *command], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    lines = (line for line in result.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("module", LIGHT)
def test_import_loads_neither_keras_nor_tensorflow(module: str) -> None:
    modules = imported("-c", f"import {module}")
    assert module.partition(".")[0] in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_installed_command_loads_neither_keras_nor_tensorflow(option: str) -> None:
    command = Path(sysconfig.get_path("scripts")) / "anatomy-tf"
    modules = imported(str(command), option)
    assert "anatomy_tf" in modules
    assert not modules & HEAVY


def test_the_package_itself_loads_no_room_before_it_is_named() -> None:
    program = (
        "import sys, anatomy_tf\n"
        "before = [m for m in sys.modules if m.startswith('anatomy_tf.')]\n"
        "anatomy_tf.Skeleton\n"
        "assert before == [], before\n"
        "assert 'anatomy_tf.skeletons' in sys.modules\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
