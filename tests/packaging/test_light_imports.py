"""What needs no network starts without Keras and TensorFlow. (Seconds are for benchmarks.)"""

import json
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
    "anatomy_tf.formats.poses.joint_rotations",
    "anatomy_tf.poses",
    "anatomy_tf.data",
    "anatomy_tf.data.batches.store",
    "anatomy_tf.models",
    "anatomy_tf.network.estimate",
    "anatomy_tf.inference.lifter",
    "anatomy_tf.inference.streaming",
    "anatomy_tf.visualization",
    "anatomy_tf.serving.application",
    "anatomy_tf.serving.grpc_services",
    "anatomy_tf_datasets",
    "anatomy_tf_saved_models",
)
HEAVY = {"keras", "tensorflow", "matplotlib", "numba", "ray", "pybvh"}
pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "datasets/samples/balancing/keypoints.npz"


def imported(*command: str) -> set[str]:
    """The top-level modules that a Python command imports."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *command], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    lines = (line for line in result.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """What is loaded after each import, one after the other in one process."""
    program = (
        "import importlib, json, sys\n"
        f"for name in {LIGHT}:\n"
        "    importlib.import_module(name)\n"
        f"    print(json.dumps([name, sorted({HEAVY} & set(sys.modules))]))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return dict(map(json.loads, result.stdout.splitlines()))


@pytest.mark.parametrize("module", LIGHT)
def test_import_loads_neither_keras_nor_tensorflow(
    module: str, loaded: dict[str, list[str]]
) -> None:
    assert loaded[module] == []


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
        "light = ('errors', 'extras', 'keras_classes', 'startup_notes')\n"
        "light = {f'anatomy_tf.{name}' for name in light}\n"
        "assert set(before) == light, before\n"
        "assert 'anatomy_tf.skeletons' in sys.modules\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_lifting_and_converting_load_neither_keras_nor_tensorflow_nor_a_filter(
    tmp_path: Path,
) -> None:
    command = str(Path(sysconfig.get_path("scripts")) / "anatomy-tf")
    poses, motion = str(tmp_path / "poses.npz"), str(tmp_path / "motion.bvh")
    for arguments in (
        ("lift", str(SAMPLE), "--output", poses),
        ("convert", poses, motion, "--person", "0"),
    ):
        modules = imported(command, *arguments)
        assert "anatomy_tf" in modules
        assert not modules & HEAVY
    assert Path(motion).is_file()


@pytest.mark.parametrize(
    ("program", "extra"),
    [
        ("import anatomy_tf.models; anatomy_tf.models.AnatomyLifter", "train"),
        ("from anatomy_tf.layers import JointShift", "train"),
        ("from anatomy_tf.export import export_saved_model", "train"),
        ("from anatomy_tf.cli.main import main; raise SystemExit(main(['info', 'compact']))", ""),
        ("from anatomy_tf.cli.main import main; raise SystemExit(main(['train', 'x.py']))", ""),
    ],
)
def test_without_keras_one_line_says_what_to_install(program: str, extra: str) -> None:
    hidden = "import sys; sys.modules.update(keras=None, tensorflow=None)\n"
    result = subprocess.run(
        [sys.executable, "-c", hidden + program], capture_output=True, text=True
    )
    if not extra:
        assert "Traceback" not in result.stderr, result.stderr
        return
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("anatomy_tf.errors.AnatomyError: this needs")
    assert last.endswith(f'pip install "anatomy_tf[{extra}]"')
