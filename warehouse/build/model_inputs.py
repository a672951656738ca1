"""Gives the models their inputs: the committed lake, the settings, the registry. Writes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from etl.config.settings import SETTINGS, Settings, as_plain, as_text
from etl.duck import create_table, listed
from etl.lake import Commit, Lake
from etl.lake.schema import (
    EVENT_COLUMNS,
    REJECTED_COLUMNS,
    Column,
    empty_table,
    names_of,
    table_in,
)
from etl.lake.store import origins_of
from etl.load.outcome import failures
from warehouse.build import retained
from warehouse.build.page_names import page_name_macro
from warehouse.metrics.registry import METRICS

# What the models may read besides each other.
INPUTS = (
    "lake_events",
    "lake_spans",
    "lake_rejected",
    "lake_loads",
    "given_settings",
    "setting_values",
    "metric_values",
    *retained.INPUTS,
)

_SPAN_COLUMNS = dict.fromkeys(("first_event_time", "last_event_time"), "TIMESTAMP")
_LOAD_COLUMNS = {
    **dict.fromkeys(("batch_id", "source", "format", "file", "status"), "VARCHAR"),
    "sequence": "BIGINT",
    **dict.fromkeys(("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected"), "BIGINT"),
    **dict.fromkeys(("first_event_time", "last_event_time", "loaded_at"), "TIMESTAMP"),
    "seconds": "DOUBLE",
    "message": "VARCHAR",
    "schema_changes": "[]",
}
_SETTING_COLUMNS = dict.fromkeys(("name", "value", "default_value", "help"), "VARCHAR")
_METRIC_COLUMNS = {
    **dict.fromkeys(("name", "label", "definition", "unit", "empty"), "VARCHAR"),
    "better": "INTEGER",
    "query": "VARCHAR",
}
# By the type of a setting's value, how the models get it; durations in microseconds.
_SETTING_TYPES: dict[Any, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    timedelta: "BIGINT",
    timedelta | None: "BIGINT",
    tuple[str, ...]: "[]",
}
_SHAPING = tuple(setting for setting in SETTINGS if setting.shapes_history)


def lay_out(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    settings: Settings,
    now: datetime,
) -> None:
    """Creates the views and tables of INPUTS, and the macro of the page rules.

    Only committed batches are seen.
    """
    lay_out_events(con, lake, commits, settings, now)
    rejected = [str(lake.root / name) for name in lake.rejected_files(commits)]
    con.execute(
        f"create temp view lake_rejected as {_files_or_nothing(rejected, REJECTED_COLUMNS)}"
    )
    create_table(con, "lake_loads", _LOAD_COLUMNS, _loads(lake, commits))
    create_table(con, "setting_values", _SETTING_COLUMNS, _setting_values(settings))
    create_table(con, "metric_values", _METRIC_COLUMNS, _metric_values(settings))


def lay_out_events(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    settings: Settings,
    now: datetime,
) -> None:
    """Creates those of them that models of sessions read."""
    con.execute(
        f"create temp view lake_events as {events_in(lake.root, lake.event_files(commits))}"
    )
    retained.lay_out_kept(con, lake)
    create_table(con, "lake_spans", _SPAN_COLUMNS, _spans(con, lake, commits, now))
    lay_out_settings(con, settings, now)
    con.execute(page_name_macro(settings.parsed_page_rules))


def lay_out_settings(con: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> None:
    """Creates given_settings: one row of all settings that shape history, by their names.

    A duration is called `<name>_us`, in microseconds. Beside them: `now`, and whether there are
    page rules.
    """
    columns = {"now": "TIMESTAMP", "has_page_rules": "BOOLEAN"}
    row: dict[str, Any] = {
        "now": now.astimezone(UTC).replace(tzinfo=None),
        "has_page_rules": bool(settings.page_rules),
    }
    for setting in _SHAPING:
        value = getattr(settings, setting.name)
        is_duration = setting.type in (timedelta, timedelta | None)
        name = f"{setting.name}_us" if is_duration else setting.name
        columns[name] = _SETTING_TYPES[setting.type]
        row[name] = value // timedelta(microseconds=1) if is_duration and value else as_plain(value)
    create_table(con, "given_settings", columns, [row])


def events_in(root: Path, names: Sequence[str]) -> str:
    """The events of these files below the root, as a select. Of no file: no event."""
    return _files_or_nothing([str(root / name) for name in names], EVENT_COLUMNS)


def rows_of_batches(con: duckdb.DuckDBPyConnection, lake: Lake, commits: Sequence[Commit]) -> str:
    """The events of these batches alone as a select, also where merged files hold others too."""
    manifest = lake.manifest()
    keys = {commit.key for commit in commits}
    names = lake.event_files(commits)
    mixed = [name for name in names if not keys.issuperset(manifest.files.get(name, ()))]
    text = events_in(lake.root, [name for name in names if name not in mixed])
    if not mixed:
        return text
    create_table(con, "wanted_batches", {"batch": "VARCHAR"}, [{"batch": key} for key in keys])
    create_table(
        con,
        "mixed_files",
        {"path": "VARCHAR", "file": "VARCHAR"},
        [{"path": str(lake.root / name), "file": name} for name in mixed],
    )
    origin_files = sorted({str(lake.root / origins_of(name)) for name in mixed})
    rows = table_in(
        [lake.root / name for name in mixed],
        EVENT_COLUMNS,
        *("filename = true", "file_row_number = true"),
    )
    return f"""
        {text}
        union all
        select {names_of(EVENT_COLUMNS)}
        from {rows} as rows
        semi join (
            select path, row_number
            from read_parquet({listed(origin_files)})
            inner join mixed_files using (file)
            semi join wanted_batches using (batch)
        ) as wanted
            on wanted.path = rows.filename and wanted.row_number = rows.file_row_number
    """  # noqa: S608 - paths that the commit records name


def _files_or_nothing(files: list[str], columns: Sequence[Column]) -> str:
    if not files:
        return empty_table(columns)
    # A view cannot have parameters; these are paths that the commit records name.
    return f"select {names_of(columns)} from {table_in(files, columns)}"  # noqa: S608


def _spans(
    con: duckdb.DuckDBPyConnection, lake: Lake, commits: Sequence[Commit], now: datetime
) -> list[dict[str, object]]:
    """First and last event time of each batch; the last one not later than now, if there is one."""
    spans = []
    for commit in commits:
        first, last = _naive(commit.first_event_time), _naive(commit.last_event_time)
        if first is None or last is None:
            continue
        clock = now.astimezone(UTC).replace(tzinfo=None)
        if first <= clock < last:
            files = [str(lake.root / name) for name in lake.event_files([commit])]
            (last,) = con.execute(
                "select coalesce(max(event_time), $last) from read_parquet($files) "
                "where event_time <= $now",
                {"files": files, "now": clock, "last": last},
            ).fetchall()[0]
        spans.append({"first_event_time": first, "last_event_time": last})
    return spans


def _loads(lake: Lake, commits: Sequence[Commit]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "batch_id": c.batch_id,
            "sequence": c.sequence,
            "source": c.source,
            "format": c.format,
            "file": c.file,
            "status": "loaded",
            "rows_read": c.rows_read,
            "rows_loaded": c.rows_loaded,
            "rows_duplicate": c.rows_duplicate,
            "rows_rejected": c.rows_rejected,
            "first_event_time": _naive(c.first_event_time),
            "last_event_time": _naive(c.last_event_time),
            "loaded_at": _naive(c.loaded_at),
            "seconds": c.seconds,
            "schema_changes": list(c.schema_changes),
        }
        for c in commits
    ]
    rows += [
        {
            "source": failure["source"],
            "format": failure["format"],
            "file": failure["file"],
            "status": "failed",
            "loaded_at": _naive(str(failure["failed_at"])),
            "message": failure["message"],
        }
        for failure in failures(lake.home)
    ]
    return rows


def _setting_values(settings: Settings) -> list[dict[str, object]]:
    return [
        {
            "name": setting.name,
            "value": as_text(getattr(settings, setting.name)),
            "default_value": as_text(setting.default),
            "help": setting.help,
        }
        for setting in _SHAPING
    ]


def _metric_values(settings: Settings) -> list[dict[str, object]]:
    texts = {setting.name: as_text(getattr(settings, setting.name)) for setting in SETTINGS}
    return [
        {
            "name": metric.name,
            "label": metric.label,
            "definition": metric.definition_with(texts),
            "unit": metric.unit,
            "empty": metric.empty,
            "better": metric.better,
            "query": metric.query,
        }
        for metric in METRICS
    ]


def _naive(text: str | None) -> datetime | None:
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
