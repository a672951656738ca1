"""App tables as a proxy of activity: each row of posts, comments, … is one event of its user."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from etl.config.sources import TableEvent, singular
from etl.errors import SourceError
from etl.formats.field_map import TABLE_ALIASES, FieldMap, columns_of
from etl.formats.format import Format, Request
from etl.formats.likely_columns import Found, find_columns
from etl.landing_folder import landed_as
from etl.read.find import name_of_rows, stem_of
from etl.read.sample import Sample


def recognises(sample: Sample, request: Request) -> bool:
    """SQLite files, and row files with a user and a time but no event type."""
    if sample.kind == "sqlite":
        return True
    return bool(
        _events_of(stem_of(sample.path), sample.columns, find_columns(sample, is_table=True))
    )


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map per configured event of each table; by common names where none is configured."""
    is_database = sample.kind == "sqlite"
    landed = landed_as(sample.path) if sample.kind == "parquet" else None
    name = landed[0] if landed else name_of_rows(sample.path)
    present = sample.tables if is_database else {name: columns}
    _refuse_misspelt_tables(request.tables, present, sample)
    events = [event for event in request.tables if event.table in present]
    taken: tuple[tuple[str, str], ...] = ()
    for event in events:
        _refuse_unknown_columns(event, present[event.table], sample)
    if not events and (not request.tables or not is_database):
        # The values of a database's tables are not looked at.
        found = None if is_database else find_columns(sample, is_table=True)
        taken = found.taken if found else ()
        events = [e for table, names in present.items() for e in _events_of(table, names, found)]
    if not events:
        names = "; ".join(f"{t} ({', '.join(c[:8])})" for t, c in present.items())
        msg = (
            f"{sample.path}: no table with a user and a time column. Met: {names}. Name them "
            'in dwell.toml: [sources.app.tables] posts = { user = "…", time = "…" }.'
        )
        raise SourceError(msg)
    if landed:
        # A row read again after a change is the same row: its key says so.
        events = [replace(event, id=event.id or landed[1]) for event in events]
    # Beside days that were taken for the time stands their time of day.
    clock = next(((column,) for _, column in taken[1:]), None)
    return [replace(_field_map(event, sample), taken=taken, clock=clock) for event in events]


def tables_of(maps: list[FieldMap]) -> list[str]:
    """The tables that the maps read, each once."""
    return list(dict.fromkeys(field_map.table for field_map in maps if field_map.table))


def _events_of(
    table: str, columns: tuple[str, ...], found: Found | None = None
) -> list[TableEvent]:
    """The events of a table that is not configured, by the usual names and by what was found in
    its file; none without a user and a time."""
    user = columns_of("user_id", columns, TABLE_ALIASES["user_id"])
    time = columns_of("time", columns, TABLE_ALIASES["time"])
    if not time and found:
        time = [column for role, column in found.taken if role == "time"]
    if not user or not time:
        return []
    keys = columns_of("event_id", columns, TABLE_ALIASES["event_id"])
    key = keys[0] if keys else None
    if table != "workflow_executions":
        return [TableEvent(table, user[0], time[0], f"{singular(table)}_created", key)]
    events = [TableEvent(table, user[0], time[0], "workflow_start", key)]
    if "completed_at" in columns:
        done = "completed_at"
        events.append(TableEvent(table, user[0], done, "workflow_complete", key, done))
    return events


def _field_map(event: TableEvent, sample: Sample) -> FieldMap:
    paths = {"user_id": ((event.user,),), "time": ((event.time,),)}
    spent = [event.user, event.time]
    if event.id:
        paths["event_id"] = ((event.id,),)
    return FieldMap(
        paths=paths,
        constants={"type": event.type},
        spent=tuple(spent),
        # Ids count from 1 in every table, and one row may be two events.
        prefix=f"{event.table}:{event.type}:",
        when=(event.when,) if event.when else None,
        table=event.table if sample.kind == "sqlite" else None,
    )


def _refuse_misspelt_tables(
    configured: Sequence[TableEvent], present: Mapping[str, tuple[str, ...]], sample: Sample
) -> None:
    """A configured table may be in another file, but not when one here is nearly named so."""
    names = {event.table for event in configured}
    for name in sorted(names - present.keys()):
        near = get_close_matches(name, present.keys() - names, n=1, cutoff=0.8)
        if near:
            msg = (
                f"{sample.path}: no table '{name}', but one named '{near[0]}'. Mend the name in "
                "[sources.….tables]."
            )
            raise SourceError(msg)


def _refuse_unknown_columns(event: TableEvent, columns: tuple[str, ...], sample: Sample) -> None:
    for column in (event.user, event.time, event.id, event.when):
        if column and column not in columns:
            msg = (
                f"{sample.path}: table '{event.table}' has no column '{column}'. Columns: "
                f"{', '.join(columns)}. Mend it in [sources.….tables]."
            )
            raise SourceError(msg)


FORMAT = Format(
    name="tables",
    sentence="App tables (SQLite, CSV, Parquet): each row is one event of its user.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
)
