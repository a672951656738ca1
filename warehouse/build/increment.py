"""Makes a build out of the one before it and the batches since. Publishes nothing.

Work grows with what is new. A session can only change if a new event comes as near to it as the
timeout, has its tracker's id, or if it was open. Those sessions' events, out of the lake, and the
new ones are a set of events that no session leaves: the models of sessions make it anew, as they
make a chunk of a full build. Then follow the users, days, workflows and visitors that this
touches. What comes of it is, row by row, what a full build would make, but for the small numbers of
users, which differ and tell the same users apart.

docs/builds.md lists the tables in `working` that the steps leave to each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from etl.lake import LakeState
from warehouse import event_parts, table_parts
from warehouse.build.closure import close_sessions, events_of_closure
from warehouse.build.known_sessions import (
    columns_read,
    find_sessions,
    forget_sessions,
    sessions_of_known_users,
)
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import events_after, events_up_to
from warehouse.build.partial import (
    MADE_BY_HAND,
    PARTIAL_SCOPES,
    changed,
    make_parts,
    show_all,
    show_parts,
)
from warehouse.build.runner import (
    OnStep,
    make,
    names_in_parts,
    ordered_models,
    run,
    run_checks,
)
from warehouse.build.sessioniser import (
    SessionTarget,
    add_pairs,
    begin,
    collect,
    make_session_set,
)
from warehouse.build.steps import step_sql


class NeedsFull(Exception):
    """New events change history in a way that only a full build can tell; says which."""


def make_increment(
    con: duckdb.DuckDBPyConnection,
    target: SessionTarget,
    state: LakeState,
    known: int,
    as_of: datetime | None,
    on_step: OnStep,
) -> None:
    """Every mart, on top of the last build, which was taken over into the target.

    con    uses the database of the target; `working`, in memory, holds the rest
    state  the lake that it is made of
    known  the number of the last batch that the last build has seen, which was as of then

    NeedsFull when new events change more than that; CheckFailed on a bad row.
    """
    models = ordered_models()
    by_name = {model.name: model for model in models}
    for name in ("stg_settings", "int_as_of", "stg_kept_users"):
        make(con, by_name[name], target.results)
    _refuse_earlier_clock(con, as_of)
    columns = columns_read(con, models)
    _find_touched(con, state, known, columns)
    _take_out_touched(con, target, models)
    _make_new_sessions(con, target)
    _add_user_sessions(con, target, by_name, columns)
    _make_changed(con, target, models, columns, on_step)
    for model in models:
        if model.is_mart and not model.scope and model.name not in MADE_BY_HAND:
            make(con, model, target.results)
    _show_sessions(con, "from user_sessions")


def _refuse_earlier_clock(con: duckdb.DuckDBPyConnection, last: datetime | None) -> None:
    """NeedsFull when as-of went back: sessions that were over then are open now."""
    (as_of,) = con.execute("select as_of from int_as_of").fetchall()[0]
    if last is not None and (as_of is None or as_of < last):
        msg = "the clock was set back: all history redone"
        raise NeedsFull(msg)


def _find_touched(
    con: duckdb.DuckDBPyConnection, state: LakeState, known: int, columns: Sequence[str]
) -> None:
    """Leaves the sessions that may change, and the events that are made sessions of anew."""
    _keep(con, "new_events", events_after(state, known))
    _keep(con, "new_spans", step_sql("new_spans"))
    _keep(con, "known_users", step_sql("known_users"))
    find_sessions(con, "from working.known_users", columns)
    _keep(con, "known_keys", "select distinct user_id, user_key from working.known_sessions")
    close_sessions(con, "reached_sessions", "working.known_sessions", "sources[1]")
    _keep(con, "touched_sessions", "from closure_sessions")
    old_events = events_of_closure(
        con, state.events, lambda files: events_up_to(state, files, known)
    )
    _keep(con, "touched_events", f"from ({old_events}) union all from working.new_events")
    for name in ("touched_days", "touched_workflows"):
        _keep(con, name, step_sql(name))


def _take_out_touched(
    con: duckdb.DuckDBPyConnection, target: SessionTarget, models: Sequence[Model]
) -> None:
    """Takes the touched sessions out of the parts before the new one."""
    for model in models:
        if model.name in names_in_parts(models) and "session" in model.keys:
            (column,) = model.keys["session"]
            is_known = model.name == "user_sessions"
            rows = "from working.known_sessions"
            rows = rows if is_known else table_parts.placed(con, model.name)
            table_parts.remove(
                con,
                model.name,
                f"from ({rows}) as rows semi join working.touched_sessions as touched "
                f"on touched.session_id = rows.{column}",
            )
    forget_sessions(con, "working.touched_sessions")
    event_parts.replace(con, "select session_id from working.touched_sessions", target.part)


def _make_new_sessions(con: duckdb.DuckDBPyConnection, target: SessionTarget) -> None:
    worker = begin(target)
    add_pairs(target, worker, "from working.new_events")
    creates = [event_parts.TABLE]
    make_session_set(target, worker, "from working.touched_events", number=0, creates=creates)
    worker.close()
    collect(target, con)
    _keep(con, "new_sessions", "from int_sessions")


def _add_user_sessions(
    con: duckdb.DuckDBPyConnection,
    target: SessionTarget,
    by_name: Mapping[str, Model],
    columns: Sequence[str],
) -> None:
    """Adds the new sessions to user_sessions, and numbers their users' sessions anew.

    Afterwards int_sessions shows the new sessions alone.
    """
    results = target.results
    _keep(con, "changed_users", step_sql("changed_users"))
    # An event of a tracker may be of another user than its session was.
    others = "from working.changed_users anti join working.known_users using (user_id)"
    find_sessions(con, others, columns)
    known = "from working.known_sessions union all by name from working.new_sessions"
    _show_sessions(con, f"from ({known}) semi join working.changed_users using (user_id)")
    make(con, by_name["int_session_numbers"], results)
    con.execute(f"create temp table int_user_keys as {step_sql('user_keys')}")
    _show_sessions(con, "from user_sessions union all by name from working.new_sessions")
    make(con, by_name["int_streams"], results)
    _refuse_first_queries(con)
    for name in ("int_pattern_indicators", "pattern_scores", "int_patterns_chosen"):
        make(con, by_name[name], results)
    _keep(con, "renumbered_sessions", step_sql("renumbered_sessions"))
    number = "places.session_number"
    changes = f"{number} as session_number, {number} = 1 as is_new_user"
    table_parts.rewrite(con, "user_sessions", "working.renumbered_sessions", changes)
    forget_sessions(con, "working.renumbered_sessions")
    _show_sessions(con, "from working.new_sessions")
    model = by_name["user_sessions"]
    text = f"insert into {table_parts.new('user_sessions')} by name {model.sql}"
    run(con, model, text, results)


def _refuse_first_queries(con: duckdb.DuckDBPyConnection) -> None:
    """NeedsFull when a stream has its first query, or lost its last one."""
    for stream, has_queries in con.execute(step_sql("first_queried_streams")).fetchall():
        what = "first queries" if has_queries else "no queries any more"
        msg = f"{what} of the stream {stream}: all history redone"
        raise NeedsFull(msg)


def _make_changed(
    con: duckdb.DuckDBPyConnection,
    target: SessionTarget,
    models: Sequence[Model],
    columns: Sequence[str],
    on_step: OnStep,
) -> None:
    """Makes the users, days, workflows and visitors anew that have changed."""
    for name in ("changed_days", "changed_workflows", "changed_visitors"):
        _keep(con, name, step_sql(name))
    found = {"user": {"user_sessions": sessions_of_known_users(columns)}}
    for scope in PARTIAL_SCOPES:
        if not con.execute(f"from {changed(scope)} limit 1").fetchall():
            continue
        show_parts(con, models, scope, target.database, found.get(scope, {}))
        for model in models:
            if model.scope != scope or model.name in MADE_BY_HAND:
                continue
            if model.is_mart and model.kept_as != "view":
                make_parts(con, model, target.database, target.results)
            else:
                make(con, model, target.results)
        # Checks of a scope are asked of these parts alone, too.
        run_checks(con, [scope], target.results, on_step)
        show_all(con, models, scope)
    target.results.refuse_bad_rows()


def _keep(con: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    con.execute(f"create or replace table working.{name} as {text}")


def _show_sessions(con: duckdb.DuckDBPyConnection, text: str) -> None:
    con.execute(f"create or replace temp view int_sessions as {text}")
