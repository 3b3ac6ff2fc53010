"""The folder of experiments, and their names."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.guard import reading
from anatomy_tf.files.limits import CONFIG_BYTES
from anatomy_tf.files.text_file import read_text
from anatomy_tf.training.experiment import suggestion
from anatomy_tf.training.paper_tables import FILE, read_tables, row_names

CHECKOUT = Path(__file__).resolve().parents[2] / "experiments"


class ExperimentFolder:
    """Experiments by name: their path below the folder without ``.py``; each file is read once.

    Args:
        path: the folder; by default ``experiments`` here, else that of the package's checkout.

    Raises:
        AnatomyError: when there is no such folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        here = Path("experiments")
        self.path = path or (here if here.is_dir() else CHECKOUT)
        if not self.path.is_dir():
            raise AnatomyError(f"{self.path}: expected the folder of experiments")

    def names(self, table: str | None = None) -> list[str]:
        """Return the names of all experiments, or of one table's, in the paper's order if known.

        Raises:
            AnatomyError: when there is no such table, naming the nearest one.
        """
        names = set(self._programs)
        if table is not None:
            tables = sorted({str(Path(name).parent) for name in names})
            if table not in tables:
                near = suggestion(table, tables) or f"; there are {', '.join(tables)}"
                raise AnatomyError(f"no table {table!r} in {self.path}{near}")
            names = {name for name in names if str(Path(name).parent) == table}
        paper = read_tables(self.path / FILE) if (self.path / FILE).is_file() else {}

        def place(name: str) -> tuple[str, int, str]:
            folder, row = Path(name).parent, Path(name).name
            order = row_names(paper, folder.name)
            return str(folder), order.index(row) if row in order else len(order), row

        return sorted(names, key=place)

    def file(self, name: str) -> Path:
        """Return the file of an experiment.

        Raises:
            AnatomyError: when there is no such experiment, naming the nearest one.
        """
        return self.path / f"{self._known(name)}.py"

    def title(self, name: str) -> str:
        """Return the first line of an experiment's docstring; the file is not run."""
        docstring = ast.get_docstring(self._programs[self._known(name)])
        return (docstring or "").partition("\n")[0]

    def _known(self, name: str) -> str:
        """Return the name of an experiment without ``.py``, checked to be there."""
        plain = name.removesuffix(".py")
        if plain not in self._programs:
            near = suggestion(plain, self.names())
            raise AnatomyError(f"no experiment {name!r} in {self.path}{near}")
        return plain

    @functools.cached_property
    def _programs(self) -> dict[str, ast.Module]:
        """The programs that define a config, by name."""
        programs = {
            str(file.relative_to(self.path).with_suffix("")): _program(file)
            for file in self.path.rglob("*.py")
        }
        return {name: program for name, program in programs.items() if _defines_config(program)}


def _defines_config(program: ast.Module) -> bool:
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "config" for t in statement.targets)
        for statement in program.body
    )


def _program(file: Path) -> ast.Module:
    with reading(file, "Python file"):
        return ast.parse(read_text(file, most=CONFIG_BYTES))
