"""Builders: events as the lake holds them, small export files, a home that was loaded."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.config.settings import Settings, load_settings
from etl.formats.format import Request
from etl.lake import Batch, Lake, locked
from etl.lake.event_writer import EventWriter
from etl.lake.records import Transaction
from etl.lake.schema import EVENT_COLUMNS
from etl.lake.state import numbered
from etl.load.outcome import Outcome
from etl.load.run import load
from warehouse.build import Build, build

# The lake holds naive UTC times.
NOON = datetime(2026, 3, 10, 12)  # noqa: DTZ001
_numbers = count(1)


def event(time: datetime | timedelta, type: str = "click", **columns: Any) -> dict[str, Any]:
    """One event of the lake; a timedelta counts from NOON. Its user is `ann` if not told."""
    given = {
        "event_id": f"e{next(_numbers):06d}",
        "source": "web",
        "stream": "inactivity",
        "user_id": "ann",
        "event_time": NOON + time if isinstance(time, timedelta) else time,
        "event_type": type,
    }
    unknown = columns.keys() - {column.name for column in EVENT_COLUMNS}
    assert not unknown, unknown
    if isinstance(columns.get("properties"), Mapping):
        columns["properties"] = json.dumps(columns["properties"])
    return {column.name: None for column in EVENT_COLUMNS} | given | columns


def minutes(*numbers: float) -> list[timedelta]:
    """So many minutes each."""
    return [timedelta(minutes=number) for number in numbers]


def write_ndjson(path: Path, rows: Iterable[Mapping[str, Any] | str]) -> Path:
    """A file of one JSON object a line; text rows are written as they are."""
    lines = [row if isinstance(row, str) else json.dumps(row, default=str) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def write_csv(path: Path, rows: Sequence[Sequence[Any]], delimiter: str = ",") -> Path:
    """A file of rows, the first of which is the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return path


def settings_of(home: Path, config: str | None = None) -> Settings:
    """The settings of a home, with the text of its dwell.toml."""
    if config is None:
        return load_settings(home)
    file = home.parent / f"{home.name}.toml"
    file.write_text(config, encoding="utf-8")
    return load_settings(home, file)


def commit_events(home: Path, events: Sequence[Mapping[str, Any]]) -> None:
    """Puts events into the lake as batches, one for each source; none of them may be there yet."""
    lake = Lake(home)
    by_source: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in events:
        by_source.setdefault((one["source"], one["stream"]), []).append(one)
    for (source, stream), rows in by_source.items():
        state, staged = lake.sweep(), lake.staged()
        number = state.last_batch + 1
        with EventWriter(staged, state, source, stream) as writer:
            given = [dict(row, given_id=row["event_id"]) for row in rows]
            writer.write(pa.Table.from_pylist(given, schema=_given_schema()), number)
            files = writer.files()
        name = f"b{number:06d}"
        batch = Batch(
            **{"batch_id": name, "number": 0, "source": source, "stream": stream},
            **{"format": "events", "file": name, "path": name, "content": name, "reading": "made"},
            **{"file_size": 0, "file_mtime_ns": 0, "rows_duplicate": 0, "rows_rejected": 0},
            rows_read=len(rows),
            rows_loaded=len(rows),
            first_event_time=min(row["event_time"] for row in rows).isoformat(),
            last_event_time=max(row["event_time"] for row in rows).isoformat(),
            loaded_at="2026-03-10T12:00:00+00:00",
            seconds=0.0,
        )
        change = Transaction("load", files=files, batches=numbered(state, [batch]))
        lake.commit(state, change, staged)


def _given_schema() -> pa.Schema:
    kinds = {
        "VARCHAR": pa.string(),
        "VARCHAR[]": pa.list_(pa.string()),
        "TIMESTAMP": pa.timestamp("us"),
    }
    written = {"source", "stream", "event_id"}
    columns = [(c.name, kinds[c.type]) for c in EVENT_COLUMNS if c.name not in written]
    return pa.schema([("given_id", pa.string()), *columns])


def load_files(
    home: Path, *paths: Path, settings: Settings | None = None, **request: Any
) -> list[Outcome]:
    """Loads files into the lake, without a build."""
    settings = settings or load_settings(home)
    with locked(settings.home):
        return load(settings, [(str(path), Request(**request)) for path in paths])


def lake_events(home: Path) -> list[dict[str, Any]]:
    """The events of a home's lake by time and id, properties as dictionaries."""
    rows = lake_table(home, "events")
    for row in rows:
        del row["batch_number"]
        row["properties"] = json.loads(row["properties"] or "{}")
    return sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))


def lake_table(home: Path, kind: str) -> list[dict[str, Any]]:
    """The rows of the lake's files of a kind, events or rejected, as they lie."""
    state = Lake(home).state()
    files = [str(state.path_of(file)) for file in state.of_kind(kind)]
    if not files:
        return []
    with duckdb.connect() as con:
        relation = con.sql(
            "select * from read_parquet($files, hive_partitioning = false, union_by_name = true)",
            params={"files": files},
        )
        return relation.to_arrow_table().to_pylist()


def build_home(home: Path, settings: Settings | None = None, **options: Any) -> Build:
    """Builds what the lake holds."""
    settings = settings or load_settings(home)
    with locked(settings.home):
        return build(settings, **options)
