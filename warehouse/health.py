"""How a home is: its build, how fresh it is, and what became of every row. Changes nothing.

What the command line, the pages, alerts and other programs say of it, they take from here.
"""

from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.collector.spool_files import SpoolFile, spool_files
from etl.config.settings import Settings
from etl.duck import sql_beside
from etl.errors import DwellError
from etl.lake import Lake, LakeState
from etl.lake.losses import losses
from etl.lake.receipts import pending, unended
from etl.lake.rules import RULES
from etl.load.outcome import failures
from warehouse.build_files import kept_builds, last_build, read_pointer
from warehouse.connection import open as open_warehouse
from warehouse.delivery.outbox import Waiting, waiting
from warehouse.kept import Kept, kept
from warehouse.query import sql_of

# Files whose fields changed: the newest of them, so that old news goes away.
_MOST_CHANGES = 5


@dataclass(frozen=True)
class SourceTotals:
    """Files, rows and time span of what the lake has of one source. Times are ISO texts, UTC.

    `times`: what its columns of times were read as: column=shape. `older_files`: those that were
    read by older rules.
    """

    source: str
    formats: list[str]
    files: int
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    first_event_time: str | None
    last_event_time: str | None
    last_loaded_at: str
    times: list[str] = field(default_factory=list)
    older_files: int = 0


@dataclass(frozen=True)
class RejectedRows:
    """Rows of one file that could not be events, for one reason; the first of them as example."""

    source: str
    file: str
    reason: str
    row_count: int
    first_line: int | None
    example: str | None


@dataclass(frozen=True)
class ChangedFields:
    """A file whose fields were not those of the file before, and how they differ, in sentences."""

    loaded_at: str
    source: str
    file: str
    schema_changes: tuple[str, ...]


@dataclass(frozen=True)
class DoubtedFile:
    """A file whose rows look wrong, and why, in sentences."""

    loaded_at: str
    source: str
    file: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class LoadedFile:
    """What one load of a file came to."""

    loaded_at: str
    source: str
    format: str
    file: str
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_rejected: int
    seconds: float


@dataclass(frozen=True)
class Collected:
    """What the collector has accepted for a source and no load has taken: finished files and their
    bytes, and files that it still writes or a killed one left open. `since`: the UTC moment, in ISO
    form, at which the oldest of them was begun.
    """

    source: str
    waiting_files: int
    waiting_bytes: int
    open_files: int
    since: str


@dataclass(frozen=True)
class HomeState:
    """How a home is. Before the first build there is no build, path, built_at and as_of.

    as_of                 newest event time loaded, naive UTC; None when there are no events
    data_age_seconds      how old that is now
    builds_kept           the numbers that `dwell sql --build` takes
    batches_not_in_build  loaded files that the next build will add
    failed_files          files whose last load failed, or that are loaded and hold no event:
                          source, file, message, failed_at
    problems              sentences on what is damaged, by the files' names and sizes
    collected             what the collector has accepted and no load has taken
    outbox                messages that a receiver does not have
    kept                  how long events and texts of each source are kept; none: all for ever
    unfinished            sentences on people who are not forgotten to the end
    """

    home: Path
    build: int | None
    path: Path | None
    built_at: datetime | None
    as_of: datetime | None
    data_age_seconds: float | None
    time_zone: str
    sessions: int
    events: int
    builds_kept: list[int]
    batches_not_in_build: int
    sources: list[SourceTotals]
    rejected: list[RejectedRows]
    failed_files: list[dict[str, object]]
    schema_changes: list[ChangedFields]
    warnings: list[DoubtedFile]
    last_loads: list[LoadedFile]
    problems: list[str]
    collected: list[Collected]
    outbox: list[Waiting]
    kept: list[Kept]
    unfinished: list[str] = field(default_factory=list)


def state(settings: Settings, last: int = 10, now: datetime | None = None) -> HomeState:
    """How the home is now, with so many of its last loads. Needs no lock."""
    lake = Lake(settings.home).state()
    build = last_build(settings.home)
    as_of = build.as_of if build else None
    with lake.batch_table() as con:
        sources = per_source(con)
        changes = schema_changes(con)
        doubted = doubted_files(con)
        loads = last_loads(con, last)
        not_loaded = collected(con, settings.home)
    told = problems(lake, settings.home)
    not_sent: list[Waiting] = []
    unfinished: list[str] = []
    try:
        unfinished = [unended(path) for path in pending(lake)]
        not_sent = waiting(settings.home)
    except DwellError as error:
        told.append(str(error))
    return HomeState(
        home=settings.home.resolve(),
        build=build.number if build else None,
        path=build.path.resolve() if build else None,
        built_at=build.built_at if build else None,
        as_of=as_of,
        data_age_seconds=seconds_since(as_of, now or datetime.now(UTC)) if as_of else None,
        time_zone=settings.time_zone,
        sessions=build.sessions if build else 0,
        events=build.events if build else 0,
        builds_kept=kept_builds(settings.home),
        batches_not_in_build=lake.batch_count - (build.batches if build else 0),
        sources=sources,
        rejected=rejected(settings.home),
        failed_files=failures(settings.home),
        schema_changes=changes,
        warnings=doubted,
        last_loads=loads,
        problems=told,
        collected=not_loaded,
        outbox=not_sent,
        kept=kept(settings, lake),
        unfinished=unfinished,
    )


def problems(lake: LakeState, home: Path) -> list[str]:
    """What is damaged, as far as names and sizes tell, and what puts it right. `dwell check` reads
    all.
    """
    told = [loss.sentence(lake) for loss in losses(lake)]
    try:
        build = read_pointer(home)
    except DwellError as error:
        return [*told, str(error)]
    if build and not build.is_whole:
        told.append(
            f"{build.path} or a part of it is missing or cut: the next load, or 'dwell build', "
            "makes it anew."
        )
    return told


def per_source(con: duckdb.DuckDBPyConnection) -> list[SourceTotals]:
    """Files, rows and time span of each source, by name, out of lake_batches."""
    return [SourceTotals(*row) for row in _rows(con, "source_totals", rules=RULES)]


def rejected(home: Path) -> list[RejectedRows]:
    """Rows that the current build knows as rejected, most first. None without a build."""
    try:
        with open_warehouse(home) as wh:
            relation = wh.sql(sql_of("health.rejected"))
            rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    except (DwellError, duckdb.Error):
        return []
    names = [field.name for field in fields(RejectedRows)]
    return [RejectedRows(**{name: row[name] for name in names}) for row in rows]


def schema_changes(con: duckdb.DuckDBPyConnection) -> list[ChangedFields]:
    """The newest files whose fields were not those of the file before, newest first."""
    rows = _rows(con, "changed_fields", most=_MOST_CHANGES)
    return [ChangedFields(time, source, file, tuple(c)) for time, source, file, c in rows]


def doubted_files(con: duckdb.DuckDBPyConnection) -> list[DoubtedFile]:
    """The newest files whose rows look wrong, newest first."""
    rows = _rows(con, "doubted_files", most=_MOST_CHANGES)
    return [DoubtedFile(time, source, file, tuple(told)) for time, source, file, told in rows]


def collected(con: duckdb.DuckDBPyConnection, home: Path) -> list[Collected]:
    """What the collector has accepted and no load has taken, by source; none where all is taken."""
    looks = {}
    for file in spool_files(home):
        # One that goes meanwhile has been taken.
        with suppress(OSError):
            stat = file.path.stat()
            looks[file] = (file.source, stat.st_size, stat.st_mtime_ns)
    known = set(_rows(con, "loaded_looks", sizes=sorted({look[1] for look in looks.values()})))
    left: dict[str, list[SpoolFile]] = {}
    for file, look in looks.items():
        if look not in known:
            left.setdefault(file.source, []).append(file)
    return [
        Collected(
            source,
            sum(not file.is_open for file in files),
            sum(looks[file][1] for file in files if not file.is_open),
            sum(file.is_open for file in files),
            min(file.begun_at for file in files),
        )
        for source, files in sorted(left.items())
    ]


def last_loads(con: duckdb.DuckDBPyConnection, most: int) -> list[LoadedFile]:
    """So many of the files that were loaded last, newest first."""
    return [LoadedFile(*row) for row in _rows(con, "loaded_files", most=most)]


def _rows(con: duckdb.DuckDBPyConnection, query: str, **params: object) -> list[tuple[Any, ...]]:
    """The rows of a query on lake_batches."""
    return con.execute(sql_beside(__file__, query), params).fetchall()


def seconds_since(moment: datetime, now: datetime) -> float:
    """How long ago a naive UTC time was, to a tenth of a second."""
    return round((now - moment.replace(tzinfo=UTC)).total_seconds(), 1)
