import hashlib
import stat
import sys
from pathlib import Path

import pytest

from anatomy_tf.detection.model_files.pip_wheel import pip_wheel
from anatomy_tf.errors import AnatomyError

WHEEL = b"a wheel"
SHA256 = hashlib.sha256(WHEEL).hexdigest()


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in of Python whose pip writes its arguments and a wheel."""
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n'
        'while [ "$1" != --dest ]; do shift; done\n'
        f"printf 'a wheel' > \"$2/x-1-py3-none-any.whl\"\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def test_a_wheel_is_there_for_a_while(pip: Path) -> None:
    with pip_wheel("x==1", SHA256, ("--platform", "any")) as wheel:
        assert wheel.read_bytes() == WHEEL
    assert not wheel.exists()
    asked = pip.with_name("asked").read_text().split()
    assert asked[:5] == ["-P", "-m", "pip", "download", "--no-deps"]
    assert asked[-3:] == ["--platform", "any", "x==1"]


def test_another_wheel_is_refused(pip: Path) -> None:
    wheel = pip_wheel("x==1", "0" * 64)
    with pytest.raises(AnatomyError, match=rf"expected SHA-256 0+, got {SHA256}"), wheel:
        pass


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'WARNING: x' >&2; echo 'ERROR: no index' >&2; exit 1", "ERROR: no index"),
        ("echo 'No module named pip' >&2; exit 1", "No module named pip"),
        ("exit 3", "exit code 3"),
        ("exit 0", "exit code 0"),
    ],
)
def test_what_pip_cannot_fetch_is_one_line(pip: Path, script: str, reason: str) -> None:
    pip.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(AnatomyError) as error, pip_wheel("x==1", SHA256):
        pass
    assert str(error.value) == f"x==1: pip does not fetch it ({reason})"


def test_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/python")
    wheel = pip_wheel("x==1", SHA256)
    with pytest.raises(AnatomyError, match="x==1: pip does not fetch it"), wheel:
        pass
