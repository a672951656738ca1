"""Flat event exports: one row or JSON object per event, columns found by name or by --map."""

import re
from collections.abc import Mapping
from dataclasses import replace

from etl.collector.spool_files import is_spool_name
from etl.errors import Misread, SourceError, shown
from etl.formats.field_map import (
    ALIASES,
    MAP_ROLES,
    FieldMap,
    columns_named,
    map_by_aliases,
    map_option,
)
from etl.formats.format import Format, Request
from etl.formats.likely_columns import find_columns, may_fill
from etl.read.find import name_of_rows
from etl.read.sample import Sample

# What a line of the collector may have; so its small files are read alike, and together, whatever
# happened in the half minute of one. Large ones are read alone, and quicker by their own columns.
_SMALL_BYTES = 1_000_000
_COLLECTED = (
    *("event_id", "event_type", "event_time", "user_id", "anonymous_id", "session_id"),
    *("url", "page_host", "referrer", "campaign", "user_agent", "device_type"),
    *("browser", "os", "session_type", "experiment_id", "model_group", "environment"),
    *("chat_id", "query_type", "tags", "assets", "properties"),
)


def is_collected(sample: Sample) -> bool:
    """Whether a file is one that the collector wrote: all that came within a moment, by chance.

    No value in it may be read by what its neighbours are: these are others in the next file.
    """
    return is_spool_name(sample.path.name) and sample.kind == "ndjson"


def refine(sample: Sample) -> Sample:
    """The sample; of a small file of the collector with all columns that one may have."""
    if not is_collected(sample):
        return sample
    columns = sample.columns
    if sample.path.stat().st_size <= _SMALL_BYTES:
        columns = tuple(dict.fromkeys((*_COLLECTED, *columns)))
    # Their names say all: what values look like is not asked.
    return replace(sample, columns=columns, taken=())


def recognises(sample: Sample, request: Request) -> bool:
    """Rows with a user, a time and an event type or visited pages; any that --map is told of."""
    if sample.kind == "sqlite":
        return False
    return bool(request.map) or find_columns(sample).is_whole


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. Rows without a type are page views where they are visits to pages, else named after
    the file, as app tables are."""
    taken = find_columns(sample).taken
    if request.map:
        # Beside what it names only what an event cannot do without is taken by its values.
        named = {MAP_ROLES.get(word, word) for word in request.map}
        taken = tuple(t for t in taken if t[0] in ("user_id", "time") and t[0] not in named)
    field_map = map_by_aliases(columns, _numbered(request.map, sample), ALIASES, taken)
    missing = [
        word
        for word, roles in (("user", ("user_id", "anonymous_id")), ("time", ("time",)))
        if not any(role in field_map.paths or role in field_map.constants for role in roles)
    ]
    if missing:
        wrong = Misread if request.map else SourceError
        raise wrong(_without(missing, sample, request, columns))
    _refuse_unknown_columns(field_map, request, sample, columns)
    constants = {"type": name_of_rows(sample.path), **field_map.constants}
    return [replace(field_map, constants=constants)]


def _without(missing: list[str], sample: Sample, request: Request, columns: tuple[str, ...]) -> str:
    """What to say of a file without a column of the user or the time."""
    wanted = {word: next(iter(may_fill(word, sample)), "COLUMN") for word in missing}
    return (
        f"{sample.path}: no column for the {' and the '.join(missing)} among {shown(columns)}. "
        f"Say {map_option({**request.map, **wanted})} to name it."
    )


def _numbered(given: Mapping[str, str], sample: Sample) -> dict[str, str]:
    """--map with numbers as the names that columns have in a file without header."""
    if sample.has_header:
        return dict(given)
    return {role: re.sub(r"(?<![^+])\d+(?![^+])", r"column\g<0>", c) for role, c in given.items()}


def _refuse_unknown_columns(
    field_map: FieldMap, request: Request, sample: Sample, columns: tuple[str, ...]
) -> None:
    """In a file of rows, --map may only name columns that are there."""
    if sample.kind not in ("delimited", "parquet"):
        return
    for role, column in _numbered(request.map, sample).items():
        if all(c in columns or c.startswith("'") for c in columns_named(column, columns)):
            continue
        msg = (
            f"{sample.path}: --map {role}={request.map[role]} names no column of it. Columns: "
            f"{shown(columns, 20)}."
        )
        raise Misread(msg)


FORMAT = Format(
    name="events",
    sentence="Flat CSV, TSV, NDJSON, JSON array or Parquet, one row per event.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
    refine=refine,
)
