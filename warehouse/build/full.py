"""Makes all marts of a build from the whole lake. Publishes nothing."""

from collections.abc import Sequence

import duckdb

from etl.lake import Commit, Lake
from warehouse import event_parts
from warehouse.build.day_chunks import chunks_of_days
from warehouse.build.model_files import models
from warehouse.build.partial import SCOPES
from warehouse.build.runner import (
    Tally,
    Told,
    comment,
    kind_of,
    make,
    ordered_models,
    run_checks,
    write_models,
)
from warehouse.build.sessioniser import Sessioniser, text_of


def make_all(
    con: duckdb.DuckDBPyConnection,
    sessions: Sessioniser,
    lake: Lake,
    commits: Sequence[Commit],
    told: Told,
) -> None:
    """Every mart, in the database that the connection uses, which is empty.

    The part of the events that the sessions name was begun. CheckFailed on a bad row of a piece.
    """
    tally = sessions.tally
    make_sessions(con, sessions, lake, commits)
    sessions.collect(con)
    event_parts.create_tables(con)
    for model in ordered_models():
        if model.scope not in ("session", "events"):
            make(con, model, kind_of(model), tally)
    run_checks(con, SCOPES, tally, told)
    tally.refuse_bad()


def make_sessions(
    con: duckdb.DuckDBPyConnection, sessions: Sessioniser, lake: Lake, commits: Sequence[Commit]
) -> None:
    """The sessions of the whole lake, piece by piece; `sessions.collect` shows them as one."""
    pieces = chunks_of_days(lake, lake.event_files(commits))
    con.execute("create table working.spread_keys (tracker_key varchar)")
    if len(pieces) > 1 and any(commit.stream == "tracker" for commit in commits):
        con.execute(f"insert into working.spread_keys {text_of('spread_keys')}")
    sessions.of_pieces(pieces)


def finish_marts(con: duckdb.DuckDBPyConnection, tally: Tally, told: Told) -> None:
    """Asks the checks of everything, and describes the marts. CheckFailed on a bad row."""
    for model in ordered_models():
        if model.name in tally.seconds:
            told(model.name, tally.rows[model.name], tally.seconds[model.name])
    run_checks(con, [""], tally, told)
    tally.refuse_bad()
    con.execute("begin")
    for model in models():
        if model.is_mart:
            comment(con, model)
    write_models(con, tally)
    con.execute("commit")
