"""Makes sessions of pieces of the events, several pieces at a time. Decides no rule: models do.

The models whose scope is `session` say the same of any set of events that no session leaves. A
piece of whole days is not quite one: sessions near its ends may go on in the next piece. Those
are set aside, and their events, of all pieces, are one last piece. So memory holds some pieces,
never the lake, and sessions are what they would be if all events were looked at together.
"""

import os
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import duckdb

from etl.duck import listed, quoted
from etl.lake.manifest import day_of
from warehouse import event_parts
from warehouse.build.day_chunks import DayChunk
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import events_in
from warehouse.build.runner import (
    Tally,
    ancestors_of,
    kind_of,
    make,
    ordered_models,
    run,
    run_checks,
)

_SQL = Path(__file__).parent / "steps_sql"
_MOST_WORKERS = 8

# A connection on the same database, with the inputs of the models laid out.
Worker = duckdb.DuckDBPyConnection


class Sessioniser:
    """The models of sessions, and the tables that collect what they say of each piece.

    open_worker      opens a worker
    root      where the files of pieces lie below
    folder    takes the sessions of each piece, as a file, until they are collected
    database  where the marts are
    part      number of the part that takes the events
    The database `working`, in memory, holds what is set aside.
    """

    def __init__(
        self,
        open_worker: Callable[[], Worker],
        root: Path,
        folder: Path,
        database: str,
        part: int,
        tally: Tally,
    ) -> None:
        self.open_worker = open_worker
        self.root = root
        self.folder = folder
        self.database = database
        self.part = part
        self.tally = tally
        self.pieces = 0
        found = ordered_models()
        self.steps = [model for model in found if model.scope == "session"]
        self.pairs = [model for model in found if model.scope == "events"]
        needed = ancestors_of(found, [model.name for model in self.steps])
        self.first = [model for model in found if model.name in needed and not model.scope]

    def of_pieces(self, pieces: Sequence[DayChunk]) -> None:
        """The sessions of all pieces; creates all tables."""
        if len(pieces) <= 1:
            self._of_all(pieces)
            return
        self._of_all([])
        count = min(os.cpu_count() or 1, _MOST_WORKERS, len(pieces))
        hired = [self.begin() for _ in range(count)]
        with _one_thread_a_query(hired[0]):
            self._share(pieces, hired)
        self.of_events(hired[0], "from working.set_aside")
        hired[0].execute("drop table working.set_aside")
        for worker in hired:
            worker.close()

    def _share(self, pieces: Sequence[DayChunk], workers: Sequence[Worker]) -> None:
        """Has each piece made by the next worker that is free."""
        free: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            free.put(worker)

        def work(piece: DayChunk) -> None:
            worker = free.get()
            try:
                self.of_piece(worker, piece)
            finally:
                free.put(worker)

        with ThreadPoolExecutor(len(workers)) as threads:
            try:
                for done in [threads.submit(work, piece) for piece in pieces]:
                    done.result()
            finally:
                threads.shutdown(cancel_futures=True)

    def of_piece(self, worker: Worker, piece: DayChunk) -> None:
        """Adds the sessions of one piece, but for those that it sets aside."""
        self._see(worker, events_in(self.root, piece.files))
        self._make_steps(worker, piece=piece)
        self._keep_pairs(worker)

    def of_events(self, worker: Worker, events: str, *, creates: Container[str] = ()) -> None:
        """Adds the sessions of events that no session leaves, given as a select.

        `creates` are the models whose tables are not there yet.
        """
        self._see(worker, events)
        self._make_steps(worker, creates)

    def of_pairs(self, worker: Worker, events: str) -> None:
        """Adds what the events, given as a select, say of who is who; in no session yet."""
        self._see(worker, events)
        self._keep_pairs(worker)

    def _of_all(self, pieces: Sequence[DayChunk]) -> None:
        """The sessions of one piece that has no seam, or of none; creates all tables."""
        worker = self.begin()
        worker.execute(f"create or replace table working.set_aside as {events_in(self.root, [])}")
        events = events_in(self.root, pieces[0].files if pieces else [])
        every = {model.name for model in (*self.steps, *self.pairs)}
        self.of_events(worker, events, creates=every)
        self._keep_pairs(worker, every)
        worker.close()

    def begin(self) -> Worker:
        """A worker that has what the models of sessions read besides events."""
        worker = self.open_worker()
        for model in self.first:
            make(worker, model, kind_of(model), self.tally)
        return worker

    def collect(self, con: Worker) -> None:
        """Leaves the view int_sessions: the sessions of all pieces. CheckFailed on a bad row."""
        # The engine guesses the rows of all from those of the first. The piece that created the
        # tables has none, and would have it join the wrong way round.
        files = listed(self._file(number) for number in (*range(1, self.pieces), 0))
        con.execute(f"create or replace temp view int_sessions as from read_parquet({files})")
        con.execute(f"create or replace temp view part_events as from {event_parts.NEW}")
        run_checks(con, ["part"], self.tally)
        self.tally.refuse_bad()

    def _see(self, worker: Worker, events: str) -> None:
        worker.execute(f"create or replace temp view lake_events as {events}")

    def _make_steps(
        self, worker: Worker, creates: Container[str] = (), piece: DayChunk | None = None
    ) -> None:
        with self.tally.lock:
            number = self.pieces
            self.pieces += 1
        for model in self.steps:
            into = self._into(model, creates)
            if model.kept_as == "parts":
                name = event_parts.piece_name(self.part, number)
                text = f"{into} select *, {name}::bigint as piece from ({model.sql})"  # noqa: S608
                run(worker, model, text, self.tally)
                worker.execute(
                    f"create or replace temp view {model.name} as "  # noqa: S608
                    f"select * exclude (piece) from {event_parts.NEW} where piece = {name}"
                )
            elif model.is_mart:
                run(worker, model, f"{into} {model.sql}", self.tally)
            elif model.name == "int_sessions":
                # All pieces' together would fill the memory, and what comes after would spill.
                file = quoted(self._file(number))
                run(worker, model, f"copy ({model.sql}) to {file} (format parquet)", self.tally)
                worker.execute(f"create or replace temp view int_sessions as from {file}")
            else:
                make(worker, model, kind_of(model), self.tally)
            if model.name == "int_session_totals":
                run_checks(worker, ["session"], self.tally)
                if piece:
                    self._set_aside(worker, piece)

    def _file(self, number: int) -> Path:
        """What keeps the sessions of a piece."""
        return self.folder / f"int_sessions-{number}.parquet"

    def _set_aside(self, worker: Worker, piece: DayChunk) -> None:
        """Takes the sessions out that may go on in another piece, and keeps their events."""
        worker.execute(
            f"create or replace temp table met_sessions as {text_of('seam_sessions')}",
            {"since": _midnight(piece.since), "until": _midnight(piece.until)},
        )
        close_sessions(worker, "int_session_totals", "first_source")
        events = events_of_closed_sessions(worker, self.root, piece.files)
        worker.execute(f"insert into working.set_aside {events}")
        worker.execute(
            "delete from int_session_totals "
            "where session_id in (select session_id from closed_sessions)"
        )

    def _keep_pairs(self, worker: Worker, creates: Container[str] = ()) -> None:
        for model in self.pairs:
            run(worker, model, f"{self._into(model, creates)} {model.sql}", self.tally)

    def _into(self, model: Model, creates: Container[str]) -> str:
        """The beginning of the statement that adds a model's rows."""
        is_events = model.kept_as == "parts"
        table = event_parts.NEW if is_events else f"{self.database}.{model.name}"
        return f"create table {table} as" if model.name in creates else f"insert into {table}"


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


def close_sessions(con: duckdb.DuckDBPyConnection, table: str, source: str) -> None:
    """Leaves closed_sessions: those of the table that met_sessions names, with their neighbours.

    `source` is the table's column, or expression, of the first source.
    """
    con.execute(
        "create or replace temp view all_sessions as select session_id, stream, user_id, "  # noqa: S608
        f"given_session_id, {source} as source, start_time, end_time from {table}"
    )
    con.execute(f"create or replace temp table closed_sessions as {text_of('closed_sessions')}")


def events_of_closed_sessions(con: Worker, root: Path, names: Sequence[str]) -> str:
    """The events of closed_sessions as a select, out of these files of days below the root."""
    found = con.execute(
        "select distinct start_time::date, end_time::date from closed_sessions"
    ).fetchall()
    days = {
        str(first + timedelta(days=number))
        for first, last in found
        for number in range((last - first).days + 1)
    }
    events = events_in(root, [name for name in names if day_of(name) in days])
    con.execute(f"create or replace temp view given_events as {events}")
    return text_of("events_of_sessions")


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001


def text_of(name: str) -> str:
    """The SQL of a step of the build that is no model."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
