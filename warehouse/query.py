"""Runs the query files: the one way from a metric to the database. Holds no SQL itself.

A file `<module>.<function>.sql` is one select with bound $parameters. Files that start with
an underscore are relations that several queries read by name (`filtered_sessions`): the
text of those that a query names is put in front of it as CTEs, so each filter stands once.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from etl.errors import ConfigError, did_you_mean
from warehouse.connection import Warehouse
from warehouse.filters import Filters

if TYPE_CHECKING:
    import polars as pl

QUERIES = Path(__file__).parent / "queries"
MODELS = Path(__file__).parent / "models" / "intermediate"
# In the order in which they build on each other. The first is a model, which is not kept in builds:
# what rates and durations leave out is one text for the daily mart and for all queries.
SHARED = (
    "int_counted_sessions",
    "scoped_sessions",
    "filtered_sessions",
    "active_days",
    "shown_values",
    "measured_sessions",
)
# What measured_sessions groups by: neither days nor values, unless a query says so.
UNGROUPED = {"by_day": False, "dimension": None, "row_limit": 0}


def run(
    wh: Warehouse,
    name: str,
    filters: Filters | None = None,
    columns: Sequence[str] | None = None,
    **params: Any,
) -> "pl.DataFrame":
    """The frame that one query file answers, given the filters and its other parameters.

    `columns` takes these alone, in this order: a measure that nobody takes is not computed.
    """
    known = {
        **UNGROUPED,
        **(filters or Filters()).as_params(),
        "as_of": wh.as_of,
        "as_of_date": wh.as_of_date,
        "pruned_before": wh.pruned_before,
        "utc_ahead": _furthest_ahead(wh.time_zone),
        **params,
    }
    text, used = _query(name)
    answer = wh.sql(text, {word: known[word] for word in used})
    if columns is not None:
        answer = answer.select(*columns)
    frame: pl.DataFrame = answer.pl()
    return frame


def sql_of(name: str) -> str:
    """The text of one query as it runs: the shared relations it reads, then its file."""
    return _query(name)[0]


def query_names() -> list[str]:
    """The names of all queries, sorted."""
    return sorted(path.stem for path in QUERIES.glob("[!_]*.sql"))


def path_of(name: str) -> Path:
    """The file of a shared relation."""
    return MODELS / f"{name}.sql" if name.startswith("int_") else QUERIES / f"_{name}.sql"


@cache
def _furthest_ahead(time_zone: str) -> timedelta:
    """The most that a zone was ever ahead of UTC since 1970 (behind, when below zero)."""
    zone = ZoneInfo(time_zone)
    months = ((year, month) for year in range(1970, 2038) for month in range(1, 13))
    offsets = (datetime(year, month, 1, tzinfo=zone).utcoffset() for year, month in months)
    return max(offset for offset in offsets if offset is not None)


@cache
def _query(name: str) -> tuple[str, tuple[str, ...]]:
    path = QUERIES / f"{name}.sql"
    if name.startswith("_") or not path.is_file():
        msg = f"No query '{name}'. {did_you_mean(name, query_names())}"
        raise ConfigError(msg)
    head, body = _split(path)
    relations = _relations(body)
    if relations:
        body = re.sub(r"\Awith\s+", "", body) if body.startswith("with") else body
        joint = "" if body.startswith("select") else ",\n\n"
        body = "with\n\n" + ",\n\n".join(relations) + (joint or "\n\n") + body
    code = re.sub(r"--.*", "", body)
    used = tuple(sorted(set(re.findall(r"\$([a-z_]+)", code))))
    return f"{head}{body}", used


def _relations(body: str) -> list[str]:
    """The shared relations that a query reads, directly or through each other, as CTEs."""
    needed: list[str] = []
    code = body
    for name in reversed(SHARED):
        if re.search(rf"\b{name}\b", re.sub(r"--.*", "", code)):
            head, text = _split(path_of(name))
            indented = "\n".join(f"    {line}" if line else "" for line in text.splitlines())
            needed.insert(0, f"{head}{name} as not materialized (\n{indented}\n)")
            code += text
    return needed


def _split(path: Path) -> tuple[str, str]:
    """A file's opening comment, and the select below it."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if not line.startswith("--") and line != "\n")
    return "".join(lines[:start]), "".join(lines[start:]).strip()
