"""The command ``anatomy-tf``."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from anatomy_tf import __version__
from anatomy_tf.cli.help_text import flowing
from anatomy_tf.errors import AnatomyError
from anatomy_tf.extras import missing_extra
from anatomy_tf.startup_notes import STDERR


@dataclasses.dataclass(frozen=True)
class Group:
    """Verbs below a verb.

    Attributes:
        about: what they do, for the help.
        verbs: ``module:function`` of each.
    """

    about: str
    verbs: Mapping[str, str]


VERBS: Mapping[str, str | Group] = {
    "angles": "anatomy_tf.cli.angles:angles",
    "calibrate": "anatomy_tf.cli.calibrate:calibrate",
    "convert": "anatomy_tf.cli.convert:convert",
    "data": Group(
        "Check, prepare, import and look at data sets.",
        {
            "check": "anatomy_tf.cli.data:check",
            "prepare": "anatomy_tf.cli.data:prepare",
            "import": "anatomy_tf.cli.data_import:import_folder",
            "stats": "anatomy_tf.cli.data:stats",
        },
    ),
    "demo": "anatomy_tf.cli.demo:demo",
    "detector": Group(
        "List the detectors that find people in videos, and download their model files.",
        {
            "list": "anatomy_tf.cli.detector:list_detectors",
            "fetch": "anatomy_tf.cli.detector:fetch",
            "where": "anatomy_tf.cli.detector:where",
        },
    ),
    "doctor": "anatomy_tf.cli.doctor:doctor",
    "evaluate": "anatomy_tf.cli.evaluate:evaluate",
    "experiment": Group(
        "List, show and run experiments, and print published numbers beside measured ones.",
        {
            "list": "anatomy_tf.cli.experiment:list_experiments",
            "show": "anatomy_tf.cli.experiment:show",
            "run": "anatomy_tf.cli.experiment:run",
            "table": "anatomy_tf.cli.experiment:table",
        },
    ),
    "export": "anatomy_tf.cli.export:export",
    "info": "anatomy_tf.cli.info:info",
    "lift": "anatomy_tf.cli.lift:lift",
    "live": "anatomy_tf.cli.live:live",
    "render": "anatomy_tf.cli.render:render",
    "serve": "anatomy_tf.cli.serve:serve",
    "stream": "anatomy_tf.cli.stream:stream",
    "train": "anatomy_tf.cli.train:train",
    "weights": Group(
        "Import weights from PyTorch, or store a model's weights in half the size.",
        {
            "import": "anatomy_tf.cli.weights:import_weights",
            "halve": "anatomy_tf.cli.weights:halve_weights",
        },
    ),
}
"""A verb's module imports what is slow inside its function."""

OUTPUT_LAST = ("convert", "render", "weights")
"""Verbs whose output stands behind their input; like the others they also accept ``--output``."""

SHORT_OPTIONS = {"-o": "--output"}

WITHOUT_VERB = ("-h", "--help", "--tyro-print-completion", "--tyro-write-completion")
"""Options in the place of a verb."""

BAD_INPUT, READER_GONE = 2, 141
"""Exit codes: the last is that of a process that SIGPIPE ends."""

SIGNALLED = 128
"""The exit code of a process that a signal ends, less the signal's number."""

NARROWEST = 20
"""Columns of a terminal; with five of them tyro's help does not come to its end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what follows the program's name; by default the process's own.

    Returns:
        The exit code: 0, 2 for input that cannot be used or output that cannot be written (one line
        on stderr says why), 130 for Ctrl-C, 143 for SIGTERM and 129 for SIGHUP, 141 where nobody
        reads standard output any more. ``--help`` leaves through ``SystemExit`` with code 0.
    """
    _open_closed_places()
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Unicode shows "?" for a box's corner instead of a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            with _ended_by_signals(), _warnings_in_lines():
                return _code(arguments)
        finally:
            # A full disk shows here, while an error can still be printed.
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        # A signal that came after the verb had ended.
        return _interrupted(interrupt)
    except BrokenPipeError:
        _leave_unwritten(sys.stdout)
        return READER_GONE
    except OSError as error:
        # Of standard output, which has no name, or a file that no reader or writer guards.
        _leave_unwritten(sys.stdout)
        unnamed = "current folder" if isinstance(error, FileNotFoundError) else "standard output"
        return _refused(
            f"{error.filename or unnamed}: cannot be read or written ({error.strerror or error})"
        )


def _code(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    if arguments == ["--version"]:
        print(f"anatomy-tf {__version__}")
        return 0
    # TensorFlow's notes while it works, such as the lack of a GPU; what fails also raises.
    # `startup_notes_hidden` takes those of its start.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        _run(arguments)
    except AnatomyError as error:
        return _refused(error)
    except ModuleNotFoundError as error:
        missing = missing_extra(error)
        if missing is None:
            raise
        return _refused(missing)
    except KeyboardInterrupt as interrupt:
        return _interrupted(interrupt)
    return 0


def _open_closed_places() -> None:
    """Let closed standard streams lead nowhere.

    Otherwise the next file that is opened gets the number of a closed one, and what libraries print
    there. Python prints what is meant for a missing standard error to standard output.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = os.fdopen(STDERR, "w", closefd=False)


class _SignalledError(KeyboardInterrupt):
    """Raised where a signal asks the process to end, so that what it has begun is cleared away."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, where nothing else is asked of them."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # Python lets only the main thread handle signals; nohup has SIGHUP ignored.
    ours = threading.current_thread() is threading.main_thread()
    taken = [n for n in numbers if ours and signal.getsignal(n) is signal.SIG_DFL]

    def end(number: int, frame: object) -> None:
        raise _SignalledError(number)

    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def _warnings_in_lines() -> Iterator[None]:
    """Print Python's warnings as lines of the command, without their place in the code."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        _tell(f"anatomy-tf: warning: {AnatomyError(message)}")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _interrupted(interrupt: KeyboardInterrupt) -> int:
    _tell("anatomy-tf: interrupted")
    number = interrupt.number if isinstance(interrupt, _SignalledError) else signal.SIGINT
    return SIGNALLED + number


def _refused(error: AnatomyError | str) -> int:
    _tell(f"anatomy-tf: error: {AnatomyError(error)}")
    return BAD_INPUT


def _tell(line: str) -> None:
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        # Standard error is closed or full; the exit code still tells of the fault.
        _leave_unwritten(sys.stderr)


def _leave_unwritten(stream: Any) -> None:
    """Send what is left in a stream's buffer nowhere, so that it cannot fail at the exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(arguments: list[str]) -> None:
    # Slow, and a signal is handled while they are imported.
    import tyro

    from anatomy_tf.cli.known_options import check_known, checked_arguments

    if shutil.get_terminal_size().columns < NARROWEST:
        os.environ["COLUMNS"] = str(NARROWEST)
    arguments = [SHORT_OPTIONS.get(argument, argument) for argument in arguments]
    arguments = output_last(joined_sizes(arguments))
    prog, verbs = "anatomy-tf", VERBS
    description = (
        "Turn the 2D keypoints of a video into 3D human poses whose bones keep their lengths. To "
        "begin: anatomy-tf demo. For the options of a command: anatomy-tf COMMAND --help; -o is "
        f"short for --output. Version {__version__} (anatomy-tf --version)."
    )
    while arguments and arguments[0] in verbs:
        # The options of the other verbs are neither loaded nor suggested.
        verb, *arguments = arguments
        prog, chosen = f"{prog} {verb}", verbs[verb]
        if isinstance(chosen, str):
            function = _function(chosen)
            tyro.cli(function, prog=prog, args=checked_arguments(prog, function, arguments))
            return
        verbs, description = chosen.verbs, chosen.about
    if not arguments:
        raise AnatomyError(f"expected one of {', '.join(verbs)}; see {prog} --help")
    kind = "option" if arguments[0].startswith("-") else "command"
    check_known(kind, arguments[0], (*verbs, *WITHOUT_VERB), prog)
    tyro.extras.subcommand_cli_from_dict(
        {verb: _function(place) for verb, place in verbs.items()},
        prog=prog,
        description=description,
        args=arguments,
    )


def _function(place: str | Group) -> Callable[..., None]:
    """Return the function of a verb; of a group one that only has its description."""
    if isinstance(place, Group):

        def group() -> None: ...

        group.__doc__ = place.about
        return group
    module, _, name = place.partition(":")
    function = getattr(importlib.import_module(module), name)
    function.__doc__ = flowing(function.__doc__)
    return function


def output_last(arguments: list[str]) -> list[str]:
    """Return ``render --output OUT IN`` as ``render IN OUT``, for the verbs of ``OUTPUT_LAST``.

    Raises:
        AnatomyError: when nothing follows ``--output``.
    """
    if not arguments or arguments[0] not in OUTPUT_LAST:
        return arguments
    for place, argument in enumerate(arguments):
        if argument.startswith("--output="):
            return [*arguments[:place], *arguments[place + 1 :], argument.partition("=")[2]]
        if argument == "--output":
            if place + 1 == len(arguments):
                raise AnatomyError("--output: expected the file to write, got nothing")
            return [*arguments[:place], *arguments[place + 2 :], arguments[place + 1]]
    return arguments


def joined_sizes(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--image-size 1088 1920`` as ``--image-size 1088x1920``."""
    joined: list[str] = []
    for argument in arguments:
        if joined[-2:-1] == ["--image-size"] and joined[-1].isdigit() and argument.isdigit():
            joined[-1] += f"x{argument}"
        else:
            joined.append(argument)
    return joined
