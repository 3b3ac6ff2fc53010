"""The wheel holds all that the package reads, and works from where it is unpacked."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import anatomy_tf

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = {
    "anatomy_tf": "anatomy_tf",
    "datasets": "anatomy_tf_datasets",
    "saved_models": "anatomy_tf_saved_models",
}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Built from a copy, for what an earlier build left behind would go into the wheel.
    source = tmp_path_factory.mktemp("source")
    for folder in FOLDERS:
        shutil.copytree(
            REPOSITORY / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / file, source)
    target = tmp_path_factory.mktemp("wheel")
    result = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", target, source],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("folder", FOLDERS)
def test_it_holds_every_file_but_test_data(folder: str, unpacked: Path) -> None:
    expected = files_in(REPOSITORY / folder)
    assert len(expected) > 0
    assert files_in(unpacked / FOLDERS[folder]) == expected


def files_in(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "dummy_data"} & set(path.parts)
    }


def test_it_holds_nothing_beside_the_packages(unpacked: Path) -> None:
    beside = {path.name for path in unpacked.iterdir()} - set(FOLDERS.values())
    assert beside == {f"anatomy_tf-{anatomy_tf.__version__}.dist-info"}


@pytest.mark.parametrize(
    "kind",
    [
        "anatomy_tf/py.typed",
        "anatomy_tf/visualization/viewer/page/viewer.html",
        "anatomy_tf_datasets/samples/*/keypoints.npz",
        "anatomy_tf_saved_models/*/model.keras",
    ],
)
def test_it_holds_what_the_demo_reads(kind: str, unpacked: Path) -> None:
    assert list(unpacked.glob(kind))


def test_its_metadata(unpacked: Path) -> None:
    (folder,) = unpacked.glob("*.dist-info")
    facts = email.message_from_string((folder / "METADATA").read_text(encoding="utf-8"))
    assert facts["Name"] == "anatomy_tf"
    assert facts["Version"] == anatomy_tf.__version__
    assert facts["Requires-Python"] == ">=3.11"
    assert facts["License-Expression"] == "MIT"
    assert facts["Description-Content-Type"] == "text/markdown"
    assert (folder / "licenses" / "LICENSE").is_file()
    assert "anatomy-tf = anatomy_tf.__main__:main" in (folder / "entry_points.txt").read_text()


def test_it_works_from_where_it_is_unpacked(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import anatomy_tf, anatomy_tf_datasets, anatomy_tf_saved_models\n"
        "for package in (anatomy_tf, anatomy_tf_datasets, anatomy_tf_saved_models):\n"
        f"    assert package.__file__.startswith({str(unpacked)!r}), package.__file__\n"
        "from anatomy_tf.cli.main import main\n"
        f"assert main(['demo', '--output', {str(tmp_path)!r}]) == 0\n"
    )
    # PYTHONPATH comes before the editable installation of the repository.
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "viewer.html").stat().st_size > 10_000
