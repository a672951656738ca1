"""Writes events as Parquet files by day, sorted by user, time and id. Reads nothing."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from etl.lake.schema import EVENT_COLUMNS

# Small enough that one user's rows are found by the statistics of a few groups.
_ROW_GROUP = 120_000
_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "VARCHAR": pl.String,
    "VARCHAR[]": pl.List(pl.String),
    "TIMESTAMP": pl.Datetime("us"),
}


class EventWriter:
    """The event files of one batch, written while the next chunk is read.

    `count`, `first` and `last` tell of what was written so far.
    """

    def __init__(self, folder: Path, source: str, stream: str) -> None:
        self.folder = folder
        self.given = {"source": source, "stream": stream}
        self.count = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.number = 0
        self.thread = ThreadPoolExecutor(1)
        self.running: Future[None] | None = None

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        self.thread.shutdown(wait=True, cancel_futures=True)

    def write(self, rows: Any) -> None:
        """Writes new events, an Arrow table with given_id and those columns that are not empty."""
        self.wait()
        self.running = self.thread.submit(self._write, rows)

    def wait(self) -> None:
        """Returns when all that was given is written."""
        if self.running:
            self.running.result()
            self.running = None

    def files(self) -> list[Path]:
        """The files written so far."""
        self.wait()
        return sorted(self.folder.rglob("*.parquet"))

    def paths(self) -> list[str]:
        """The same as text."""
        return [str(path) for path in self.files()]

    def _write(self, rows: Any) -> None:
        if not rows.num_rows:
            return
        frame = pl.DataFrame(rows).rename({"given_id": "event_id"})
        constants = [pl.lit(value).alias(name) for name, value in self.given.items()]
        absent = [
            pl.lit(None, _TYPES[column.type]).alias(column.name)
            for column in EVENT_COLUMNS
            if column.name not in frame.columns and column.name not in self.given
        ]
        events = (
            frame.with_columns(*constants, *absent, event_date=pl.col("event_time").dt.date())
            .select("event_date", *(column.name for column in EVENT_COLUMNS))
            # The other core types the next chunk meanwhile.
            .sort("event_date", "user_id", "event_time", "event_id", multithreaded=False)
        )
        times = events.select(first=pl.col("event_time").min(), last=pl.col("event_time").max())
        first, last = times.row(0)
        self.first = min(first, self.first or first)
        self.last = max(last, self.last or last)
        self.count += events.height
        days = events.group_by("event_date", maintain_order=True).len().iter_rows()
        start = 0
        for day, length in days:
            target = self.folder / f"event_date={day}" / f"part-{self.number}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            events.slice(start, length).drop("event_date").write_parquet(
                target, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
            )
            start += length
        self.number += 1
