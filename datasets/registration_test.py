"""What TFDS knows and reads after ``import anatomy_tf_datasets``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("importlib_resources")

from anatomy_tf.data.datasets.prepared import load_prepared, prepared_folder
from anatomy_tf.extras import is_installed
from anatomy_tf_datasets import BUILDERS
from anatomy_tf_datasets.cmu_mocap.cmu_mocap_dataset_builder import Builder
from anatomy_tf_datasets.preparation import build, prepare

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parent
CMU = FOLDER / "cmu_mocap/dummy_data"

LOADS = """
import sys
{imports}
names = [tfds.builder(name, data_dir=sys.argv[1]).name for name in anatomy_tf_datasets.BUILDERS]
assert names == list(anatomy_tf_datasets.BUILDERS), names
assert set(names) <= set(tfds.list_builders())
human36m = tfds.builder("human36m/cpn", data_dir=sys.argv[1]).info
assert human36m.features["action"].names[:2] == ["Directions", "Discussion"]
assert human36m.features["subject"].num_classes == 7
assert str(human36m.version) in human36m.release_notes
activity = tfds.builder("mpi_inf_3dhp", data_dir=sys.argv[1]).info.features["activity"]
assert activity.feature.int2str(6) == "Sports"
source = tfds.data_source("cmu_mocap/ground_truth", data_dir=sys.argv[1], split="test")
print(len(source), source[3]["positions"].shape)
"""


@pytest.fixture(scope="module")
def in_any_order(tmp_path_factory):
    """A data directory with a data set in the format that is read in any order."""
    if not is_installed("array_record"):
        pytest.skip("TFDS brings array_record on Linux only")
    directory = tmp_path_factory.mktemp("any_order")
    builder = Builder(config="ground_truth", data_dir=directory, file_format="array_record")
    build(builder, CMU, directory / "downloads")
    return directory


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    directory = tmp_path_factory.mktemp("data")
    prepare("cmu_mocap/ground_truth", CMU, directory, workers=1)
    return directory


def test_every_folder_of_a_builder_is_registered():
    folders = {path.parent.name for path in FOLDER.glob("*/*_dataset_builder.py")}
    assert folders == set(BUILDERS)


@pytest.mark.parametrize(
    "imports",
    [
        "import anatomy_tf_datasets\nimport tensorflow_datasets as tfds",
        "import tensorflow_datasets as tfds\nimport anatomy_tf_datasets",
    ],
)
def test_tfds_knows_the_builders_and_reads_in_any_order(imports, in_any_order):
    program = [sys.executable, "-c", LOADS.format(imports=imports), in_any_order]
    result = subprocess.run(program, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split("\n")[-2] == "8 (6, 17, 3)"


MODULES = sorted(
    "anatomy_tf_datasets." + ".".join(path.relative_to(FOLDER).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if path.name != "__init__.py" and not path.name.endswith("_test.py")
)
FIRST = """
import importlib, os, sys, traceback
import tensorflow  # once, as it takes longer than the rest
for module in sys.argv[1:]:
    if os.fork() == 0:
        try:
            importlib.import_module(module)
            names = ("tensorflow_datasets", "anatomy_tf_datasets")
            tfds, datasets = (sys.modules.get(name) for name in names)
            assert tfds is None or set(datasets.BUILDERS) <= set(tfds.list_builders())
        except BaseException:
            print(module, traceback.format_exc(), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
failed = sum(os.wait()[1] != 0 for _ in sys.argv[1:])
sys.exit(failed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_any_module_may_be_the_first_that_is_imported():
    """As ``anatomy-tf data prepare`` does, where nobody has imported TFDS before."""
    result = subprocess.run([sys.executable, "-c", FIRST, *MODULES], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_both_formats_load_alike(data, in_any_order):
    name = "cmu_mocap/ground_truth"
    one, other = (load_prepared(prepared_folder(name, folder)) for folder in (data, in_any_order))
    assert one.clips == other.clips and one.cameras == other.cameras
    np.testing.assert_array_equal(one.keypoints, other.keypoints)


def test_tfds_build(data, tmp_path):
    """The command of TFDS (extra ``beam``) makes the same data set."""
    pytest.importorskip("apache_beam")
    pytest.importorskip("mlcroissant")
    command = shutil.which("tfds", path=str(Path(sys.executable).parent))
    assert command is not None
    result = subprocess.run(
        [
            *(command, "build", "cmu_mocap/ground_truth", "--imports", "anatomy_tf_datasets"),
            *("--data_dir", str(tmp_path), "--manual_dir", str(CMU)),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    built, prepared = (
        load_prepared(prepared_folder("cmu_mocap/ground_truth", folder))
        for folder in (tmp_path, data)
    )
    assert built.clips == prepared.clips and built.cameras == prepared.cameras
    np.testing.assert_array_equal(built.keypoints, prepared.keypoints)
