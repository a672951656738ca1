"""Finds what has to be made anew together with some sessions. Takes nothing out itself.

Sessions and their events are told apart by user and time. Where one session ends at the very time
at which the next one starts, that is not enough: then both are made anew, and what touches these.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import duckdb

from etl.lake.records import LakeFile
from warehouse.build.steps import step_sql


def close_sessions(
    con: duckdb.DuckDBPyConnection,
    seeds: str,
    table: str,
    source: str,
    also: Sequence[str] = (),
    params: Mapping[str, object] | None = None,
) -> None:
    """Leaves closure_sessions: the sessions that the step `seeds` names, and those they touch.

    table   has all sessions
    source  its column, or expression, of a session's first source
    also    further columns of it to be left
    params  of the step
    """
    columns = ", ".join(("start_time", "end_time", *also))
    con.execute(f"create or replace temp table closure_seeds as {step_sql(seeds)}", params)
    con.execute(
        "create or replace temp view closure_candidates as "  # noqa: S608
        f"select session_id, stream, user_id, given_session_id, {source} as source, "
        f"{columns} from {table}"
    )
    con.execute(f"create or replace temp table closure_sessions as {step_sql('closure_sessions')}")


def events_of_closure(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[LakeFile],
    events_of: Callable[[Sequence[LakeFile]], str],
) -> str:
    """The events of closure_sessions as a select, out of those of these files that may have some.

    `events_of`: the select of the events of some of them.
    """
    spans = con.execute(
        "select distinct start_time::date, end_time::date from closure_sessions"
    ).fetchall()
    days = sorted(
        {
            first + timedelta(days=number)
            for first, last in spans
            for number in range((last - first).days + 1)
        }
    )
    needed = [file for file in files if _has_one(days, file.first_day, file.last_day)]
    con.execute(f"create or replace temp view closure_files as {events_of(needed)}")
    return step_sql("closure_events")


def _has_one(days: Sequence[date], first: date, last: date) -> bool:
    """Whether one of the days, which are in order, lies between these two."""
    at = bisect_left(days, first)
    return at < len(days) and days[at] <= last
