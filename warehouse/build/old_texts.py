"""keep_texts: what people typed and were answered leaves the home once it is too old.

Events stay, and so does what was computed of their texts; builds of before go with what they hold.
A run that is killed is ended by the next one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from etl.config.settings import Settings
from etl.duck import connect, create_table, quoted
from etl.lake import Lake, LakeState
from etl.lake.drop_texts import drop_texts
from etl.lake.records import LakeFile
from etl.lake.schema import FILE_COLUMNS, REJECTED_COLUMNS, table_in
from etl.lake.text_limits import TextLimits, note_limits, note_older, read_limits
from etl.privacy.not_kept import (
    IS_REPEATED,
    MAY_HOLD,
    PROMPT_LENGTH,
    RESPONSE_LENGTH,
    TextDropper,
)
from warehouse.build.older_builds import remove_older
from warehouse.build.publish import build
from warehouse.build.retained import text_of
from warehouse.build.runner import OnStep, ignore_step
from warehouse.build_files import Build
from warehouse.typed_texts import PROMPT_TEXTS, RESPONSE_TEXTS, words_of

TEXTS_DROPPED = "old texts dropped: all history redone"
_MEMORY_LIMIT = "2GB"
_ROWS_AT_ONCE = 1_000
_FOUND = ("source", "event_id", "properties", PROMPT_LENGTH, RESPONSE_LENGTH, IS_REPEATED)
_NEW = {"source": "VARCHAR", "event_id": "VARCHAR", "properties": "VARCHAR"}


@dataclass(frozen=True)
class DroppedTexts:
    """What was dropped, or would be.

    events    events whose texts went
    rejected  rejected rows whose texts went
    before    source → the time before which it has no texts now, naive UTC; of those that keep
              them for some time only
    build     the current build afterwards
    """

    events: int
    rejected: int
    before: Mapping[str, datetime]
    build: Build


def drop_old_texts(
    settings: Settings,
    *,
    now: datetime | None = None,
    dry_run: bool = False,
    on_step: OnStep = ignore_step,
) -> DroppedTexts:
    """Drops the texts that are older than their source keeps them. Hold the lock.

    Counted back from now, or from the newest event where the data is historic; whole local days.
    The errors of build. Nothing older: nothing is done.
    """
    lake = Lake(settings.home)
    current = build(settings, on_step=on_step)
    state = lake.state()
    before = texts_before(settings, state, current, now)
    limits = read_limits(state.root, state.number)
    if limits.knows(before, state.last_batch) and not limits.has_older:
        return DroppedTexts(0, 0, before, current)
    lake.spill.mkdir(parents=True, exist_ok=True)
    with connect(config={"temp_directory": str(lake.spill), "memory_limit": _MEMORY_LIMIT}) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {quoted(current.path)} as published (read_only)")
        _lay_out_limits(con, state, limits, before)
        events = _find_events(con, state, limits, before, settings)
        rejected, batches, rows = _find_rejected(con, state)
        con.execute("detach published")
        (count,) = con.execute("select count(*) from new_properties").fetchall()[0]
        if dry_run:
            return DroppedTexts(count, rows, before, current)
        # Of a source whose limit has moved, older builds may hold what the lake lost otherwise:
        # events that were pruned, files that were read anew.
        if events or rejected or dict(limits.before) != before:
            limits = note_older(state.root, limits, has_older=True)
        if events or rejected:
            state = drop_texts(con, lake, state, events, rejected, batches, lake.staged())
    if events or rejected:
        current = build(settings, on_step=on_step, because=TEXTS_DROPPED)
    if limits.has_older:
        remove_older(settings.home)
    if before or limits.before or limits.has_older:
        note_limits(state.root, TextLimits(before, state.last_batch, state.number))
    return DroppedTexts(count, rows, before, current)


def texts_before(
    settings: Settings, state: LakeState, current: Build, now: datetime | None = None
) -> dict[str, datetime]:
    """Source → the time before which it keeps no texts, naive UTC: the beginning of a local day.

    Of the sources that the lake or dwell.toml has and that keep them for some time only.
    """
    if settings.historic:
        now = current.as_of.replace(tzinfo=UTC) if current.as_of else None
    now = now or datetime.now(UTC)
    with state.batch_table() as con:
        loaded = con.execute("select distinct source from lake_batches").fetchall()
    sources = sorted({source for (source,) in loaded} | {one.name for one in settings.sources})
    kept = {source: settings.texts_kept_of(source) for source in sources}
    zone = ZoneInfo(settings.time_zone)
    return {source: _midnight(now - age, zone) for source, age in kept.items() if age}


def _midnight(time: datetime, zone: ZoneInfo) -> datetime:
    """When the local day of a time began, naive UTC."""
    day = time.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.astimezone(UTC).replace(tzinfo=None)


def _lay_out_limits(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    limits: TextLimits,
    before: Mapping[str, datetime],
) -> None:
    """Creates text_limits, lake_batches and the empty new_properties."""
    columns = {"source": "VARCHAR", "before_time": "TIMESTAMP", "known_time": "TIMESTAMP"}
    rows = [
        {"source": source, "before_time": time, "known_time": limits.before.get(source)}
        for source, time in before.items()
    ]
    create_table(con, "text_limits", columns, rows)
    create_table(con, "new_properties", _NEW, [])
    state.lay_out_batches(con)


def _find_events(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    limits: TextLimits,
    before: Mapping[str, datetime],
    settings: Settings,
) -> list[LakeFile]:
    """The files with events whose texts go; new_properties has what stays of those."""
    files = [
        file
        for file in state.events
        if file.source in before and limits.may_hold(file, before[file.source])
    ]
    if not files:
        return []
    paths = {str(state.path_of(file)): file for file in files}
    rows = table_in(list(paths), FILE_COLUMNS, "filename = true")
    con.execute(f"create or replace temp view lake_texts as from {rows}")
    text = text_of("old_texts")
    for name, words in (("prompt", PROMPT_TEXTS), ("response", RESPONSE_TEXTS)):
        text = text.replace(f"${name}_words", words_of(words))
    known = {"known_batch": limits.batch, "may_hold": MAY_HOLD}
    con.execute(f"create or replace temp table old_texts as {text}", known)
    repeated = {"repeated_query_time": settings.repeated_query_time}
    text = text_of("repeated_texts")
    con.execute(f"create or replace temp table repeated_texts as {text}", repeated)
    for found in _found(con):
        _keep_rest(con, found)
    touched = con.execute(
        "select distinct filename from old_texts semi join new_properties using (source, event_id)"
    ).fetchall()
    return [paths[path] for (path,) in sorted(touched)]


def _found(con: duckdb.DuckDBPyConnection) -> Iterator[list[dict[str, Any]]]:
    """The rows of old_texts, some at a time, with whether each text was repeated."""
    (rows,) = con.execute("select count(*) from old_texts").fetchall()[0]
    for first in range(0, rows, _ROWS_AT_ONCE):
        some = con.execute(
            "select old_texts.* exclude (filename), "
            "case when repeated_texts.event_id is not null then true end "
            "from old_texts left join repeated_texts using (source, event_id) "
            "where old_texts.rowid >= $first and old_texts.rowid < $first + $count",
            {"first": first, "count": _ROWS_AT_ONCE},
        ).fetchall()
        yield [dict(zip(_FOUND, row, strict=True)) for row in some]


def _keep_rest(con: duckdb.DuckDBPyConnection, found: list[dict[str, Any]]) -> None:
    dropper = TextDropper()
    facts = (PROMPT_LENGTH, RESPONSE_LENGTH, IS_REPEATED)
    rest = [
        {**{name: row[name] for name in _NEW}, "properties": properties}
        for row in found
        if (properties := dropper.dropped(row["properties"], {f: row[f] for f in facts}))
    ]
    create_table(con, "rests_of_texts", _NEW, rest)
    con.execute("insert into new_properties from rests_of_texts")


def _find_rejected(
    con: duckdb.DuckDBPyConnection, state: LakeState
) -> tuple[list[LakeFile], set[str], int]:
    """The files with rejected rows whose texts go, the batches of these, and how many rows."""
    paths = {str(state.path_of(file)): file for file in state.of_kind("rejected")}
    if not paths:
        return [], set(), 0
    rows = table_in(list(paths), REJECTED_COLUMNS, "filename = true")
    con.execute(f"create or replace temp view lake_rejected_texts as from {rows}")
    found = con.execute(text_of("old_rejected")).fetchall()
    files = [file for path, file in paths.items() if path in {path for path, _, _ in found}]
    return files, {batch for _, batch, _ in found}, sum(count for _, _, count in found)
