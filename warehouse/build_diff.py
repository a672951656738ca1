"""Lays two kept builds side by side, and finds the rows in which they differ. Changes neither.

A part that both are made of holds the same rows for both, but for those that one of them names as
gone: only these, and the parts that one has alone, are compared.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb

from etl.duck import connect, named, quoted
from etl.errors import BuildError, NoBuild, in_brief
from warehouse import event_parts, part_files, table_parts
from warehouse.build_files import build_path, builds_folder, kept_builds

BEFORE, AFTER = "before", "after"
# Numbers that users have in one build and not in another, although they are the same users.
IGNORED = frozenset({"user_key"})
_LOCAL = "timezone($zone, timezone('UTC', {}))::date"
_ONE_SOURCE = "case when len(sources) = 1 then sources[1] end"
# Table → the local day and the source of a row. Views over these tables differ where they do;
# identity_pairs are counted by chunks of events, which differ where no event does.
TABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "session_events": ("event_date", "source"),
        "user_sessions": ("start_date", _ONE_SOURCE),
        "overnight_days": ("event_date", "null"),
        "users": ("first_date", "null"),
        "user_patterns": ("null", "null"),
        "daily_session_stats": ("stat_date", "null"),
        "identities": (_LOCAL.format("valid_from"), "source"),
        "workflow_executions": (_LOCAL.format("start_time"), "source"),
        "chats": ("start_date", "null"),
        "chat_turns": ("start_date", "null"),
        "load_runs": (_LOCAL.format("loaded_at"), "source"),
        "rejected_summary": ("null", "source"),
    }
)


@contextmanager
def side_by_side(home: Path, before: int, after: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads both builds, as the databases BEFORE and AFTER.

    NoBuild when one of them is not kept, BuildError when one cannot be read.
    """
    folder = builds_folder(home)
    kept = kept_builds(home)
    for number in (before, after):
        if number not in kept:
            known = ", ".join(map(str, kept)) or "none; run 'dwell load'"
            msg = f"No build {number} is there. Builds kept: {known}."
            raise NoBuild(msg)
    with connect(config={"memory_limit": "2GB"}) as con:
        con.execute("set TimeZone = 'UTC'")
        try:
            for name, number in ((BEFORE, before), (AFTER, after)):
                path = quoted(build_path(folder, number))
                con.execute(f"attach {path} as {name} (read_only)")
                for part in table_parts.numbers_of(con, name):
                    part_files.attach(con, folder, part)
        except duckdb.Error as error:
            msg = (
                f"Builds {before} and {after} cannot be read side by side: {in_brief(error)}. "
                "Load the page anew; if it stays so, run 'dwell check'."
            )
            raise BuildError(msg) from error
        yield con


def tables_of_both(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Those of TABLES that both builds have."""
    return [
        table
        for table in TABLES
        if all(_parts(con, side, table) or _has_table(con, side, table) for side in (BEFORE, AFTER))
    ]


def find_changed(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """Leaves a temporary table of the rows that are in one build alone: its name.

    It has the columns that both have, and `copies`: how many more the later build has of that very
    row; fewer where below zero.
    """
    columns = ", ".join(named(name) for name in _columns(con, table))
    rows = " union all ".join(
        f"select {columns}, {step} as step from ({text})"  # noqa: S608
        for side, step in ((BEFORE, -1), (AFTER, 1))
        for text in _candidates(con, table, side)
    )
    name = f"changed_{table}"
    rows = rows or f"select {columns}, 0 as step from {AFTER}.{table} limit 0"  # noqa: S608
    con.execute(
        f"create or replace temp table {name} as select {columns}, sum(step) as copies "  # noqa: S608
        f"from ({rows}) group by all having sum(step) <> 0"
    )
    return name


def counting(con: duckdb.DuckDBPyConnection, side: str, table: str) -> str:
    """The select of all rows that a build has in a table."""
    pieces = [_counting(side, table, part) for part in _parts(con, side, table)]
    return " union all ".join(pieces) or f"from {side}.{table}"


def _candidates(con: duckdb.DuckDBPyConnection, table: str, side: str) -> list[str]:
    """Selects of all rows of one side that the other may not have."""
    other = AFTER if side == BEFORE else BEFORE
    mine, theirs = _parts(con, side, table), _parts(con, other, table)
    if not mine or not theirs:
        return [counting(con, side, table)]
    pieces = [_counting(side, table, part) for part in mine if part not in theirs]
    shared = [part for part in mine if part in theirs]
    if table == event_parts.TABLE:
        return pieces + [_left_events(side, other, part) for part in shared]
    return pieces + [_left_rows(side, other, table, part) for part in shared]


def _left_rows(side: str, other: str, table: str, part: int) -> str:
    """The rows of a shared part that are gone from the other build alone."""
    gone = f"{_gone(other, table, part)} except {_gone(side, table, part)}"
    rows = table_parts.attached(part, table)
    return (
        f"select rows.* from {rows} as rows "  # noqa: S608
        f"semi join ({gone}) as gone on gone.row = rows.rowid"
    )


def _left_events(side: str, other: str, part: int) -> str:
    """The events of a shared part whose sessions were made anew in the other build alone."""
    table = event_parts.REPLACED
    return (
        f"select rows.* from ({_counting(side, event_parts.TABLE, part)}) as rows "  # noqa: S608
        f"semi join (from {other}.{table} except from {side}.{table}) as replaced "
        "on replaced.session_id = rows.session_id and replaced.piece > rows.piece"
    )


def _counting(side: str, table: str, part: int) -> str:
    """The select of the rows of a part that count in a build."""
    rows = f"select rows.* from {table_parts.attached(part, table)} as rows"  # noqa: S608
    if table == event_parts.TABLE:
        return (
            f"{rows} anti join {side}.{event_parts.REPLACED} as replaced "
            "on replaced.session_id = rows.session_id and replaced.piece > rows.piece"
        )
    return f"{rows} anti join ({_gone(side, table, part)}) as gone on gone.row = rows.rowid"


def _gone(side: str, table: str, part: int) -> str:
    return (
        f"select row from {side}.{table_parts.GONE} "  # noqa: S608
        f"where table_name = {quoted(table)} and part = {part}"
    )


def _parts(con: duckdb.DuckDBPyConnection, side: str, table: str) -> list[int]:
    """The parts that a build has a table in; none where it has it in its own file."""
    if table == event_parts.TABLE:
        return event_parts.numbers_of(con, side)
    if not _has_table(con, side, table_parts.PARTS):
        return []
    rows = con.execute(
        f"select part from {side}.{table_parts.PARTS} where table_name = $table order by part",  # noqa: S608
        {"table": table},
    ).fetchall()
    return [number for (number,) in rows]


def _has_table(con: duckdb.DuckDBPyConnection, side: str, table: str) -> bool:
    known = con.execute(
        "select 1 from duckdb_tables() where database_name = $side and table_name = $table",
        {"side": side, "table": table},
    ).fetchall()
    return bool(known)


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns that both builds have in a table, but for those that say nothing."""
    sides = []
    for side in (BEFORE, AFTER):
        first = _parts(con, side, table)[:1]
        rows = table_parts.attached(first[0], table) if first else f"{side}.{table}"
        sides.append(con.execute(f"from {rows} limit 0").description or [])
    before, after = ({column[0] for column in side} for side in sides)
    known = (before & after) - IGNORED - {"piece"}
    return [column[0] for column in sides[1] if column[0] in known]
