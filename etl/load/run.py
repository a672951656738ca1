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
from etl.formats.read_plan import ReadPlan, look
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
    inputs, tables = landed_inputs(settings, inputs, listener.on_table)
    to_load = find_inputs(inputs, lake)
    listener.on_inputs(to_load)
    outcomes: list[Outcome] = []

    def record(outcome: Outcome, size: int = 0) -> None:
        remember_failure(lake, outcome)
        outcomes.append(outcome)
        listener.on_file_end(outcome, size)

    for outcome in waiting:
        record(outcome)
    for table in tables:
        if table.problem:
            record(Outcome(table.source, table.place, "failed", message=table.problem))
        else:
            remember_failure(lake, Outcome(table.source, table.place, "loaded"))
    for pattern, request in to_load.missing:
        message = nothing_matches(pattern)
        record(Outcome(request.source or "", pattern, "failed", message=message))
    commits = lake.commits()
    with connection(lake.spill) as con:
        for outcome in _merge_small_files(con, lake, listener):
            outcomes.append(outcome)
            listener.on_file_end(outcome, 0)
        known = KnownHashes(con, lake)
        by_path = _by_path(commits)
        for file in to_load.files:
            listener.on_file_begin(file.path, file.size)
            outcome = _load_file(con, lake, commits, by_path, known, file, now, listener)
            record(outcome, file.size)
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
        listener.on_merge(fewer, time.monotonic() - started)
    return []


def _load_file(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: list[Commit],
    by_path: Mapping[str, Sequence[Commit]],
    known: KnownHashes,
    file: InputFile,
    now: datetime,
    listener: Listener,
) -> Outcome:
    """What became of one file; its commit is added to the commits."""
    path = file.path
    source = file.request.source or ""
    try:
        same_path = by_path.get(str(path.resolve()), ())
        if batch := known_by_look(path, file.request, same_path):
            return _unchanged(batch.source, path, batch.format)
        plan = look(path, file.request)
        source = plan.source
        commit = load_batch(con, lake, commits, known, plan, now)
        if commit is None:
            return _unchanged(source, path, plan.format.name)
        commit = _with_changes(lake, commit, plan, listener)
    except ConfigError:
        raise
    except DwellError as error:
        lake.clear_staged()
        listener.on_error(error)
        return Outcome(source, str(path), "failed", message=str(error))
    # One bad file never stops the others, whatever is wrong with it.
    except Exception as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        lake.clear_staged()
        listener.on_error(error)
        message = (
            f"{path} could not be loaded: {_reason(error)}. Nothing of it was loaded, the lake "
            "is as it was. Mend the cause and load it again."
        )
        return Outcome(source, str(path), "failed", message=message)
    commits[:] = [c for c in commits if c.batch_id != commit.replaces] + [commit]
    return _loaded(commit)


def _with_changes(lake: Lake, commit: Commit, plan: ReadPlan, listener: Listener) -> Commit:
    """The commit, with what changed in the fields of its source where that can be told."""
    try:
        return note_changes(lake, commit, plan)
    # The batch is in the lake: whatever goes wrong here is told, and makes it no failure.
    except Exception as error:
        listener.on_error(error)
        listener.on_warning(
            f"{plan.sample.path} is loaded, but its fields could not be compared with those of "
            f"earlier files: {type(error).__name__}: {in_brief(error)}. The next file of its kind "
            "is compared again. Report it with this text if it happens again."
        )
        return commit


def _by_path(commits: Sequence[Commit]) -> dict[str, list[Commit]]:
    by_path: dict[str, list[Commit]] = defaultdict(list)
    for commit in commits:
        by_path[commit.path].append(commit)
    return by_path


def _reason(error: Exception) -> str:
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
