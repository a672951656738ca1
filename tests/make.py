"""Builders: events as the lake holds them, small export files, a home that was loaded."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from etl.lake import Lake, locked
from etl.load import Outcome, load
from etl.schema import EVENT_COLUMNS
from etl.settings import Settings, load_settings
from etl.sources import Request
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
    unknown = columns.keys() - {name for name, _, _ in EVENT_COLUMNS}
    assert not unknown, unknown
    if isinstance(columns.get("properties"), Mapping):
        columns["properties"] = json.dumps(columns["properties"])
    return {name: None for name, _, _ in EVENT_COLUMNS} | given | columns


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


def load_files(
    home: Path, *paths: Path, settings: Settings | None = None, **request: Any
) -> list[Outcome]:
    """Loads files into the lake, without a build."""
    settings = settings or load_settings(home)
    with locked(settings.home):
        return load(settings, [(str(path), Request(**request)) for path in paths])


def lake_events(home: Path) -> list[dict[str, Any]]:
    """The events of a home's lake by time and id, properties as dictionaries."""
    lake = Lake(home)
    files = [str(lake.root / name) for name in lake.event_files()]
    if not files:
        return []
    with duckdb.connect() as con:
        rows = (
            con.sql(
                "select * from read_parquet($files, hive_partitioning = false)",
                params={"files": files},
            )
            .to_arrow_table()
            .to_pylist()
        )
    for row in rows:
        row["properties"] = json.loads(row["properties"] or "{}")
    return sorted(rows, key=lambda row: (row["event_time"], row["event_id"]))


def build_home(home: Path, settings: Settings | None = None, **options: Any) -> Build:
    """Builds what the lake holds."""
    settings = settings or load_settings(home)
    with locked(settings.home):
        return build(settings, **options)
