"""``anatomy-tf experiment``: the paper's rows and others, and their results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from anatomy_tf.cli.console import plain_console
from anatomy_tf.cli.options import arg
from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.paths import is_there
from anatomy_tf.files.text_file import read_text
from anatomy_tf.startup_notes import startup_notes_hidden

if TYPE_CHECKING:
    from anatomy_tf.evaluation.protocols import AnyReport

RUNS = Path("runs")
Name = Annotated[str, tyro.conf.Positional, arg(metavar="NAME")]


def list_experiments() -> None:
    """List the experiments."""
    from rich.table import Table
    from rich.text import Text

    with startup_notes_hidden():
        from anatomy_tf.training.experiment_folder import ExperimentFolder

    folder = ExperimentFolder()
    table = Table(box=None, pad_edge=False)
    table.add_column("experiment", no_wrap=True)
    table.add_column("what it is")
    for name in folder.names():
        table.add_row(Text(name), Text(folder.title(name)))
    plain_console().print(table)


def show(name: Name) -> None:
    """Show an experiment: purpose, config, published and measured numbers.

    Args:
        name: as listed.
    """
    from rich.pretty import Pretty

    with startup_notes_hidden():
        from anatomy_tf.training.experiment import read_experiment
        from anatomy_tf.training.experiment_folder import ExperimentFolder

        experiment = read_experiment(ExperimentFolder().file(name))
    console = plain_console()
    console.print(experiment.purpose, soft_wrap=True)
    console.print()
    console.print(Pretty(experiment.config))
    console.print()
    _print_table(name, [name], RUNS, markdown=False)


def run(
    name: Name,
    folder: Annotated[Path | None, arg(metavar="FOLDER")] = None,
    set: Annotated[tyro.conf.UseAppendAction[tuple[str, ...]], arg(metavar="KEY=VALUE")] = (),
) -> None:
    """Train an experiment and evaluate it on its test people.

    The same command continues a run that was stopped or killed.

    Args:
        name: as listed.
        folder: where the run and its report are kept; by default runs/NAME.
        set: change a field of the config, such as epochs=2 or data.seed=3; may be given again.
    """

    with startup_notes_hidden():
        from anatomy_tf.training import load_experiment, override, train
        from anatomy_tf.training.experiment_folder import ExperimentFolder
        from anatomy_tf.training.run_evaluation import check_test_people, evaluate_run

        config = override(load_experiment(ExperimentFolder().file(name)), set)
    check_test_people(config, name)
    folder = folder or RUNS / name.removesuffix(".py")
    train(config, folder)
    plain_console().print(evaluate_run(config, folder, name).to_rich_table())


def table(
    table: Annotated[str, tyro.conf.Positional, arg(metavar="TABLE")],
    runs: Path = RUNS,
    markdown: bool = False,
) -> None:
    """Print a table's published numbers beside those measured here.

    Args:
        table: folder of its rows, such as table4_ablation.
        runs: folder that holds the runs by experiment name.
        markdown: print Markdown.
    """
    with startup_notes_hidden():
        from anatomy_tf.training.experiment_folder import ExperimentFolder

    _print_table(table, ExperimentFolder().names(table), runs, markdown)


def _print_table(title: str, names: list[str], runs: Path, markdown: bool) -> None:
    with startup_notes_hidden():
        from anatomy_tf.evaluation.expected_table import ExpectedTable
        from anatomy_tf.training.experiment import read_experiment
        from anatomy_tf.training.experiment_folder import ExperimentFolder

        folder = ExperimentFolder()
        found = ExpectedTable(
            title,
            {Path(name).name: read_experiment(folder.file(name)).expected for name in names},
            {Path(name).name: _report(runs / name) for name in names},
        )
    if markdown:
        print(found.to_markdown(), end="")
    else:
        plain_console().print(found.to_rich_table())


def _report(run_folder: Path) -> AnyReport | None:
    from anatomy_tf.evaluation.protocols import read_report

    path = run_folder / "report.json"
    if not is_there(path):
        return None
    text = read_text(path)
    try:
        return read_report(text)
    except AnatomyError as error:
        raise AnatomyError(f"{path}: {error}") from None
