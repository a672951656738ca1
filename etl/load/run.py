"""One load: find the input, skip what the lake has, make a batch of each new file. Repeatable.

A file that fails stops no other: its failure is recorded beside the commits and told, and the
next load tries it again.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.config.settings import Settings
from etl.duck import MEMORY_LIMIT, connection
from etl.errors import ConfigError, DwellError, in_brief
from etl.extract.tables import landed_inputs
from etl.formats.read_plan import look
from etl.lake import Commit, Lake
from etl.lake.compact import compact
from etl.load.batch import load_batch
from etl.load.batch_id import known_by_look
from etl.load.deduplicate import KnownHashes
from etl.load.inputs import InputFile, Inputs, find_inputs, nothing_matches
from etl.load.outcome import Listener, Outcome, forget_vanished, remember_failure
from etl.load.schema_drift import note_changes


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
    forget_vanished(lake)
    inputs, extracted = landed_inputs(settings, inputs, listener.extracted)
    work = find_inputs(inputs, lake)
    listener.found(work)
    outcomes = []

    def became(outcome: Outcome, size: int = 0) -> None:
        remember_failure(lake, outcome)
        outcomes.append(outcome)
        listener.ended(outcome, size)

    for one in waiting:
        became(one)
    for table in extracted:
        if table.problem:
            became(Outcome(table.source, table.place, "failed", message=table.problem))
        else:
            remember_failure(lake, Outcome(table.source, table.place, "loaded"))
    for pattern, request in work.missing:
        message = nothing_matches(pattern)
        became(Outcome(request.source or "", pattern, "failed", message=message))
    commits = lake.commits()
    with connection(lake.spill) as con:
        for one in _merge_small_files(con, lake, listener):
            outcomes.append(one)
            listener.ended(one, 0)
        known = KnownHashes(con, lake)
        by_path = _by_path(commits)
        for item in work.items:
            listener.begins(item.path, item.size)
            became(_load_file(con, lake, commits, by_path, known, item, now, listener), item.size)
    return outcomes


def was_stopped(error: BaseException) -> bool:
    """Whether the engine ended a query because of a signal: it hides what the handler raised."""
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


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
    item: InputFile,
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
        plan = look(path, item.request)
        source = plan.source
        commit = load_batch(con, lake, commits, known, plan, now)
        if commit is None:
            return _unchanged(source, path, plan.format.name)
        commit = note_changes(lake, commit, plan)
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
