"""Shows tables that are kept in parts to their readers, as views. Which rows count, it is told.

There are two sets of them: whoever opens a build with plain DuckDB reads the parts by their paths;
`warehouse.open` attaches the parts first, and reads them wherever they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from etl.duck import quoted
from warehouse import event_parts, part_files, table_parts

# The views over attached parts lie here; those of the same names in `main` find parts by paths.
SCHEMA = "in_parts"


def create_views(
    con: duckdb.DuckDBPyConnection,
    builds: Path,
    tables: Iterable[str],
    views: Mapping[str, str],
) -> None:
    """Creates the views of the tables and of session_events, in `main` and in SCHEMA.

    The parts are in their places, and attached.

    views  name → select of those that `main` has over them: over attached parts in SCHEMA
    """

    def by_path(number: int, table: str) -> str:
        path = quoted(part_files.path_of(builds, number).absolute())
        return f"read_duckdb({path}, table_name = {quoted(table)})"

    con.execute(f"create schema if not exists {SCHEMA}")
    for schema, table_of in (("main", by_path), (SCHEMA, table_parts.attached)):
        for table in tables:
            con.execute(f"create view {schema}.{table} as {_rows_that_count(con, table, table_of)}")
        con.execute(
            f"create view {schema}.{event_parts.TABLE} as "
            f"{event_parts.rows_that_count(con, table_of)}"
        )
    for name, text in views.items():
        con.execute(f"create view {SCHEMA}.{name} as {text}")


@contextmanager
def attached_first(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Queries meanwhile read the tables in the attached parts: quicker than by their paths.

    A build without parts, such as the copy for a scope, is read as it is.
    """
    ((database,),) = con.execute("select current_database()").fetchall()
    if _has_views(con):
        con.execute(f"set search_path = '{database}.{SCHEMA},{database}.main'")
    try:
        yield
    finally:
        con.execute(f"use {database}")


def _has_views(con: duckdb.DuckDBPyConnection) -> bool:
    known = con.execute(
        "select 1 from duckdb_schemas() "
        "where schema_name = $schema and database_name = current_database()",
        {"schema": SCHEMA},
    )
    return bool(known.fetchall())


def for_cursor(con: duckdb.DuckDBPyConnection) -> str:
    """What a cursor has to run to see the tables in the attached parts; empty: nothing."""
    if _has_views(con):
        return f"set search_path = '{SCHEMA},main'"
    # A build of 0.2 or 0.3 has its events alone in parts.
    if not event_parts.numbers_of(con):
        return ""
    events = event_parts.rows_that_count(con, table_parts.attached)
    return f"create or replace temp view {event_parts.TABLE} as {events}"


def _rows_that_count(
    con: duckdb.DuckDBPyConnection, table: str, table_of: Callable[[int, str], str]
) -> str:
    """The select of a table over its parts. One that no row has gone from is read as it is."""
    rows = con.execute(
        f"select distinct part from {table_parts.GONE} where table_name = $table",  # noqa: S608
        {"table": table},
    ).fetchall()
    incomplete = {number for (number,) in rows}
    return " union all ".join(
        f"select rows.* from {table_parts.counting(table_of(number, table), table, number)}"  # noqa: S608
        if number in incomplete
        else f"from {table_of(number, table)}"
        for number in table_parts.parts_of(con, table)
    )
