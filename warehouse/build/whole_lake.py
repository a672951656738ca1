"""Makes the sessions of a whole lake, several parts of it at a time. Decides no rule: models do.

A lake that fits in memory is divided by users, whom no session leaves. A larger one is cut into
chunks of days, and what is set aside at their seams is, of all chunks, one last set of events. So
memory holds some chunks, never a large lake, and sessions are what they would be if all events
were looked at together.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue

from etl.lake import LakeState
from warehouse.build.day_chunks import DayChunk, chunks_of_days, fits_in_memory
from warehouse.build.model_inputs import events_in
from warehouse.build.sessioniser import (
    SessionTarget,
    Worker,
    add_pairs,
    begin,
    events_of,
    make_session_set,
)
from warehouse.build.steps import step_sql
from warehouse.build.user_shares import shares_of_users

_MOST_WORKERS = 8


def make_sessions(con: Worker, target: SessionTarget, state: LakeState) -> None:
    """The sessions of the whole lake, of which there are none yet; creates all tables.

    They lie in the target's tables, files and part, and `collect` shows them as one.
    """
    files = state.events
    most = min(os.cpu_count() or 1, _MOST_WORKERS)
    if fits_in_memory(files):
        event_count = sum(file.rows for file in files)
        events = events_in(state, files)
        _make_of_users(con, target, shares_of_users(events, event_count, most))
    else:
        _make_of_days(con, target, chunks_of_days(files), most)


def _make_of_users(con: Worker, target: SessionTarget, shares: Sequence[str]) -> None:
    if len(shares) == 1:
        create_tables(target, shares[0])
        return
    create_tables(target, events_in(target.state, []))
    _share_out(con, target, [(events, None) for events in shares], len(shares))


def _make_of_days(
    con: Worker, target: SessionTarget, chunks: Sequence[DayChunk], most: int
) -> None:
    state, count = target.state, min(most, len(chunks))
    create_tables(target, events_in(state, []))
    con.execute("create table working.seam_tracker_keys (tracker_key varchar)")
    if _has_trackers(con):
        con.execute(f"insert into working.seam_tracker_keys {step_sql('seam_tracker_keys')}")
    con.execute(f"create table working.seam_events as {events_in(state, [])}")
    sets = [(events_of(state, chunk, chunk.files), chunk) for chunk in chunks]
    _share_out(con, target, sets, count)
    worker = begin(target)
    make_session_set(target, worker, "from working.seam_events", number=len(chunks) + 1)
    worker.close()
    con.execute("drop table working.seam_events")


def _has_trackers(con: Worker) -> bool:
    """Whether any batch is of a stream whose tracker says what a session is."""
    return bool(con.execute("from lake_batches where stream = 'tracker' limit 1").fetchall())


def create_tables(target: SessionTarget, events: str) -> None:
    """Makes all tables, of a first set of events, which is given as a select and may be empty."""
    worker = begin(target)
    models = target.models
    every = {model.name for model in (*models.steps, *models.pairs)}
    make_session_set(target, worker, events, number=0, creates=every)
    add_pairs(target, worker, events, creates=every)
    worker.close()


def _share_out(
    con: Worker, target: SessionTarget, sets: Sequence[tuple[str, DayChunk | None]], count: int
) -> None:
    """Has each set of events made by the next worker that is free, of so many."""
    workers = [begin(target) for _ in range(count)]
    free: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work(number: int, events: str, chunk: DayChunk | None) -> None:
        worker = free.get()
        try:
            make_session_set(target, worker, events, number, chunk=chunk)
            add_pairs(target, worker, events)
        finally:
            free.put(worker)

    with _one_thread_a_query(con), ThreadPoolExecutor(count) as threads:
        try:
            jobs = [threads.submit(work, number, *one) for number, one in enumerate(sets, start=1)]
            for job in jobs:
                job.result()
        finally:
            threads.shutdown(cancel_futures=True)
    for worker in workers:
        worker.close()


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
