"""DuckDB for loads: a connection that spills into the home, and text and tables for it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from etl.errors import SourceError

Config = dict[str, str | bool | int | float | list[str]]

# Room for a chunk of any file; what does not fit is spilled beside the lake.
MEMORY_LIMIT = "1GB"


@contextmanager
def connection(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills into the folder. SourceError when that cannot be made."""
    try:
        spill.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{spill} cannot be made: {error.strerror}. Give another --home."
        raise SourceError(msg) from error
    config: Config = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(spill),
        # JSON that is handed over and back is known to be JSON: it is not read for that.
        "arrow_lossless_conversion": True,
    }
    with connect(config=config) as con:
        yield con


def connect(
    path: Path | str = ":memory:", *, read_only: bool = False, config: Config | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a database file, or to a new one in memory. The one place that opens any.

    The engine prints its progress on stdout, where commands have their results: it is told not to,
    unless the configuration was locked, which the first connection to a file does.
    """
    con = duckdb.connect(path, read_only=read_only, config=config or {})
    is_locked, has_bar = con.execute(
        "select current_setting('lock_configuration'), current_setting('enable_progress_bar')"
    ).fetchall()[0]
    # Jupyter without its widgets has none, and the engine refuses to be told so.
    if has_bar and not is_locked:
        con.execute("set enable_progress_bar = false")
    return con


@cache
def sql_beside(module: str, name: str, folder: str = "sql") -> str:
    """The text of the file sql/<name>.sql beside a module, which gives its __file__."""
    return (Path(module).parent / folder / f"{name}.sql").read_text(encoding="utf-8")


def named(name: str) -> str:
    """The name as an SQL identifier, quoted so that any of them works."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: object) -> str:
    """The text, or path, as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def listed(texts: Iterable[object]) -> str:
    """The texts, or paths, as an SQL list."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"


def json_path(keys: Sequence[str]) -> str:
    """The JSON path of nested keys as an SQL string."""
    return quoted(path_of(keys))


def path_of(keys: Sequence[str]) -> str:
    """The JSON path of nested keys."""
    return "$" + "".join("." + json.dumps(key, ensure_ascii=False) for key in keys)


def create_table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Creates the temp table with the columns (name → DuckDB type, [] for a list of text).

    A column that a row does not have is null in it. No rows make an empty table. The engine's own
    `register` would import pandas, which takes a second.
    """
    shape = {column: ["VARCHAR"] if kind == "[]" else kind for column, kind in columns.items()}
    con.execute(
        f"create or replace temp table {name} as select row.* from "  # noqa: S608 - our names
        f"(select unnest(from_json($rows, {quoted(json.dumps([shape]))})) as row)",
        {"rows": json.dumps(rows, default=str)},
    )


def was_stopped(error: BaseException) -> bool:
    """Whether the engine ended a query because of a signal: it hides what the handler raised."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"
