"""Finds what has to be made anew together with some sessions. Takes nothing out itself.

Sessions and their events are told apart by user and time. Where one session ends at the very time
at which the next one starts, that is not enough: then both are made anew, and what touches these.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb

from etl.lake.manifest import day_of
from warehouse.build.model_inputs import events_in
from warehouse.build.steps import step_sql


def close_sessions(
    con: duckdb.DuckDBPyConnection, seeds: str, table: str, source: str, **params: object
) -> None:
    """Leaves closure_sessions: the sessions that the step `seeds` names, and those they touch.

    table   has all sessions
    source  its column, or expression, of a session's first source
    """
    con.execute(f"create or replace temp table closure_seeds as {step_sql(seeds)}", params)
    con.execute(
        "create or replace temp view closure_candidates as "  # noqa: S608
        f"select session_id, stream, user_id, given_session_id, {source} as source, start_time, "
        f"end_time from {table}"
    )
    con.execute(f"create or replace temp table closure_sessions as {step_sql('closure_sessions')}")


def events_of_closure(con: duckdb.DuckDBPyConnection, root: Path, files: Sequence[str]) -> str:
    """The events of closure_sessions as a select, out of these files of days below the root."""
    spans = con.execute(
        "select distinct start_time::date, end_time::date from closure_sessions"
    ).fetchall()
    days = {
        str(first + timedelta(days=number))
        for first, last in spans
        for number in range((last - first).days + 1)
    }
    events = events_in(root, [name for name in files if day_of(name) in days])
    con.execute(f"create or replace temp view closure_files as {events}")
    return step_sql("closure_events")
