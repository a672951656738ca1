"""Keeps large tables of a build in parts, and says which of their rows count.

A copy of all sessions in every build would make each as dear as the first. So a build writes the
rows that are new or others than before, as one more part, and names those of older parts that no
longer count by their place (`gone_rows`): places are numbers, which costs a query the least. A
part without such rows is read as if it were the table. Readers see views
(`part_views`).
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from etl.duck import quoted
from warehouse import event_parts, part_files

# The tables of a build that say which parts its tables are made of, and what is not in them.
PARTS, GONE = "table_parts", "gone_rows"
# From so many parts of a table on the last ones become one: each costs every plan a little.
MOST_PARTS = 4


def create_tables(con: duckdb.DuckDBPyConnection, last: str | None = None) -> None:
    """Creates PARTS and GONE in the build: as in the last one, a database; else empty."""
    table = ("varchar", "The table.")
    part = ("bigint", "Number of the build that wrote the file.")
    part_files.create_noted(
        con,
        PARTS,
        "The files that hold large tables of this build.",
        {
            "table_name": table,
            "part": part,
            "row_count": ("bigint", "Its rows, those gone too."),
        },
        last,
    )
    part_files.create_noted(
        con,
        GONE,
        "Rows of these files that do not count any more.",
        {"table_name": table, "part": part, "row": ("bigint", "The place of the row in it.")},
        last,
    )


def attach(con: duckdb.DuckDBPyConnection, builds: Path) -> None:
    """Opens all parts of the build that the connection uses, for reading."""
    for number in numbers_of(con):
        part_files.attach(con, builds, number)


def numbers_of(con: duckdb.DuckDBPyConnection, catalog: str | None = None) -> list[int]:
    """The parts that a build is made of; none in one of 0.1."""
    where = f"{catalog}.{PARTS}" if catalog else PARTS
    numbers = set(event_parts.numbers_of(con, catalog))
    try:
        rows = con.execute(f"select distinct part from {where}").fetchall()  # noqa: S608
    except duckdb.CatalogException:
        rows = []
    return sorted(numbers.union(number for (number,) in rows))


def begin(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Creates the table in the new part, without rows and with the columns it has in the others."""
    (part,) = con.execute(
        f"select max(part) from {PARTS} where table_name = $table",  # noqa: S608
        {"table": table},
    ).fetchall()[0]
    con.execute(f"create table {new(table)} as from {attached(part, table)} limit 0")


def new(table: str) -> str:
    """The table in the new part, which takes rows."""
    return f"{part_files.NEW}.{table}"


def show(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Lays a temporary view over the table: all rows that count while a build is made."""
    con.execute(f"create or replace temp view {table} as {all_rows(con, table)}")


def all_rows(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The select of them, those of the new part too."""
    older = [
        f"select rows.* from {counting(attached(number, table), table, number)}"  # noqa: S608
        for number in parts_of(con, table)
    ]
    return " union all ".join([*older, f"from {new(table)}"])


def placed(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """The rows of older parts that count, with `part` and `row`: where each of them is.

    The new part has no row that may go.
    """
    return " union all ".join(
        f"select rows.*, {number} as part, rows.rowid as row "  # noqa: S608
        f"from {counting(attached(number, table), table, number)}"
        for number in parts_of(con, table)
    )


def copy_found(
    con: duckdb.DuckDBPyConnection,
    table: str,
    wanted: str,
    columns: Sequence[str],
    target: str,
) -> None:
    """Adds some rows of older parts that count to a target, with `part` and `row` behind them.

    First their places are found, which takes the columns that are asked alone; then the engine
    passes over most of the others.

    wanted  what follows the rows of a part in a from clause, and leaves those that are wanted
    """
    names = ", ".join(f"rows.{name}" for name in columns)
    for number in parts_of(con, table):
        rows = f"{attached(number, table)} as rows"
        con.execute(
            "create or replace temp table found_places as "  # noqa: S608
            f"select row from (select rows.rowid as row from {rows} {wanted}) as places "
            f"anti join ({_gone(table, number)}) as gone using (row)"
        )
        con.execute(
            f"insert into {target} select {names}, {number}, rows.rowid "  # noqa: S608
            f"from {rows} inner join found_places on found_places.row = rows.rowid"
        )
    con.execute("drop table found_places")


def remove(con: duckdb.DuckDBPyConnection, table: str, places: str) -> None:
    """Has rows not count any more, given as a select of `part` and `row`."""
    con.execute(
        f"insert into {GONE} select {quoted(table)}, part, row from ({places}) as places"  # noqa: S608
    )


def rewrite(con: duckdb.DuckDBPyConnection, table: str, places: str, changes: str) -> None:
    """Has rows of older parts be others: they go, and come again in the new part.

    places   a table with `part` and `row`
    changes  a star's replacements, of the columns of places
    """
    for number in parts_of(con, table):
        # Few places and numbers: the engine passes over all else.
        con.execute(
            f"insert into {new(table)} select rows.* replace ({changes}) "  # noqa: S608
            f"from {attached(number, table)} as rows inner join "
            f"(from {places} where part = {number}) as places on places.row = rows.rowid"
        )
    remove(con, table, f"from {places}")


def finish(con: duckdb.DuckDBPyConnection, table: str, number: int) -> None:
    """Makes the new part, of that number, part of the build's table.

    When its parts are many, small ones that came last become one with it first: each that stays
    has more rows than all after it together. So they remain few, and a row is copied only now and
    then. Rows that do not count are left behind. A file that the events, which are most of it, have
    left is left by the others too: it would stay for a few rows of theirs.
    """
    (rows,) = con.execute(f"select count(*) from {new(table)}").fetchall()[0]  # noqa: S608
    parts = con.execute(
        f"select part, row_count - coalesce(gone_count, 0) from {PARTS} "  # noqa: S608
        f"left join (select part, count(*) as gone_count from {GONE} where table_name = $table "
        "group by part) using (part) where table_name = $table order by part desc",
        {"table": table},
    ).fetchall()
    in_use = event_parts.numbers_of(con)
    left = [part for part, _ in parts if part not in in_use]
    folded = [part for part, _ in parts if left and part >= min(left)]
    if len(parts) >= MOST_PARTS:
        folded = max(folded, part_files.last_small(parts, rows), key=len)
    if parts and not rows and not folded:
        return
    if folded:
        rows = _fold(con, table, folded)
    con.execute(
        f"insert into {PARTS} values ($table, $part, $rows)",  # noqa: S608
        {"table": table, "part": number, "rows": rows},
    )


def _fold(con: duckdb.DuckDBPyConnection, table: str, folded: list[int]) -> int:
    """Copies the rows of these parts into the new one; all its rows then."""
    for number in reversed(folded):
        rows_left = counting(attached(number, table), table, number)
        con.execute(f"insert into {new(table)} select rows.* from {rows_left}")  # noqa: S608
    for names in (PARTS, GONE):
        con.execute(
            f"delete from {names} where table_name = $table and part >= $first",  # noqa: S608
            {"table": table, "first": min(folded)},
        )
    ((rows,),) = con.execute(f"select count(*) from {new(table)}").fetchall()  # noqa: S608
    return int(rows)


def counting(rows: str, table: str, number: int) -> str:
    """The rows of a part that count, as `rows` in a from clause."""
    return f"{rows} as rows anti join ({_gone(table, number)}) as gone on gone.row = rows.rowid"


def _gone(table: str, number: int) -> str:
    """The select of a part's rows that do not count."""
    return (
        f"select row from main.{GONE} "  # noqa: S608
        f"where table_name = {quoted(table)} and part = {number}"
    )


def parts_of(con: duckdb.DuckDBPyConnection, table: str) -> list[int]:
    """The parts that a table is made of, oldest first."""
    rows = con.execute(
        f"select part from {PARTS} where table_name = $table order by part",  # noqa: S608
        {"table": table},
    ).fetchall()
    return [number for (number,) in rows]


def attached(number: int, table: str) -> str:
    """A table of an attached part, as SQL names it."""
    return f"{part_files.database_of(number)}.{table}"
