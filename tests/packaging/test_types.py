"""What type checkers and editors see of the installed package in a user's script."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = '''
"""A user's script, as README begins it."""

import numpy as np
from numpy.typing import NDArray

import anatomy_tf
from anatomy_tf.data import Batches, SequenceStore
from anatomy_tf.losses import compile_arguments
from anatomy_tf.metrics.keras import MPJPE


def lift(folder: str) -> NDArray[np.float64]:
    keypoints: list[anatomy_tf.KeypointSequence] = anatomy_tf.load_keypoints(
        folder, fps=30, image_size=(1920, 1080)
    )
    poses: list[anatomy_tf.PoseSequence] = anatomy_tf.Lifter.load("compact").lift_all(keypoints)
    anatomy_tf.save_poses("poses.npz", poses)
    smooth = anatomy_tf.poses.smooth(poses[0], "butterworth", 6.0)
    return anatomy_tf.metrics.mpjpe(smooth.positions, poses[1].positions)


def train(store: SequenceStore) -> anatomy_tf.AnatomyLifter:
    model = anatomy_tf.AnatomyLifter.from_preset("compact")
    model.compile(optimizer="adam", metrics={"positions": [MPJPE()]}, **compile_arguments(model))
    model.fit(Batches.for_model(model, store, batch_size=256), epochs=3)
    return model


reveal_type(anatomy_tf.Lifter.load("compact"))  # Lifter
reveal_type(anatomy_tf.AnatomyLifter.from_preset("compact"))  # AnatomyLifter
reveal_type(anatomy_tf.metrics.keras.PCK())  # PCK
reveal_type(anatomy_tf.training.train)  # TrainingResult
'''
MISTAKES = """
import anatomy_tf
from anatomy_tf.training import trains

anatomy_tf.Liftr
anatomy_tf.Lifter.load("compact").lift("json/")
anatomy_tf.models.VideoPoses
"""
CHECKERS = {
    "mypy": ["mypy", "--no-color-output", "--python-executable"],
    # Pyright's analysis, which editors use, with a Node.js of its own.
    "basedpyright": ["basedpyright", "--pythonpath"],
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment where the package is installed, outside the repository."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    (packages / "anatomy_tf").symlink_to(REPOSITORY / "anatomy_tf")
    others = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "others.pth").write_text("\n".join(others))
    return folder / "bin" / "python"


@pytest.fixture(scope="module", params=CHECKERS)
def printed(
    request, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """The lines that a checker prints of each of the two scripts."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "standard"}')
    scripts = {"script": SCRIPT, "mistakes": MISTAKES}
    for name, content in scripts.items():
        (folder / f"{name}.py").write_text(content)
    command = [sys.executable, "-m", *CHECKERS[request.param], str(python)]
    result = subprocess.run(
        [*command, *(f"{name}.py" for name in scripts)], capture_output=True, text=True, cwd=folder
    )
    assert not result.stderr, result.stderr
    return {
        name: [line for line in result.stdout.splitlines() if f"{name}.py:" in line]
        for name in scripts
    }


def line_number(line: str) -> int:
    """The line of a script that a printed line is of."""
    return int(line.partition(".py:")[2].partition(":")[0])


def test_a_users_script_has_types_and_no_errors(printed):
    assert not [line for line in printed["script"] if "error" in line]
    revealed = {line_number(line): line.rpartition(" is ")[2] for line in printed["script"]}
    expected = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(SCRIPT.splitlines(), 1)
        if line.startswith("reveal_type")
    }
    assert len(expected) == 4
    assert revealed.keys() == expected.keys()
    for number, name in expected.items():
        assert name in revealed[number]


def test_names_that_are_not_there_and_wrong_types_are_errors(printed):
    errors = [line_number(line) for line in printed["mistakes"] if "error" in line]
    assert errors == [3, 5, 6, 7]
