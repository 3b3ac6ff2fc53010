import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import anatomy_tf
from anatomy_tf.cli import doctor
from anatomy_tf.cli.main import main
from anatomy_tf.errors import AnatomyError
from anatomy_tf.inference import self_check, shipped_models


def test_it_shows_versions_extras_and_models_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = {line.split()[0]: line.split()[1] for line in out.splitlines() if line[:2] == "  "}
    assert found["anatomy_tf"] == anatomy_tf.__version__
    assert found["Python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert found["keras"] == importlib.metadata.version("keras")
    # What the tests import is installed.
    assert found["test"] == "installed"
    assert set(shipped_models()) <= set(found)
    assert out.splitlines()[-1].startswith("Self-check passed: the sample was lifted in ")


@pytest.mark.slow
def test_it_imports_neither_keras_nor_tensorflow() -> None:
    program = (
        "import sys\n"
        "from anatomy_tf.cli.main import main\n"
        "assert main(['doctor']) == 0\n"
        "print({'keras', 'tensorflow', 'matplotlib', 'numba'} & set(sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "set()"


def test_a_failed_self_check_is_one_line_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise AnatomyError("the sample differs by 3 mm")

    monkeypatch.setattr(self_check, "self_check", fail)
    assert main(["doctor"]) == 2
    out, err = capsys.readouterr()
    assert "Self-check" not in out
    assert err == ("anatomy-tf: error: the self-check failed: the sample differs by 3 mm\n")


def test_what_an_installed_version_lacks() -> None:
    assert doctor.lack("numpy", ">=2.0") == ""
    assert doctor.lack("no-such-package", ">=1") == "no-such-package"
    assert doctor.lack("numpy", "<1") == f"numpy<1 (version {np.__version__} is installed)"


class Metadata:
    """What a package states of itself, as far as extras are concerned."""

    def get_all(self, name: str) -> list[str] | None:
        return {
            "Requires-Dist": [
                "no-such-core-package",
                'numpy>=2; extra == "fine"',
                'numpy>=2; extra == "short"',
                'no-such-package>=1; extra == "short"',
                'anatomy_tf[fine,short]; extra == "both"',
                'anatomy-tf[both]; extra == "all"',
                'anatomy-tf[fine]; extra == "other-name"',
                'no-such-package>=1; extra == "absent"',
                'no-such-system-package; sys_platform == "none" and extra == "fine"',
            ],
            "Provides-Extra": ["fine", "short", "all", "other-name", "absent"],
        }.get(name)


def test_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "metadata", lambda _: Metadata())
    assert list(doctor.extras()) == [
        ("fine", "installed"),
        ("short", 'lacks no-such-package: pip install "anatomy_tf[short]"'),
        ("all", 'lacks no-such-package: pip install "anatomy_tf[all]"'),
        ("other-name", "installed"),
        ("absent", 'not installed: pip install "anatomy_tf[absent]"'),
    ]


def test_a_package_that_is_not_installed_has_no_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "metadata", fail)
    assert list(doctor.extras()) == [
        ("none", "the package runs from a folder and is not installed")
    ]


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'GPU 0: NVIDIA H100 (UUID: GPU-1)'", "GPU 0: NVIDIA H100"),
        ("exit 9", "none found by nvidia-smi"),
        (None, "not looked for: there is no nvidia-smi"),
    ],
)
def test_gpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, expected: str
) -> None:
    if script is None:
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        program(tmp_path, monkeypatch, script)
    assert doctor.nvidia_gpus() == expected


def test_fetched_detectors_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANATOMY_TF_CACHE", str(tmp_path))
    folder = tmp_path / "detectors"
    assert dict(doctor.models())["detectors"] == f"none fetched  {folder}"
    folder.mkdir()
    (folder / "a.task").touch()
    (folder / "a.task.json").touch()
    assert dict(doctor.models())["detectors"] == f"a.task  {folder}"
