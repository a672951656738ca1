"""How a home is: its build, how fresh it is, and what became of every row. Changes nothing.

What the command line, the pages, alerts and other programs say of it, they take from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from etl.config.settings import Settings
from etl.errors import DwellError
from etl.lake import Commit, Lake
from etl.load.outcome import failures
from warehouse.build_files import kept_builds, last_build
from warehouse.connection import open as open_warehouse
from warehouse.query import sql_of

# Files whose fields changed: the newest of them, so that old news goes away.
_MOST_CHANGES = 5


@dataclass(frozen=True)
class SourceTotals:
    """Files, rows and time span of what the lake has of one source. Times are ISO texts, UTC."""

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
class HomeState:
    """How a home is. Before the first build there is no build, path, built_at and as_of.

    as_of                 newest event time loaded, naive UTC; None when there are no events
    data_age_seconds      how old that is now
    builds_kept           the numbers that `dwell sql --build` takes
    batches_not_in_build  loaded files that the next build will add
    failed_files          files whose last load failed: source, file, message, failed_at
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
    last_loads: list[LoadedFile]


def state(settings: Settings, last: int = 10, now: datetime | None = None) -> HomeState:
    """How the home is now, with so many of its last loads. Needs no lock."""
    commits = Lake(settings.home).commits()
    build = last_build(settings.home)
    as_of = build.as_of if build else None
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
        batches_not_in_build=len(commits) - (build.batches if build else 0),
        sources=per_source(commits),
        rejected=rejected(settings.home),
        failed_files=failures(settings.home),
        schema_changes=schema_changes(commits),
        last_loads=last_loads(commits, last),
    )


def per_source(commits: Sequence[Commit]) -> list[SourceTotals]:
    """Files, rows and time span of each source, by name."""
    by_source: dict[str, list[Commit]] = {}
    for commit in commits:
        by_source.setdefault(commit.source, []).append(commit)
    return [_totals(source, by_source[source]) for source in sorted(by_source)]


def _totals(source: str, commits: Sequence[Commit]) -> SourceTotals:
    firsts = [commit.first_event_time for commit in commits if commit.first_event_time]
    lasts = [commit.last_event_time for commit in commits if commit.last_event_time]
    return SourceTotals(
        source=source,
        formats=list(dict.fromkeys(commit.format for commit in commits)),
        files=len(commits),
        rows_read=sum(commit.rows_read for commit in commits),
        rows_loaded=sum(commit.rows_loaded for commit in commits),
        rows_duplicate=sum(commit.rows_duplicate for commit in commits),
        rows_rejected=sum(commit.rows_rejected for commit in commits),
        first_event_time=min(firsts, default=None),
        last_event_time=max(lasts, default=None),
        last_loaded_at=max(commit.loaded_at for commit in commits),
    )


def rejected(home: Path) -> list[RejectedRows]:
    """Rows that the current build knows as rejected, most first. None without a build."""
    try:
        with open_warehouse(home) as wh:
            relation = wh.sql(sql_of("health.rejected"))
            rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    except DwellError:
        return []
    names = [field.name for field in fields(RejectedRows)]
    return [RejectedRows(**{name: row[name] for name in names}) for row in rows]


def schema_changes(commits: Sequence[Commit]) -> list[ChangedFields]:
    """The newest files whose fields were not those of the file before, newest first."""
    changed = [commit for commit in commits if commit.schema_changes]
    return [
        ChangedFields(commit.loaded_at, commit.source, commit.file, commit.schema_changes)
        for commit in changed[: -_MOST_CHANGES - 1 : -1]
    ]


def last_loads(commits: Sequence[Commit], most: int) -> list[LoadedFile]:
    """So many of the files that were loaded last, newest first."""
    names = [field.name for field in fields(LoadedFile)]
    newest = commits[-most:][::-1] if most else []
    return [LoadedFile(*(getattr(commit, name) for name in names)) for commit in newest]


def seconds_since(moment: datetime, now: datetime) -> float:
    """How long ago a naive UTC time was, to a tenth of a second."""
    return round((now - moment.replace(tzinfo=UTC)).total_seconds(), 1)
