"""Writes events as Parquet files by span, sorted by user, time and id. Reads nothing."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from etl.lake.records import LakeFile
from etl.lake.schema import BATCH_NUMBER, EVENT_COLUMNS, FILE_COLUMNS
from etl.lake.spans import grains_of_days, span_of
from etl.lake.state import LakeState

# Small enough that one user's rows are found by the statistics of a few groups.
_ROW_GROUP = 120_000
# Rows of small files wait for each other, so that many of them become one file of the lake.
_ROWS_AT_ONCE = 100_000
_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "VARCHAR": pl.String,
    "VARCHAR[]": pl.List(pl.String),
    "TIMESTAMP": pl.Datetime("us"),
    "BIGINT": pl.Int64,
}


@dataclass
class Written:
    """Events of one batch that were written: how many, and when the first and the last was."""

    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


class EventWriter:
    """The event files of one transaction on a source, written while the next chunk is read.

    folder  takes them, by the names that they shall have below the lake
    state   what the lake holds so far
    """

    def __init__(self, folder: Path, state: LakeState, source: str, stream: str) -> None:
        self.folder = folder
        self.state = state
        self.given = {"source": source, "stream": stream}
        self.batches: dict[int, Written] = {}
        self.waiting: list[pl.DataFrame] = []
        self.written: list[LakeFile] = []
        self.thread = ThreadPoolExecutor(1)
        self.running: Future[None] | None = None

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        self.thread.shutdown(wait=True, cancel_futures=True)

    def write(self, rows: Any, batch: int | Any) -> None:
        """Writes new events: an Arrow table with given_id and those columns that are not empty.

        `batch`: the number of their batch, or an array with that of each.
        """
        if not rows.num_rows:
            return
        numbers = pl.lit(batch) if isinstance(batch, int) else pl.Series(batch)
        frame = pl.DataFrame(rows).with_columns(numbers.cast(pl.Int64).alias(BATCH_NUMBER.name))
        self.waiting.append(frame)
        if sum(frame.height for frame in self.waiting) >= _ROWS_AT_ONCE:
            self._write_waiting()

    def files(self) -> list[LakeFile]:
        """The files of all events that were given."""
        self._write_waiting()
        self._wait()
        return self.written

    def _wait(self) -> None:
        if self.running:
            self.running.result()
            self.running = None

    def _write_waiting(self) -> None:
        self._wait()
        if self.waiting:
            frames, self.waiting = self.waiting, []
            self.running = self.thread.submit(self._write, frames)

    def _write(self, frames: list[pl.DataFrame]) -> None:
        frame = pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
        self._count(frame)
        frame = frame.rename({"given_id": "event_id"})
        constants = [pl.lit(value).alias(name) for name, value in self.given.items()]
        absent = [
            pl.lit(None, _TYPES[column.type]).alias(column.name)
            for column in EVENT_COLUMNS
            if column.name not in frame.columns and column.name not in self.given
        ]
        grains = self._grains(frame)
        spans = pl.DataFrame(
            {
                "day": list(grains),
                "span": [span_of(day, grain) for day, grain in grains.items()],
                "grain": list(grains.values()),
            }
        )
        events = (
            frame.with_columns(*constants, *absent, day=pl.col("event_time").dt.date())
            .join(spans, on="day", how="left")
            .select("span", "grain", *(column.name for column in FILE_COLUMNS))
            # The other core types the next chunk meanwhile.
            .sort("span", "user_id", "event_time", "event_id", multithreaded=False)
        )
        facts = events.group_by("span", "grain", maintain_order=True).agg(
            pl.len().alias("rows"),
            pl.col("event_time").min().alias("first"),
            pl.col("event_time").max().alias("last"),
            pl.col(BATCH_NUMBER.name).min().alias("first_batch"),
            pl.col(BATCH_NUMBER.name).max().alias("last_batch"),
        )
        start = 0
        for span in facts.iter_rows(named=True):
            rows = events.slice(start, span["rows"]).drop("span", "grain")
            self.written.append(self._write_file(rows, span))
            start += span["rows"]

    def _count(self, frame: pl.DataFrame) -> None:
        time = pl.col("event_time")
        found = frame.group_by(BATCH_NUMBER.name).agg(
            pl.len().alias("count"), time.min().alias("first"), time.max().alias("last")
        )
        for number, count, first, last in found.iter_rows():
            known = self.batches.get(number, Written())
            self.batches[number] = Written(
                known.count + count,
                min(first, known.first or first),
                max(last, known.last or last),
            )

    def _grains(self, frame: pl.DataFrame) -> dict[date, str]:
        """The grain of each day's file, by how many rows there are and will be around it."""
        days = frame.group_by(pl.col("event_time").dt.date().alias("day")).len()
        known = [f for f in self.state.of_kind("events") if f.source == self.given["source"]]
        known += self.written

        def known_rows(span: str) -> int:
            return sum(file.rows for file in known if file.first_time.startswith(span))

        return grains_of_days(dict(days.iter_rows()), known_rows)

    def _write_file(self, rows: pl.DataFrame, span: dict[str, Any]) -> LakeFile:
        source, number = self.given["source"], self.state.number + 1
        name = f"events/{source}/{span['span']}/{number:08d}-{len(self.written)}.parquet"
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(
            target, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP
        )
        return LakeFile(
            name=name,
            source=source,
            rows=rows.height,
            bytes=target.stat().st_size,
            grain=span["grain"],
            first_time=span["first"].isoformat(),
            last_time=span["last"].isoformat(),
            first_batch=span["first_batch"],
            last_batch=span["last_batch"],
        )
