"""Gives the models their inputs: the committed lake, the settings, the registry. Writes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from etl.lake import Commit, Lake
from etl.load import failures
from etl.schema import EVENT_COLUMNS, REJECTED_COLUMNS, empty_table
from etl.settings import SETTINGS, Settings, as_text
from warehouse.metrics.registry import METRICS

# What the models may read besides each other.
INPUTS = (
    "lake_events",
    "lake_rejected",
    "lake_loads",
    "given_settings",
    "setting_values",
    "metric_values",
)

_DURATIONS = ("timeout", "idle_timeout", "bounce_duration", "suspect_after")
_PASSED_ON = (
    "time_zone",
    "bounce_actions",
    "abandoned_queries",
    "pattern_sessions",
    "ends",
    "starts",
    "passive_events",
    "query_events",
    "error_events",
    "idle_events",
    "leave_events",
    "internal_hosts",
)


def lay_out(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    settings: Settings,
    now: datetime,
) -> None:
    """Creates the views and tables of INPUTS. Only committed batches are seen."""
    events = [str(lake.root / name) for commit in commits for name in commit.event_files]
    rejected = [str(lake.root / c.rejected_file) for c in commits if c.rejected_file]
    for view, files, columns in (
        ("lake_events", events, EVENT_COLUMNS),
        ("lake_rejected", rejected, REJECTED_COLUMNS),
    ):
        con.execute(f"create temp view {view} as {_files_or_nothing(files, columns)}")
    tables = {
        "lake_loads": _loads(lake, commits),
        "given_settings": _given(settings, now),
        "setting_values": _setting_values(settings),
        "metric_values": _metric_values(settings),
    }
    for name, table in tables.items():
        con.register("arriving", table)
        con.execute(f"create temp table {name} as from arriving")
        con.unregister("arriving")


def _files_or_nothing(files: list[str], columns: tuple[tuple[str, str, str], ...]) -> str:
    if not files:
        return empty_table(columns)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    names = ", ".join(name for name, _, _ in columns)
    # A view cannot have parameters; these are paths that the commit records name.
    return f"select {names} from read_parquet([{listed}], hive_partitioning = false)"  # noqa: S608


def _loads(lake: Lake, commits: Sequence[Commit]) -> pa.Table:
    times = pa.timestamp("us")
    schema = pa.schema(
        [(name, pa.string()) for name in ("batch_id", "source", "format", "file", "status")]
        + [(f"rows_{what}", pa.int64()) for what in ("read", "loaded", "duplicate", "rejected")]
        + [("first_event_time", times), ("last_event_time", times), ("loaded_at", times)]
        + [("seconds", pa.float64()), ("message", pa.string())]
    )
    rows: list[dict[str, object]] = [
        {
            "batch_id": c.batch_id,
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
    return pa.Table.from_pylist(rows, schema=schema)


def _given(settings: Settings, now: datetime) -> pa.Table:
    row = {name: _plain(getattr(settings, name)) for name in _PASSED_ON}
    for name in _DURATIONS:
        row[f"{name}_us"] = int(getattr(settings, name).total_seconds() * 1_000_000)
    row["now"] = now.astimezone(UTC).replace(tzinfo=None)
    lists = [name for name, value in row.items() if isinstance(value, list)]
    table = pa.Table.from_pylist([row])
    # An empty list has no type of its own.
    for name in lists:
        column = pa.array([row[name]], type=pa.list_(pa.string()))
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _setting_values(settings: Settings) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "name": setting.name,
                "value": as_text(getattr(settings, setting.name)),
                "default_value": as_text(setting.default),
                "help": setting.help,
            }
            for setting in SETTINGS
            if setting.shapes_history
        ]
    )


def _metric_values(settings: Settings) -> pa.Table:
    told = {setting.name: as_text(getattr(settings, setting.name)) for setting in SETTINGS}
    return pa.Table.from_pylist(
        [
            {
                "name": metric.name,
                "label": metric.label,
                "definition": metric.definition_with(told),
                "unit": metric.unit,
                "empty": metric.empty,
                "better": metric.better,
                "query": metric.query,
            }
            for metric in METRICS
        ]
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _naive(text: str | None) -> datetime | None:
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
