"""Keeps session_events: files beside the builds, which builds share. A file never changes.

Events are many. A copy of all of them in every build would make each as dear as the first, so a
build writes only the events of the sessions that it made, as one more part; a part is a DuckDB
file with the table session_events. Where a session was made anew, its rows in older parts no
longer count: the build's table replaced_sessions says so.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from etl.duck import listed, quoted
from etl.lake.durable import sync_folder

FOLDER = "parts"
TABLE = "session_events"
# The tables of a build that say which parts it is made of.
PARTS, REPLACED = "event_parts", "replaced_sessions"
_CATALOG = "new_part"
# The table that takes the events of a new part.
NEW = f"{_CATALOG}.{TABLE}"
_MOST_CHUNKS = 1_000_000
# From so many parts on the last ones become one.
MOST_PARTS = 8


def path_of(builds: Path, number: int) -> Path:
    """The file of a part, by the number of the build that made it."""
    return builds / FOLDER / f"{_name(number)}.duckdb"


def _name(number: int) -> str:
    return f"events-{number:06d}"


def chunk_number(part: int, number: int) -> int:
    """The column `piece`: tells the events of a chunk from all others; grows with the parts."""
    return part * _MOST_CHUNKS + number


def begin(con: duckdb.DuckDBPyConnection, builds: Path, number: int, storage: str) -> None:
    """Starts the file of a new part. The table NEW is not there yet."""
    unfinished = _unfinished(builds, number)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    con.execute(f"attach {quoted(unfinished)} as {_CATALOG} (storage_version '{storage}')")


def finish(con: duckdb.DuckDBPyConnection, builds: Path, number: int) -> None:
    """Puts the new part in its place, on disk. No build names it yet."""
    con.execute(f"detach {_CATALOG}")
    unfinished = _unfinished(builds, number)
    with unfinished.open("rb") as handle:
        os.fsync(handle.fileno())
    unfinished.replace(path_of(builds, number))
    sync_folder(unfinished.parent)


def attach(con: duckdb.DuckDBPyConnection, part: Path) -> None:
    """Opens a part for reading, so that a connection that may open no file can read it."""
    con.execute(f'attach if not exists {quoted(part)} as "{part.stem}" (read_only)')


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Creates PARTS and REPLACED in the build, without rows, if they are not there."""
    con.execute(
        f"create table if not exists {PARTS} "
        "(part bigint, event_count bigint, last_session_id varchar)"
    )
    con.execute(f"comment on table {PARTS} is 'The files that hold the events of this build.'")
    con.execute(f"comment on column {PARTS}.part is 'Number of the build that wrote it.'")
    con.execute(f"comment on column {PARTS}.event_count is 'Its rows, those replaced too.'")
    con.execute(f"comment on column {PARTS}.last_session_id is 'The highest one in it.'")
    con.execute(f"create table if not exists {REPLACED} (session_id varchar, piece bigint)")
    con.execute(
        f"comment on table {REPLACED} is 'Sessions made anew: their events in earlier parts do "
        "not count.'"
    )
    con.execute(f"comment on column {REPLACED}.session_id is 'The session.'")
    con.execute(f"comment on column {REPLACED}.piece is 'The first piece that counts.'")


def add(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Makes the new part, of that number, part of the build."""
    con.execute(
        f"insert into {PARTS} select {number}, count(*), max(session_id) from {NEW}"  # noqa: S608
    )


def fold(con: duckdb.DuckDBPyConnection, builds: Path) -> None:
    """Takes small parts that came last into the new one, before it is added, when they are many.

    Each part that stays is larger than all after it together, so they remain few, and a row is
    copied only now and then. Rows that do not count any more are left behind.
    """
    parts = con.execute(f"select part, event_count from {PARTS} order by part desc").fetchall()  # noqa: S608
    if len(parts) < MOST_PARTS:
        return
    folded: list[int] = []
    (rows,) = con.execute(f"select count(*) from {NEW}").fetchall()[0]  # noqa: S608
    for number, count in parts:
        if folded and count > rows:
            break
        folded.append(number)
        rows += count
    for number in reversed(folded):
        attach(con, path_of(builds, number))
        con.execute(
            f'insert into {NEW} select rows.* from "{_name(number)}".{TABLE} as rows '  # noqa: S608
            f"anti join {REPLACED} as replaced on replaced.session_id = rows.session_id "
            "and replaced.piece > rows.piece"
        )
        con.execute(f'detach "{_name(number)}"')
    con.execute(f"delete from {PARTS} where part >= {min(folded)}")  # noqa: S608
    # Later sessions are in no part that is left.
    con.execute(
        f"delete from {REPLACED} where session_id > "  # noqa: S608
        f"(select coalesce(max(last_session_id), '') from {PARTS})"
    )


def replace(con: duckdb.DuckDBPyConnection, sessions: str, number: int) -> None:
    """Has the events of the selected sessions count from that part on."""
    first = chunk_number(number, 0)
    con.execute(f"insert into {REPLACED} select session_id, {first} from ({sessions})")  # noqa: S608


def view(con: duckdb.DuckDBPyConnection, builds: Path) -> str:
    """The select of session_events over the parts that the build names, by their paths."""
    parts = listed(path_of(builds, number).absolute() for number in numbers_of(con))
    return _counting(con, f"read_duckdb({parts}, table_name = '{TABLE}')")


def view_for_cursor(con: duckdb.DuckDBPyConnection) -> str:
    """What a cursor has to run to see session_events in the attached parts.

    Empty where the build keeps its events in a table.
    """
    numbers = numbers_of(con)
    if not numbers:
        return ""
    parts = " union all ".join(f'from "{_name(number)}".{TABLE}' for number in numbers)
    return f"create or replace temp view {TABLE} as {_counting(con, f'({parts})')}"


def _counting(con: duckdb.DuckDBPyConnection, rows: str) -> str:
    """The rows that count, of all rows of the parts."""
    # Paths and names of our own.
    text = f"select events.* exclude (piece) from {rows} as events"  # noqa: S608
    (replaced,) = con.execute(f"select count(*) from {REPLACED}").fetchall()[0]  # noqa: S608
    if not replaced:
        return text
    return (
        f"{text} anti join {REPLACED} as replaced on replaced.session_id = events.session_id "
        "and replaced.piece > events.piece"
    )


def numbers_of(con: duckdb.DuckDBPyConnection, catalog: str | None = None) -> list[int]:
    """The parts that a build is made of; none where it keeps its events in a table."""
    where = f"{catalog}.{PARTS}" if catalog else PARTS
    try:
        rows = con.execute(f"select part from {where} order by part").fetchall()  # noqa: S608
    except duckdb.CatalogException:
        return []
    return [number for (number,) in rows]


def sweep(builds: Path, needed: Iterable[int]) -> None:
    """Removes parts that no build is made of, and what a killed build has left."""
    keep = {path_of(builds, number) for number in needed}
    for path in (builds / FOLDER).glob("*"):
        if path not in keep:
            path.unlink(missing_ok=True)


def _unfinished(builds: Path, number: int) -> Path:
    return path_of(builds, number).with_suffix(".building")
