"""Makes the sessions of a set of events. Decides no rule: models do.

The models whose scope is `session` say the same of any set of events that no session leaves. A
chunk of whole days is not quite one: sessions near its ends may go on in the next chunk. Those
are set aside, for a set of their own.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from etl.duck import listed, quoted
from etl.lake import LakeState
from etl.lake.records import LakeFile
from warehouse import event_parts, table_parts
from warehouse.build.closure import close_sessions, events_of_closure
from warehouse.build.day_chunks import DayChunk, midnight
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import events_in
from warehouse.build.runner import RunResults, ancestors_of, make, ordered_models, run, run_checks
from warehouse.build.sorted_windows import without_sorting_again

# So many stay in memory until they are collected; the rest are written to files and read again.
MOST_SESSIONS_IN_MEMORY = 500_000

# A connection on the same database, with the inputs of the models laid out.
Worker = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class SessionModels:
    """The models of sessions, each after those it reads.

    first  what the others read besides events; made once by each worker
    steps  those that say something of sessions
    pairs  those that say something of events, in no session yet
    """

    first: Sequence[Model]
    steps: Sequence[Model]
    pairs: Sequence[Model]


def session_models() -> SessionModels:
    """The models of sessions that there are."""
    models = ordered_models()
    steps = [model for model in models if model.scope == "session"]
    needed = ancestors_of(models, [model.name for model in steps])
    return SessionModels(
        first=[model for model in models if model.name in needed and not model.scope],
        steps=[replace(model, sql=without_sorting_again(model.sql)) for model in steps],
        pairs=[model for model in models if model.scope == "events"],
    )


@dataclass(frozen=True)
class SessionTarget:
    """What sessions are made with, and what takes them.

    open_worker  opens a worker
    models       what is made
    state        the lake that they are made of
    folder       takes the sessions of each set of events, as a file, until they are collected
    database     where the marts are
    part         number of the part that takes the events
    results      what becomes of models and checks
    in_memory    numbers of the sets whose sessions are kept in a table instead
    """

    open_worker: Callable[[], Worker]
    models: SessionModels
    state: LakeState
    folder: Path
    database: str
    part: int
    results: RunResults
    in_memory: set[int] = field(default_factory=set)


def begin(target: SessionTarget) -> Worker:
    """A worker that has what the models of sessions read besides events."""
    worker = target.open_worker()
    for model in target.models.first:
        make(worker, model, target.results)
    return worker


def make_session_set(
    target: SessionTarget,
    worker: Worker,
    events: str,
    number: int,
    creates: Container[str] = (),
    chunk: DayChunk | None = None,
) -> None:
    """Adds the sessions of events that no session leaves, given as a select.

    number   no other set of this build has it; the sessions of number 0 are collected last
    creates  the models whose tables are not there yet
    chunk    the events are those of this chunk, and the sessions at its ends are set aside
    """
    _show_events(worker, events)
    for model in target.models.steps:
        make_step(target, worker, model, number, creates)
        if model.name == "int_session_totals":
            run_checks(worker, ["session"], target.results)
            if chunk:
                _set_aside(target, worker, chunk)


def add_pairs(
    target: SessionTarget, worker: Worker, events: str, creates: Container[str] = ()
) -> None:
    """Adds what the events, given as a select, say of who is who; in no session yet."""
    _show_events(worker, events)
    for model in target.models.pairs:
        run(worker, model, f"{_into(target, model, creates)} {model.sql}", target.results)


def collect(target: SessionTarget, con: Worker) -> None:
    """Leaves the view int_sessions: the sessions of all sets. CheckFailed on a bad row."""
    rows = [f"from {sessions_in_memory(number)}" for number in sorted(target.in_memory)]
    count = len(rows) + len(list(target.folder.glob("*.parquet")))
    # The engine guesses the rows of all files from those of the first. The set that created the
    # tables of several chunks has none, and would have it join the wrong way round.
    files = [session_file(target, n) for n in (*range(1, count), 0) if n not in target.in_memory]
    if files:
        rows.append(f"from read_parquet({listed(files)})")
    con.execute(f"create or replace temp view int_sessions as {' union all '.join(rows)}")
    con.execute(f"create or replace temp view part_events as from {event_parts.NEW}")
    run_checks(con, ["part"], target.results)
    target.results.refuse_bad_rows()


def sessions_in_memory(number: int) -> str:
    """The table of the sessions of a set that is kept in memory."""
    return f"working.sessions_of_set_{number}"


def _show_events(worker: Worker, events: str) -> None:
    worker.execute(f"create or replace temp view lake_events as {events}")


def make_step(
    target: SessionTarget, worker: Worker, model: Model, number: int, creates: Container[str] = ()
) -> None:
    """Makes one model of the events that the worker is shown, and shows it to the next ones."""
    if model.name == event_parts.TABLE:
        chunk = event_parts.chunk_number(target.part, number)
        into = _into(target, model, creates)
        text = f"{into} select *, {chunk}::bigint as piece from ({model.sql})"  # noqa: S608
        run(worker, model, text, target.results)
        worker.execute(
            f"create or replace temp view {model.name} as "  # noqa: S608
            f"select * exclude (piece) from {event_parts.NEW} where piece = {chunk}"
        )
    elif model.is_mart:
        run(worker, model, f"{_into(target, model, creates)} {model.sql}", target.results)
    elif model.name == "int_sessions":
        _keep_sessions(target, worker, model, number)
    else:
        make(worker, model, target.results)


def _keep_sessions(target: SessionTarget, worker: Worker, model: Model, number: int) -> None:
    # All chunks' together would fill the memory, and what comes after would spill.
    is_little = (target.results.rows["int_session_totals"] or 0) <= MOST_SESSIONS_IN_MEMORY
    if is_little:
        target.in_memory.add(number)
        kept = sessions_in_memory(number)
        run(worker, model, f"create table {kept} as {model.sql}", target.results)
    else:
        kept = quoted(session_file(target, number))
        run(worker, model, f"copy ({model.sql}) to {kept} (format parquet)", target.results)
    worker.execute(f"create or replace temp view int_sessions as from {kept}")


def _into(target: SessionTarget, model: Model, creates: Container[str]) -> str:
    """The beginning of the statement that adds a model's rows."""
    in_parts = model.kept_as == "parts"
    table = table_parts.new(model.name) if in_parts else f"{target.database}.{model.name}"
    return f"create table {table} as" if model.name in creates else f"insert into {table}"


def session_file(target: SessionTarget, number: int) -> Path:
    """The file of the sessions of a set."""
    return target.folder / f"int_sessions-{number}.parquet"


def _set_aside(target: SessionTarget, worker: Worker, chunk: DayChunk) -> None:
    """Takes the sessions out that may go on in another chunk, and keeps their events."""
    ends = {"since": midnight(chunk.since), "until": midnight(chunk.until)}
    close_sessions(worker, "seam_sessions", "int_session_totals", "first_source", params=ends)
    events = events_of_closure(
        worker, chunk.files, lambda files: events_of(target.state, chunk, files)
    )
    worker.execute(f"insert into working.seam_events {events}")
    worker.execute(
        "delete from int_session_totals "
        "where session_id in (select session_id from closure_sessions)"
    )


def events_of(state: LakeState, chunk: DayChunk, files: Sequence[LakeFile]) -> str:
    """The events that some files of a chunk have in it, as a select."""
    return events_in(state, files, chunk.condition)
