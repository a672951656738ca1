"""Makes sessions of chunks of the events, several at a time. Decides no rule: models do.

The models whose scope is `session` say the same of any set of events that no session leaves. A
chunk of whole days is not quite one: sessions near its ends may go on in the next chunk. Those
are set aside, and their events, of all chunks, are one last set. So memory holds some chunks,
never the lake, and sessions are what they would be if all events were looked at together.
"""

import os
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from queue import SimpleQueue

import duckdb

from etl.duck import listed, quoted
from etl.lake import Commit, Lake
from warehouse import event_parts, table_parts
from warehouse.build.closure import close_sessions, events_of_closure
from warehouse.build.day_chunks import DayChunk, chunks_of_days
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import events_in
from warehouse.build.runner import RunResults, ancestors_of, make, ordered_models, run, run_checks
from warehouse.build.sorted_windows import without_sorting_again
from warehouse.build.steps import step_sql

_MOST_WORKERS = 8

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
    root         the folder that the files of chunks lie below
    folder       takes the sessions of each set of events, as a file, until they are collected
    database     where the marts are
    part         number of the part that takes the events
    results      what becomes of models and checks
    """

    open_worker: Callable[[], Worker]
    models: SessionModels
    root: Path
    folder: Path
    database: str
    part: int
    results: RunResults


def make_sessions(
    con: Worker, target: SessionTarget, lake: Lake, commits: Sequence[Commit]
) -> None:
    """The sessions of the whole lake, of which there are none yet; creates all tables.

    They lie in the target's folder and part, and `collect` shows them as one.
    """
    chunks = chunks_of_days(lake, lake.event_files(commits))
    if len(chunks) <= 1:
        files = chunks[0].files if chunks else []
        _create_tables(target, events_in(target.root, files))
        return
    _create_tables(target, events_in(target.root, []))
    con.execute("create table working.seam_tracker_keys (tracker_key varchar)")
    if any(commit.stream == "tracker" for commit in commits):
        con.execute(f"insert into working.seam_tracker_keys {step_sql('seam_tracker_keys')}")
    con.execute(f"create table working.seam_events as {events_in(target.root, [])}")
    count = min(os.cpu_count() or 1, _MOST_WORKERS, len(chunks))
    workers = [begin(target) for _ in range(count)]
    with _one_thread_a_query(con):
        _share(target, chunks, workers)
    make_session_set(target, workers[0], "from working.seam_events", number=len(chunks) + 1)
    con.execute("drop table working.seam_events")
    for worker in workers:
        worker.close()


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
        _make_step(target, worker, model, number, creates)
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
    # The engine guesses the rows of all from those of the first. The set that created the tables
    # of several chunks has none, and would have it join the wrong way round.
    count = len(list(target.folder.glob("*.parquet")))
    files = listed(_file(target, number) for number in (*range(1, count), 0))
    con.execute(f"create or replace temp view int_sessions as from read_parquet({files})")
    con.execute(f"create or replace temp view part_events as from {event_parts.NEW}")
    run_checks(con, ["part"], target.results)
    target.results.refuse_bad_rows()


def _create_tables(target: SessionTarget, events: str) -> None:
    worker = begin(target)
    models = target.models
    every = {model.name for model in (*models.steps, *models.pairs)}
    make_session_set(target, worker, events, number=0, creates=every)
    add_pairs(target, worker, events, creates=every)
    worker.close()


def _share(target: SessionTarget, chunks: Sequence[DayChunk], workers: Sequence[Worker]) -> None:
    """Has each chunk made by the next worker that is free."""
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(number: int, chunk: DayChunk) -> None:
        worker = free.get()
        try:
            events = events_in(target.root, chunk.files)
            make_session_set(target, worker, events, number, chunk=chunk)
            add_pairs(target, worker, events)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as threads:
        try:
            for job in [threads.submit(work, *pair) for pair in enumerate(chunks, start=1)]:
                job.result()
        finally:
            threads.shutdown(cancel_futures=True)


def _show_events(worker: Worker, events: str) -> None:
    worker.execute(f"create or replace temp view lake_events as {events}")


def _make_step(
    target: SessionTarget, worker: Worker, model: Model, number: int, creates: Container[str]
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
        # All chunks' together would fill the memory, and what comes after would spill.
        file = quoted(_file(target, number))
        run(worker, model, f"copy ({model.sql}) to {file} (format parquet)", target.results)
        worker.execute(f"create or replace temp view int_sessions as from {file}")
    else:
        make(worker, model, target.results)


def _into(target: SessionTarget, model: Model, creates: Container[str]) -> str:
    """The beginning of the statement that adds a model's rows."""
    in_parts = model.kept_as == "parts"
    table = table_parts.new(model.name) if in_parts else f"{target.database}.{model.name}"
    return f"create table {table} as" if model.name in creates else f"insert into {table}"


def _file(target: SessionTarget, number: int) -> Path:
    return target.folder / f"int_sessions-{number}.parquet"


def _set_aside(target: SessionTarget, worker: Worker, chunk: DayChunk) -> None:
    """Takes the sessions out that may go on in another chunk, and keeps their events."""
    ends = {"since": _midnight(chunk.since), "until": _midnight(chunk.until)}
    close_sessions(worker, "seam_sessions", "int_session_totals", "first_source", **ends)
    events = events_of_closure(worker, target.root, chunk.files)
    worker.execute(f"insert into working.seam_events {events}")
    worker.execute(
        "delete from int_session_totals "
        "where session_id in (select session_id from closure_sessions)"
    )


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001


@contextmanager
def _one_thread_a_query(con: Worker) -> Iterator[None]:
    """Queries meanwhile run on the threads that call them: as many as there are workers.

    The engine's own threads would take turns with those, which costs more than it brings.
    """
    (threads,) = con.execute("select current_setting('threads')").fetchall()[0]
    con.execute("set threads = 1")
    try:
        yield
    finally:
        con.execute(f"set threads = {threads}")
