"""Flat event exports: one row or JSON object per event, columns found by name or by --map."""

import re
from collections.abc import Mapping
from dataclasses import replace

from etl.errors import SourceError, shown
from etl.formats.field_map import FieldMap, columns_named, map_by_aliases
from etl.formats.format import Format, Request
from etl.read.find import name_of_rows
from etl.read.sample import Sample


def recognises(sample: Sample, request: Request) -> bool:
    """Rows with a user, a time and an event type; any rows when --map names the columns."""
    if sample.kind == "sqlite":
        return False
    field_map = map_by_aliases(sample.columns, request.map)
    if request.map:
        return True
    has_user = "user_id" in field_map.paths or "anonymous_id" in field_map.paths
    return has_user and "time" in field_map.paths and "type" in field_map.paths


def field_maps(sample: Sample, request: Request, columns: tuple[str, ...]) -> list[FieldMap]:
    """One map. Rows without a type column are named after the file, as app tables are."""
    field_map = map_by_aliases(columns, _numbered(request.map, sample))
    missing = [
        word
        for word, roles in (("user", ("user_id", "anonymous_id")), ("time", ("time",)))
        if not any(role in field_map.paths or role in field_map.constants for role in roles)
    ]
    if missing:
        msg = (
            f"{sample.path}: no column for the {' and the '.join(missing)} among "
            f"{shown(columns)}. Name it with --map {missing[0]}=COLUMN."
        )
        raise SourceError(msg)
    _refuse_unknown_columns(field_map, request, sample, columns)
    constants = {"type": name_of_rows(sample.path), **field_map.constants}
    return [replace(field_map, constants=constants)]


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
        raise SourceError(msg)


FORMAT = Format(
    name="events",
    sentence="Flat CSV, TSV, NDJSON, JSON array or Parquet, one row per event.",
    sessions="inactivity",
    recognises=recognises,
    field_maps=field_maps,
)
