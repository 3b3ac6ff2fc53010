"""The paper's numbers for experiments, each a row of one of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anatomy_tf.errors import AnatomyError
from anatomy_tf.files.json_file import read_json

FILE = "paper_tables.json"


def expected_of(experiment: str | Path) -> dict[str, float]:
    """Return the published numbers of an experiment.

    They stand in ``paper_tables.json``, in the folder above the row's; the row's folder names the
    table (its name or its beginning), the row's file the row.

    Args:
        experiment: the row's file.

    Returns:
        Measure (``"mpjpe"``, ``"p_mpjpe"`` in millimetres, ``"pck"``, ``"auc"`` in percent) to
        number; of a table by action the average.

    Raises:
        AnatomyError: when the file is missing or has no such row.
    """
    path = Path(experiment).resolve()
    tables_file = path.parents[1] / FILE
    tables = read_tables(tables_file)
    names = [name for name in tables if name.startswith(path.parent.name)]
    if len(names) != 1:
        raise AnatomyError(f"{tables_file}: expected one table {path.parent.name!r}, got {names}")
    try:
        return _numbers(names[0], tables[names[0]], path.stem)
    except (KeyError, TypeError) as error:
        raise AnatomyError(f"{tables_file}: {names[0]} has no row {path.stem!r}") from error


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables by name.

    Raises:
        AnatomyError: when the file cannot be read.
    """
    found = read_json(path)
    if not isinstance(found, dict):
        raise AnatomyError(f"{path}: expected tables by name, got {type(found).__name__}")
    return found


def row_names(tables: Mapping[str, Any], folder: str) -> list[str]:
    """Return the rows of a folder's table in their order; of all tables where it has none."""
    contents = [
        content
        for name, content in tables.items()
        if isinstance(content, dict) and name.startswith(folder)
    ]
    return [
        row
        for content in contents or [c for c in tables.values() if isinstance(c, dict)]
        for row in (content["mpjpe"] if "actions" in content else content)
    ]


def _numbers(table: str, content: Mapping[str, Any], row: str) -> dict[str, float]:
    if "actions" in content:
        measures = [measure for measure in content if measure != "actions"]
        return {measure: content[measure][row]["average"] for measure in measures}
    found = content[row]
    if isinstance(found, dict):
        return {measure: value for measure, value in found.items() if measure != "note"}
    # A table of one measure names it last: ..._mpjpe.
    return {table.rpartition("_")[2]: found}
