"""Each module that is imported comes with a requirement that is declared."""

import ast
import functools
import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from declared_requirements import REPOSITORY, declared
from packaging.utils import canonicalize_name

OWN = {"anatomy_tf", "anatomy_tf_datasets", "anatomy_tf_saved_models"}
UNDECLARED = {
    # Reads a user's own PyTorch checkpoints; an extra of its own, too large for the tests'.
    "torch",
    # Likewise builds data sets on many machines.
    "apache_beam",
    "mlcroissant",
    # Find people in videos; extras of their own with two builds of OpenCV.
    "mediapipe",
    "rtmlib",
    # Reads SLEAP's own files; an extra of its own.
    "sleap_io",
    # Another backend of Keras, which a test of data parallel training asks for.
    "jax",
    # Blender, as a program of its own or its Python module.
    "bpy",
    # Fuzzes readers by hand.
    "atheris",
    # What a test asks for because it is not there.
    "no_such_package",
}


def required(*extras: str) -> set[str]:
    """Names of the distributions that the package and these extras require."""
    requirements = [*declared(), *(line for extra in extras for line in declared(extra))]
    return {canonicalize_name(requirement.name) for requirement in requirements}


@functools.cache
def imported_modules(path: Path) -> set[str]:
    """Top-level names of a file's imports and of what ``importorskip`` and the like name."""
    return set(_imported_modules(path))


def _imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            first = node.args[0]
            if called in ("importorskip", "optional_module") and isinstance(first, ast.Constant):
                yield first.value.partition(".")[0]


distributions_of_modules = functools.cache(importlib.metadata.packages_distributions)


def missing(files: list[Path], *extras: str) -> dict[str, list[str]]:
    """Modules without a declared distribution, and the files that import them."""
    distributions = distributions_of_modules()
    needed = required(*extras)
    ignored = OWN | UNDECLARED | {path.stem for path in files} | set(sys.stdlib_module_names)
    found: dict[str, list[str]] = {}
    for path in files:
        for module in imported_modules(path) - ignored:
            names = distributions.get(module, [module])
            if not needed & {canonicalize_name(name) for name in names}:
                found.setdefault(module, []).append(str(path.relative_to(REPOSITORY)))
    return found


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))


@pytest.mark.slow
def test_the_package_needs_the_core_and_drawing_the_visualization_extra() -> None:
    drawing, rest = [], []
    for path in python_files("anatomy_tf", "saved_models"):
        (drawing if "visualization" in path.parts else rest).append(path)
    assert len(drawing) > 3
    assert len(rest) > 50
    assert missing(drawing, "visualization") == {}
    # Left out or asked for where they are not: training and export, compiled streams, a picture in
    # TensorBoard, prepared data sets, another backend of Keras, C3D files, a server.
    training = {"keras", "tensorflow", "tensorboard"}
    serving = {"ray", "tensorflow_serving", "grpc", "google", "starlette", "uvicorn", "yaml"}
    others = {"numba", "llvmlite", "matplotlib", "tensorflow_datasets", "jax", "ezc3d"}
    assert set(missing(rest)) <= training | serving | others
    extras = ("train", "stream", "visualization", "datasets", "jax", "c3d", "serve")
    assert missing(rest, *extras) == {}


def test_only_training_export_and_serving_import_keras_or_tensorflow() -> None:
    light = [
        path
        for path in python_files("anatomy_tf")
        if not {"layers", "losses", "models", "training", "export", "serving"} & set(path.parts)
    ]
    found = {
        str(path.relative_to(REPOSITORY / "anatomy_tf"))
        for paths in (missing(light).get(name, []) for name in ("keras", "tensorflow"))
        for path in (REPOSITORY / path for path in paths)
    }
    # Checkpoints become Keras models; batches and the metrics of training are Keras's own classes;
    # the network can compute in Keras's arrays.
    assert found == {
        "cli/weights.py",
        "data/batches/window_batches.py",
        *(
            f"metrics/keras/{path.name}"
            for path in python_files("anatomy_tf/metrics/keras")
            if path.name != "__init__.py"
        ),
        "network/arrays.py",
        "network/weights.py",
    }


def test_data_sets_need_the_datasets_extra() -> None:
    files = python_files("datasets")
    builders = [path for path in files if not path.stem.endswith("_test")]
    assert missing(builders, "datasets") == {}
    assert missing(files, "test") == {}


@pytest.mark.slow
def test_the_tests_need_the_test_extra_and_a_browser_the_browser_extra() -> None:
    files = python_files("tests")
    assert set(missing(files, "test")) <= {"playwright"}
    assert missing(files, "test", "browser") == {}


def test_experiments_and_benchmarks_need_no_more_than_the_tests() -> None:
    assert missing(python_files("experiments", "benchmarks", "browser"), "test") == {}


def test_the_documentation_needs_the_docs_extra_and_its_figures_a_browser() -> None:
    files = python_files("docs")
    assert set(missing(files, "docs")) <= {"playwright"}
    assert missing(files, "docs", "browser") == {}


@pytest.mark.parametrize("tool", ["ruff", "mypy", "import-linter"])
def test_the_checks_of_ci_come_with_the_test_extra(tool: str) -> None:
    assert tool in required("test") - required()


def test_the_demo_draws_with_the_visualization_extra() -> None:
    assert required("demo") == required("visualization") > required()
