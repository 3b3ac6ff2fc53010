import importlib
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

import anatomy_tf
from anatomy_tf.__main__ import main as command
from anatomy_tf.cli import main as cli
from anatomy_tf.cli.parameters import parameters
from anatomy_tf.errors import AnatomyError


def fail(path: Path) -> None:
    """Fails.

    Args:
        path: named in the message.
    """
    raise AnatomyError(f"{path}: expected one line,\n  got   two")


def say() -> None:
    """Says more than a pipe or buffer holds."""
    for _ in range(20_000):
        print("anatomy " * 10)


def look() -> None:
    """Fails at a file that the system refuses."""
    (Path("/") / ("x" * 300)).exists()


def interrupt() -> None:
    """Is interrupted."""
    raise KeyboardInterrupt


def gone() -> None:
    """Looks for a current folder that was removed."""
    raise FileNotFoundError(2, "No such file or directory")


def broken() -> None:
    """Imports a module of the package that is not there."""
    raise ModuleNotFoundError("No module named 'anatomy_tf.gone'", name="anatomy_tf.gone")


def hang_up() -> None:
    """Loses its terminal."""
    os.kill(os.getpid(), signal.SIGHUP)


def warn() -> None:
    """Warns, and has a file that could take the place of a closed standard stream."""
    with Path(__file__).open() as file:
        assert file.fileno() > 2
        print("a warning", file=sys.stderr)


def fine() -> None:
    """Does nothing."""


def all_verbs() -> list[list[str]]:
    """Return the words of each verb, those below a verb too."""
    words: list[list[str]] = []
    for verb, place in cli.VERBS.items():
        below = [[verb, name] for name in place.verbs] if isinstance(place, cli.Group) else [[verb]]
        words += below
    return words


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {
        f.__name__: f"{__name__}:{f.__name__}"
        for f in (fail, interrupt, fine, say, look, gone, broken, hang_up)
    }
    monkeypatch.setattr(cli, "VERBS", table)


@pytest.mark.usefixtures("verbs")
def test_bad_input_is_one_line_and_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fail", "--path", "a.npz"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "anatomy-tf: error: a.npz: expected one line, got two\n")


@pytest.mark.usefixtures("verbs")
def test_what_the_system_refuses_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["look"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("x: cannot be read or written (File name too long)\n")
    assert err.count("\n") == 1
    assert cli.main(["gone"]) == 2
    assert "error: current folder: cannot be read" in capsys.readouterr().err


@pytest.mark.usefixtures("verbs")
def test_a_fault_of_the_package_shows() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"anatomy_tf\.gone"):
        cli.main(["broken"])


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import test_cli_main as tests
from anatomy_tf.cli import main as cli
cli.VERBS = {f: f"test_cli_main:{f}" for f in ("fine", "fail", "say", "warn")}
sys.exit(cli.main(sys.argv[2:]))
"""


def run(output: str, *arguments: str) -> tuple[int, str]:
    """Return exit code and standard error of a command whose output goes somewhere in a shell."""
    line = '"$0" -c "$1" "$2" "${@:4}" ' + output + "; exit ${PIPESTATUS[0]}"
    command = [
        "bash",
        "-c",
        line,
        sys.executable,
        PROGRAM,
        str(Path(__file__).parent),
        "",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.slow
def test_closed_pipes_and_full_outputs_end_quietly() -> None:
    assert run("| head -c 10 > /dev/null", "say") == (141, "")
    full = (
        "anatomy-tf: error: standard output: cannot be read or written (No space left on device)\n"
    )
    assert run("> /dev/full", "say") == (2, full)
    assert run("> /dev/full", "--version") == (2, full)
    assert run("> /dev/full", "--help") == (2, full)
    assert run("2> /dev/full", "fail", "--path", "x") == (2, "")
    assert run(">&-", "fine") == (0, "")
    # What was meant for standard error does not go to standard output, which is `1` here.
    assert run("1>&2 2>&-", "warn") == (0, "")
    assert run("<&- >&- 2>&-", "warn") == (0, "")


@pytest.mark.usefixtures("verbs")
def test_interruption_is_code_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["interrupt"]) == 130
    assert capsys.readouterr().err == "anatomy-tf: interrupted\n"


def test_interruption_of_the_imports_is_code_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *more: object) -> None:
            if name == cli.__name__:
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, cli.__name__)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    assert command() == 130
    assert capsys.readouterr().err == "anatomy-tf: interrupted\n"


@pytest.mark.usefixtures("verbs")
@pytest.mark.parametrize(("handler", "code"), [(signal.SIG_DFL, 129), (signal.SIG_IGN, 0)])
def test_a_lost_terminal_ends_a_command_that_nohup_did_not_start(
    handler: signal.Handlers, code: int
) -> None:
    before = signal.signal(signal.SIGHUP, handler)
    try:
        assert cli.main(["hang_up"]) == code
        assert signal.getsignal(signal.SIGHUP) == handler
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("verbs")
def test_success_is_code_0() -> None:
    assert cli.main(["fine"]) == 0


@pytest.mark.usefixtures("verbs")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            [],
            "expected one of fail, interrupt, fine, say, look, gone, broken, hang_up; see",
        ),
        (["walk"], "unknown command walk; anatomy-tf --help lists the commands"),
        (["bork"], "unknown command bork; did you mean broken? anatomy-tf --help lists"),
        (["--walk", "fine"], "unknown option --walk; anatomy-tf --help lists the options"),
        (["fail"], "anatomy-tf fail: missing --path; see anatomy-tf fail --help"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    err = capsys.readouterr().err
    assert told in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("lift clip.json -f 30", "unknown option -f; "),
        ("lift --speed 2 clip.json", "unknown option --speed; anatomy-tf lift --help"),
        ("lift keypoints.npz --modle compact", "unknown option --modle; did you mean --model?"),
        ("lift --outptu=a.npz clip.json", "unknown option --outptu; did you mean --output?"),
        ("render --no-video a b", "unknown option --no-video; did you mean --video?"),
        ("data stats --splt=a human36m", "unknown option --splt; did you mean --split? anatomy-tf"),
        ("lift --input clip.json", "unknown option --input; did you mean"),
        (
            "angles poses.npz angles.csv --person 0",
            "anatomy-tf angles: expected one argument beside the options, got also angles.csv; the "
            "output follows --output\n",
        ),
        ("convert a b c", "anatomy-tf convert: expected 2 arguments beside the options, got"),
        ("doctor me", "anatomy-tf doctor: expected no argument beside the options, got also me\n"),
        (
            "lift k.npz --quiet yes",
            "anatomy-tf lift: expected one argument beside the options, got",
        ),
        ("lift k.npz --flip=maybe", "--flip: expected no value, got 'maybe'\n"),
        ("lift k.npz --height 1,8", "--height: expected a number, got '1,8'\n"),
        ("lift k.npz --min_score=x", "--min-score: expected a number, got 'x'\n"),
        ("lift k.npz --person 1.5", "--person: expected a whole number, got '1.5'\n"),
        ("lift k.npz --person --flip", "--person: expected a whole number, got nothing\n"),
        ("lift k.npz --up 1 -2 --flip", "--up: expected 3 numbers, got '1 -2'\n"),
        ("lift k.npz --attitude x 2", "--attitude: expected 2 numbers, got 'x 2'\n"),
        ("lift k.npz --camera", "--camera: expected FILE [NAME], got nothing\n"),
        ("lift k.npz --output", "--output: expected PATH, got nothing\n"),
        ("lift k.npz --fov 50 --focal 900", "expected one of --fov and --focal, got both\n"),
        ("lift --fov 50", "anatomy-tf lift: missing INPUT; see anatomy-tf lift --help\n"),
        ("train x.py --seeds 0 a", "--seeds: expected whole numbers, got '0 a'\n"),
        ("train x.py --jit so", "--jit: expected auto, on or off, got 'so'\n"),
        ("export compact --frames x", "--frames: expected a whole number or any, got 'x'\n"),
        ("export compact", "anatomy-tf export: missing --to and --output; see anatomy-tf export"),
        ("evaluate --model", "--model: expected MODEL, got nothing\n"),
        (
            "data",
            "expected one of check, prepare, import, stats; see anatomy-tf data",
        ),
    ],
)
def test_an_unknown_option_or_argument_is_one_line_wherever_it_stands(
    arguments: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments.split()) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"anatomy-tf: error: {told}") and err.count("\n") == 1


def test_o_is_short_for_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poses = tmp_path / "poses.npz"
    sample = Path(__file__).resolve().parents[2] / "datasets/samples/balancing/keypoints.npz"
    assert cli.main(["lift", str(sample), "--quiet", "-o", str(poses)]) == 0
    assert cli.main(["convert", "-o", str(tmp_path / "poses.json"), str(poses)]) == 0
    assert cli.main(["convert", str(poses), "-o"]) == 2
    assert "error: --output: expected the file to write" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"poses.npz", "poses.json"}


@pytest.mark.parametrize("verb", all_verbs())
def test_the_options_of_the_help_are_known(
    verb: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: set[str] = set()
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit):
        cli.main([*verb, "--help"])
    for line in capsys.readouterr().out.splitlines():
        found = re.match(r". (-\w, )?(--[a-z][a-z-]*)( [^,]+)?(, (--[a-z][a-z-]*))?", line)
        if found:
            shown |= {option for option in found.group(2, 5) if option}
    place: Any = cli.VERBS
    for name in verb:
        place = (place.verbs if isinstance(place, cli.Group) else place)[name]
    module, _, name = place.partition(":")
    function = getattr(importlib.import_module(module), name)
    assert shown == {"--help"}.union(*(one.flags for one in parameters(function)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("render --output b.png a.npz --person 0", "render a.npz --person 0 b.png"),
        ("convert a.npz --output b.bvh", "convert a.npz b.bvh"),
        ("weights halve a.keras --output b.keras", "weights halve a.keras b.keras"),
        ("convert --output=b.bvh a.npz", "convert a.npz b.bvh"),
        ("lift a.npz --output b.npz", "lift a.npz --output b.npz"),
    ],
)
def test_output_by_its_name_where_it_stands_behind_the_input(given: str, meant: str) -> None:
    assert cli.output_last(given.split()) == meant.split()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"anatomy-tf {anatomy_tf.__version__}\n"


@pytest.mark.slow
def test_help_lists_the_verbs_without_tensorflow() -> None:
    program = (
        "import sys\n"
        "from anatomy_tf.cli.main import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        "    print({'keras', 'tensorflow', 'matplotlib', 'scipy', 'rich'} & set(sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0
    *usage, modules = result.stdout.strip().splitlines()
    assert modules == "set()"
    for verb in cli.VERBS:
        assert any(f"• {verb} " in line for line in usage)


@pytest.mark.slow
def test_help_on_a_terminal_without_unicode() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from anatomy_tf.cli.main import main; main(['--help'])"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "lift" in result.stdout


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in cli.VERBS:
        with pytest.raises(SystemExit) as left:
            cli.main([verb, "--help"])
        assert left.value.code == 0
        assert f"usage: anatomy-tf {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "option", "end"),
    [
        (["lift"], "By default INPUT_poses.npz", "in the current folder."),
        (["data", "prepare"], "where data sets are kept", "or ~/anatomy_tf_data."),
    ],
)
def test_help_does_not_break_lines_where_the_source_does(
    arguments: list[str],
    option: str,
    end: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--help"])
    lines = capsys.readouterr().out.splitlines()
    (line,) = (line for line in lines if option in line)
    assert line.strip(" │").endswith(end)


@pytest.mark.parametrize("verb", cli.VERBS)
def test_help_shows_no_default_that_is_none(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([verb, "--help"])
    assert "default: None" not in capsys.readouterr().out


def test_help_of_a_verb_below_a_verb_describes_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["experiment", "run", "--help"])
    help_text = capsys.readouterr().out
    assert help_text.count("evaluate it on its test people") == 1
    assert "action options" not in help_text


def test_help_of_stream_breaks_no_line_of_its_description(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["stream", "--help"])
    assert '{"frame": N, "time": SECONDS' in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_process(number: signal.Signals, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time\n"
        "from anatomy_tf.cli import main as cli\n"
        "from anatomy_tf.files.atomic import atomic_file\n"
        "def wait():\n"
        "    with atomic_file(pathlib.Path('out.txt')) as file:\n"
        "        file.write(b'half')\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
        "sys.modules['waiting'] = sys.modules['__main__']\n"
        "cli.VERBS = {'wait': 'waiting:wait'}\n"
        "sys.exit(cli.main(['wait']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.1)
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, err) == (128 + number, "anatomy-tf: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_help_on_the_narrowest_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "anatomy_tf", "lift", "--help"],
        capture_output=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "1"},
    )
    assert done.returncode == 0
    assert b"--output" in done.stdout


def test_a_picture_that_cannot_be_written_is_told_before_the_data_set_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["data", "stats", "unknown", "--picture", "a.gif"]) == 2
    assert "a.gif: expected an output file that ends in .png" in capsys.readouterr().err


def test_pythons_warnings_are_lines_of_the_command(monkeypatch, capsys):
    def info() -> None:
        """Warn."""
        warnings.warn("clip.json:\nan odd lens", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr("anatomy_tf.cli.info.info", info)
    before = warnings.showwarning
    assert cli.main(["info"]) == 0
    assert capsys.readouterr().err == "anatomy-tf: warning: clip.json: an odd lens\n"
    assert warnings.showwarning is before
