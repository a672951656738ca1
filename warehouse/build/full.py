"""Makes all marts of a build from the whole lake. Publishes nothing."""

from collections.abc import Callable

import duckdb

from etl.lake import LakeState
from warehouse import event_parts, part_views, table_parts
from warehouse.build.partial import PARTIAL_SCOPES
from warehouse.build.runner import (
    OnStep,
    RunResults,
    comment,
    make,
    names_in_parts,
    ordered_models,
    run_checks,
    write_models,
)
from warehouse.build.sessioniser import SessionTarget, collect
from warehouse.build.whole_lake import make_sessions

# How an engine makes the sessions of the whole lake, as make_sessions here does.
MakeSessions = Callable[[duckdb.DuckDBPyConnection, SessionTarget, LakeState], None]


def make_all(
    con: duckdb.DuckDBPyConnection,
    target: SessionTarget,
    state: LakeState,
    on_step: OnStep,
    make_sessions: MakeSessions = make_sessions,
) -> None:
    """Every mart, in the database that the connection uses, which is empty.

    `make_sessions` is the engine's way to make those of the whole lake. The part of the events
    that the target names was begun. CheckFailed on a bad row.
    """
    make_sessions(con, target, state)
    collect(target, con)
    event_parts.create_tables(con)
    table_parts.create_tables(con)
    models = ordered_models()
    of_events = [model for model in models if model.scope in ("session", "events")]
    for name in names_in_parts(of_events):
        table_parts.show(con, name)
    for model in models:
        if model not in of_events:
            make(con, model, target.results)
    run_checks(con, PARTIAL_SCOPES, target.results, on_step)
    target.results.refuse_bad_rows()


def finish_marts(con: duckdb.DuckDBPyConnection, results: RunResults, on_step: OnStep) -> None:
    """Asks the checks of everything, and describes the marts. CheckFailed on a bad row."""
    models = ordered_models()
    for model in models:
        if model.name in results.seconds:
            on_step(model.name, results.rows[model.name], results.seconds[model.name])
    with part_views.attached_first(con):
        run_checks(con, [""], results, on_step)
    results.refuse_bad_rows()
    con.execute("begin")
    comment(con, [model for model in models if model.is_mart])
    write_models(con, results)
    con.execute("commit")
