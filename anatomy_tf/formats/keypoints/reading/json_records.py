"""Records in JSON, an object a line, in each orientation of ``DataFrame.to_json`` of pandas."""

from __future__ import annotations

from typing import Any


def records(value: Any) -> list[dict[str, Any]] | None:
    """Return the lines of a table as objects with the same keys; ``None`` for something else.

    A table is a list of such objects, objects by line number, columns by name (lists of one length,
    or objects by line number), or ``{"columns": [...], "data": [...]}``.

    Args:
        value: the JSON value.
    """
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        titles = value.get("columns")
        if not isinstance(titles, list):
            return records(value["data"])
        return _of_rows([str(title) for title in titles], value["data"])
    if isinstance(value, list):
        return value if _alike(value) else None
    if not isinstance(value, dict):
        return None
    values = list(value.values())
    if _alike(values) and not next(iter(values[0])).isdecimal():
        return values
    return of_columns(value)


def of_columns(columns: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the lines of columns, lists or objects by line number; ``None`` if they differ.

    Args:
        columns: each column by its title.
    """
    listed = list(columns.values())
    if _alike(listed):
        names = list(listed[0])
        listed = [[column[name] for name in names] for column in listed]
    if not listed or not all(isinstance(column, list) for column in listed):
        return None
    if len({len(column) for column in listed}) > 1:
        return None
    return _of_rows(list(columns), [list(row) for row in zip(*listed, strict=True)])


def _of_rows(titles: list[str], rows: list[Any]) -> list[dict[str, Any]] | None:
    if len(set(titles)) < len(titles):
        return None
    if not all(isinstance(row, list) and len(row) == len(titles) for row in rows):
        return None
    return [dict(zip(titles, row, strict=True)) for row in rows]


def _alike(values: list[Any]) -> bool:
    """Return whether there are values, all of them objects with the same keys."""
    first = values[0] if values else None
    if not isinstance(first, dict) or not first:
        return False
    return all(isinstance(value, dict) and value.keys() == first.keys() for value in values)
