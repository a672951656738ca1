"""One load: find the input, skip what the lake has, make a batch of each new file. Repeatable.

A file that fails stops no other: its failure is recorded beside the commits and told, and the
next load tries it again.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.config.settings import Settings
from etl.config.sources import Source
from etl.engine import MEMORY_LIMIT, Engine
from etl.errors import ConfigError, DwellError, in_brief
from etl.extract.tables import Extracted, landed_inputs
from etl.formats.read_plan import known_by_look, look
from etl.formats.registry import Request, check_format
from etl.lake import Commit, Lake
from etl.lake.compact import compact
from etl.lake.store import write_json
from etl.load.batch import load_batch
from etl.load.deduplicate import KnownHashes
from etl.load.inputs import Inputs, Item, Work, find_work, nothing_matches
from etl.load.schema_drift import note_changes


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `status`: loaded, unchanged, waiting (not whole yet) or failed."""

    source: str
    file: str
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    format: str | None = None
    batch_id: str | None = None
    seconds: float = 0.0
    message: str | None = None
    schema_changes: tuple[str, ...] = ()


class Listener:
    """Hears how a load goes. Does nothing with it: derive what shall."""

    def extracted(self, table: Extracted) -> None:
        """A table of a live database was read, or could not be."""

    def found(self, work: Work) -> None:
        """What there is to do, before the first file."""

    def merged(self, files: int, seconds: float) -> None:
        """The lake has so many files fewer, because small ones of earlier loads were merged."""

    def begins(self, path: Path, size: int) -> None:
        """A file of so many bytes is begun."""

    def broke(self, error: Exception) -> None:
        """Why the file that was begun fails."""

    def ended(self, outcome: Outcome, size: int) -> None:
        """What became of an input: a file of so many bytes, or a pattern that matches nothing."""


def load(
    settings: Settings,
    inputs: Inputs,
    *,
    waiting: Sequence[Outcome] = (),
    listener: Listener | None = None,
    now: datetime | None = None,
) -> list[Outcome]:
    """Outcomes of all files behind the inputs (pattern, request), in order. Hold the lock.

    `waiting`: those of files that are left for the next load; they come first.
    """
    now = now or datetime.now(UTC)
    listener = listener or Listener()
    lake = Lake(settings.home)
    lake.sweep()
    _forget_vanished(lake)
    inputs, extracted = landed_inputs(settings, inputs, listener.extracted)
    work = find_work(inputs, lake)
    listener.found(work)
    outcomes = []

    def became(outcome: Outcome, size: int = 0) -> None:
        _remember_failure(lake, outcome)
        outcomes.append(outcome)
        listener.ended(outcome, size)

    for one in waiting:
        became(one)
    for table in extracted:
        if table.problem:
            became(Outcome(table.source, table.place, "failed", message=table.problem))
        else:
            _remember_failure(lake, Outcome(table.source, table.place, "loaded"))
    for pattern, request in work.missing:
        message = nothing_matches(pattern)
        became(Outcome(request.source or "", pattern, "failed", message=message))
    commits = lake.commits()
    with Engine(settings) as con:
        for one in _merge_small_files(con, lake, listener):
            outcomes.append(one)
            listener.ended(one, 0)
        known = KnownHashes(con, lake)
        by_path = _by_path(commits)
        for item in work.items:
            listener.begins(item.path, item.size)
            became(_load_file(con, lake, commits, by_path, known, item, now, listener), item.size)
    return outcomes


def requests_of(source: Source) -> list[tuple[str, Request]]:
    """The inputs of one configured source: its paths, or the address of its database."""
    request = request_of(source)
    places = (source.database.shown,) if source.database else source.paths
    return [(place, request) for place in places]


def request_of(source: Source) -> Request:
    """How the files of a configured source are read. ConfigError when its format is unknown."""
    check_format(source.format)
    return Request(
        source=source.name,
        format=source.format,
        map=source.map,
        sessions=source.sessions,
        time_zone=source.time_zone,
        exclude_users=source.exclude_users,
        tables=source.tables,
    )


def was_stopped(error: BaseException) -> bool:
    """Whether the engine ended a query because of a signal: it hides what the handler raised."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


def failures(home: Path) -> list[dict[str, object]]:
    """Files whose last load failed: source, file, message, failed_at."""
    folder = Lake(home).root / "failures"
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def _merge_small_files(
    con: duckdb.DuckDBPyConnection, lake: Lake, listener: Listener
) -> list[Outcome]:
    """What went wrong with merging what earlier loads left, if anything. Nothing depends on it."""
    started = time.monotonic()
    try:
        fewer = compact(con, lake)
    except (DwellError, OSError, duckdb.Error) as error:
        message = (
            f"The small files of {lake.events} could not be merged: {in_brief(error)}. Nothing is "
            "lost, reading them stays slow. The next load tries again."
        )
        return [Outcome("", str(lake.events), "failed", message=message)]
    except RuntimeError as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        raise
    if fewer:
        listener.merged(fewer, time.monotonic() - started)
    return []


def _load_file(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: list[Commit],
    by_path: Mapping[str, Sequence[Commit]],
    known: KnownHashes,
    item: Item,
    now: datetime,
    listener: Listener,
) -> Outcome:
    """What became of one file; its commit is added to the commits."""
    path = item.path
    source = item.request.source or ""
    try:
        there = by_path.get(str(path.resolve()), ())
        if batch := known_by_look(path, item.request, there):
            return _unchanged(batch.source, path, batch.format)
        reading = look(path, item.request)
        source = reading.source
        commit = load_batch(con, lake, commits, known, reading, now)
        if commit is None:
            return _unchanged(source, path, reading.format.name)
        commit = note_changes(lake, commit, reading)
    except ConfigError:
        raise
    except DwellError as error:
        lake.clear_staged()
        listener.broke(error)
        return Outcome(source, str(path), "failed", message=str(error))
    # One bad file never stops the others, whatever is wrong with it.
    except Exception as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        lake.clear_staged()
        listener.broke(error)
        message = (
            f"{path} could not be loaded: {_told(error)}. Nothing of it was loaded, the lake "
            "is as it was. Mend the cause and load it again."
        )
        return Outcome(source, str(path), "failed", message=message)
    commits[:] = [c for c in commits if c.batch_id != commit.replaces] + [commit]
    return _loaded(commit)


def _by_path(commits: Sequence[Commit]) -> dict[str, list[Commit]]:
    found: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        found[commit.path].append(commit)
    return found


def _told(error: Exception) -> str:
    """What an engine says, or where it speaks of itself alone, what that means."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return (
            f"some of its rows need more than {MEMORY_LIMIT} of memory: one is very long, or its "
            "values are nested very deep"
        )
    return in_brief(error)


def _unchanged(source: str, path: Path, format_name: str) -> Outcome:
    return Outcome(source, str(path), "unchanged", format=format_name)


def _loaded(commit: Commit) -> Outcome:
    return Outcome(
        source=commit.source,
        file=commit.file,
        status="loaded",
        rows_read=commit.rows_read,
        rows_loaded=commit.rows_loaded,
        rows_duplicate=commit.rows_duplicate,
        rows_rejected=commit.rows_rejected,
        format=commit.format,
        batch_id=commit.batch_id,
        seconds=commit.seconds,
        message="read in another way before: replaces that" if commit.replaces else None,
        schema_changes=commit.schema_changes,
    )


def _remember_failure(lake: Lake, outcome: Outcome) -> None:
    key = hashlib.sha256(outcome.file.encode()).hexdigest()[:24]
    record = lake.root / "failures" / f"{key}.json"
    if outcome.status != "failed":
        record.unlink(missing_ok=True)
        return
    # On a full disk there is nowhere to note it; it is told all the same.
    with suppress(OSError):
        write_json(record, asdict(outcome) | {"failed_at": datetime.now(UTC).isoformat()})


def _forget_vanished(lake: Lake) -> None:
    """Failures of files that are no longer there are nobody's business any more.

    What never was a file, such as a table of a database, is forgotten when it works again.
    """
    for record in (lake.root / "failures").glob("*.json"):
        told = json.loads(record.read_text(encoding="utf-8"))
        if "://" not in told["file"] and not Path(told["file"]).exists():
            record.unlink()
