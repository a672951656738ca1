"""Keeps session_events in parts, and says which of its rows count: whole sessions, by their piece.

Events are many, and those of a session lie together. So a session that was made anew is told by
its id: its events in older pieces no longer count. Other tables: `table_parts`.
"""

from collections.abc import Callable

import duckdb

from warehouse import part_files

TABLE = "session_events"
# The tables of a build that say which parts it is made of.
PARTS, REPLACED = "event_parts", "replaced_sessions"
# The table that takes the events of a new part.
NEW = f"{part_files.NEW}.{TABLE}"
_MOST_CHUNKS = 1_000_000
# From so many parts on the last ones become one.
MOST_PARTS = 8


def chunk_number(part: int, number: int) -> int:
    """The column `piece`: tells the events of a chunk from all others; grows with the parts."""
    return part * _MOST_CHUNKS + number


def create_tables(con: duckdb.DuckDBPyConnection, last: str | None = None) -> None:
    """Creates PARTS and REPLACED in the build: as in the last one, a database; else empty."""
    part_files.create_noted(
        con,
        PARTS,
        "The files that hold the events of this build.",
        {
            "part": ("bigint", "Number of the build that wrote it."),
            "event_count": ("bigint", "Its rows, those replaced too."),
            "last_session_id": ("varchar", "The highest one in it."),
        },
        last,
    )
    part_files.create_noted(
        con,
        REPLACED,
        "Sessions made anew: their events in earlier parts do not count.",
        {
            "session_id": ("varchar", "The session."),
            "piece": ("bigint", "The first piece that counts."),
        },
        last,
    )


def add(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Makes the new part, of that number, part of the build."""
    con.execute(
        f"insert into {PARTS} select {number}, count(*), max(session_id) from {NEW}"  # noqa: S608
    )


def fold(con: duckdb.DuckDBPyConnection) -> None:
    """Takes small parts that came last into the new one, before it is added, when they are many.

    Each part that stays is larger than all after it together, so they remain few, and a row is
    copied only now and then. Rows that do not count any more are left behind.
    """
    parts = con.execute(f"select part, event_count from {PARTS} order by part desc").fetchall()  # noqa: S608
    if len(parts) < MOST_PARTS:
        return
    (rows,) = con.execute(f"select count(*) from {NEW}").fetchall()[0]  # noqa: S608
    folded = part_files.last_small(parts, rows)
    for number in reversed(folded):
        con.execute(
            f"insert into {NEW} select rows.* "  # noqa: S608
            f"from {part_files.database_of(number)}.{TABLE} as rows "
            f"anti join {REPLACED} as replaced on replaced.session_id = rows.session_id "
            "and replaced.piece > rows.piece"
        )
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


def rows_that_count(con: duckdb.DuckDBPyConnection, table_of: Callable[[int, str], str]) -> str:
    """The select of session_events over the parts of the build.

    table_of  how a table of a part is read, by the part's number and the table's name
    """
    parts = " union all ".join(f"from {table_of(number, TABLE)}" for number in numbers_of(con))
    # Names of our own.
    text = f"select events.* exclude (piece) from ({parts}) as events"  # noqa: S608
    (replaced,) = con.execute(f"select count(*) from {REPLACED}").fetchall()[0]  # noqa: S608
    if not replaced:
        return text
    return (
        f"{text} anti join main.{REPLACED} as replaced on replaced.session_id = events.session_id "
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
