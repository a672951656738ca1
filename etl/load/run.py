"""One load: find the input, skip what the lake has, make a batch of each new file. Repeatable.

A file that fails stops no other: its failure is noted beside the lake and told, and the next load
tries it again.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.collector.spool_files import is_spool_path
from etl.config.settings import Settings
from etl.duck import connection, was_stopped
from etl.errors import ConfigError, DwellError, in_brief
from etl.extract.tables import landed_inputs
from etl.lake import Lake, LakeState
from etl.lake.compact import compact
from etl.lake.losses import losses, passing_over
from etl.lake.tombstones import tombstones_of
from etl.load.inputs import Inputs, find_inputs, leaves_out, nothing_matches, with_rules
from etl.load.loader import Loader
from etl.load.outcome import Listener, Outcome, forget_vanished, remember_failure
from etl.privacy.key import pseudonyms_of
from etl.privacy.redactor import Redactors


def load(
    settings: Settings,
    inputs: Inputs,
    *,
    waiting: Sequence[Outcome] = (),
    listener: Listener | None = None,
    now: datetime | None = None,
    again: bool = False,
    is_typed: bool = False,
) -> list[Outcome]:
    """Outcomes of all files behind the inputs (pattern, request), in order. Hold the lock.

    `waiting`: those of files that are left for the next load; they come first. `again`: files that
    were read by older rules are read by today's, and stand for what they were. `is_typed`: files
    and how they are read were typed for this load alone. What does not fit then is no fault of a
    file, and is not remembered as one: ConfigError where nothing fits.
    """
    now = now or datetime.now(UTC)
    listener = listener or Listener()
    lake = Lake(settings.home)
    state = lake.sweep()
    lost = losses(state)
    state = passing_over(state, lost)
    rules = settings.all_rules()
    redactors = Redactors(pseudonyms_of(settings.redact, rules, lake, state, now))
    forget_vanished(lake)
    inputs, tables = landed_inputs(
        settings,
        inputs,
        listener.on_table,
        lambda source: redactors.of(settings.rules_of(source)),
        tombstones_of(state),
    )
    to_load = with_rules(find_inputs(inputs, lake, settings.sources), settings)
    listener.on_inputs(to_load)
    for loss in lost:
        listener.on_warning(loss.sentence(state))
    outcomes: list[Outcome] = []
    misread: list[tuple[Outcome, int]] = []

    def record(outcome: Outcome, size: int = 0) -> None:
        outcomes.append(outcome)
        if is_typed and outcome.is_misread:
            misread.append((outcome, size))
            return
        remember_failure(lake, outcome)
        listener.on_file_end(outcome, size)

    for outcome in waiting:
        record(outcome)
    for table in tables:
        if table.problem:
            record(Outcome(table.source, table.place, "failed", message=table.problem))
        else:
            remember_failure(lake, Outcome(table.source, table.place, "loaded"))
    for pattern, request in to_load.missing:
        if is_spool_path(Path(pattern)):
            # A load that was quicker has removed it, with all of it in the build.
            continue
        message = nothing_matches(pattern)
        record(Outcome(request.source or "", pattern, "failed", message=message))
    for place, request, names in to_load.left_out:
        message = leaves_out(place, names)
        record(Outcome(request.source or "", place, "skipped", message=message))
    with connection(lake.spill) as con:
        state, problems = _with_files_merged(con, lake, state, listener)
        for outcome in problems:
            outcomes.append(outcome)
            listener.on_file_end(outcome, 0)
        loader = Loader(
            *(con, lake, state, to_load, now, listener, record),
            redactors=redactors,
            rules_of=settings.rules_of,
            again=again,
        )
        for file in to_load.files:
            loader.take(file)
        loader.finish()
    _refuse_misfit(outcomes, [outcome for outcome, _ in misread])
    for outcome, size in misread:
        listener.on_file_end(outcome, size)
    return outcomes


def _refuse_misfit(outcomes: Sequence[Outcome], misread: Sequence[Outcome]) -> None:
    """ConfigError where what was said of the files fits none of them, so that none was loaded."""
    left_out = sum(outcome.status == "skipped" for outcome in outcomes)
    if misread and len(misread) + left_out == len(outcomes):
        more = f" It is so with {len(misread)} files." if len(misread) > 1 else ""
        msg = f"{misread[0].message}{more} Nothing was loaded."
        raise ConfigError(msg)


def _with_files_merged(
    con: duckdb.DuckDBPyConnection, lake: Lake, state: LakeState, listener: Listener
) -> tuple[LakeState, list[Outcome]]:
    """The state once small files of earlier loads are merged, and what went wrong with that, if
    anything did. Nothing depends on it.
    """
    started = time.monotonic()
    try:
        merged = compact(con, lake, state)
    except (DwellError, OSError, duckdb.Error) as error:
        lake.clear_staged()
        message = (
            f"The small files of {lake.root} could not be merged: {in_brief(error)}. Nothing is "
            "lost, reading them stays slow. The next load tries again."
        )
        return state, [Outcome("", str(lake.root), "failed", message=message)]
    except RuntimeError as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        raise
    if merged is not state:
        fewer = len(state.events) - len(merged.events)
        listener.on_merge(fewer, time.monotonic() - started)
    return merged, []
