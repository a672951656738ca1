"""Writes batches straight into a lake, as `dwell load` would leave them. Reads no export."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import duckdb
import numpy as np

from etl.arrow_numbers import as_numbers
from etl.formats.events import FORMAT
from etl.lake import Batch, Lake
from etl.lake.compact import compact
from etl.lake.event_writer import EventWriter
from etl.lake.id_index import KEY_SQL, IdIndex, hash_version
from etl.lake.records import Transaction
from etl.lake.state import numbered


@dataclass(frozen=True)
class MadeBatch:
    """What a batch is known by: the name of its file, and when it came."""

    file: str
    loaded_at: datetime


class LakeBatches:
    """Adds batches to a lake, from several threads too. Hold the lock as long as it is used."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.state = lake.sweep()
        self.con = duckdb.connect()
        self.version = hash_version(self.con)
        self.turn = Lock()

    def add(self, rows: Any, batch: MadeBatch) -> int:
        """Adds events, all new, as one batch; how many.

        An Arrow table of event_id, event_time, user_id and any other columns of the lake.
        """
        rows = rows.rename_columns(
            ["given_id" if name == "event_id" else name for name in rows.column_names]
        )
        with self.turn:
            self.state = compact(self.con, self.lake, self.state)
            self._write(rows, batch)
        return int(rows.num_rows)

    def _write(self, rows: Any, made: MadeBatch) -> None:
        state, staged = self.state, self.lake.staged()
        number = state.last_batch + 1
        with EventWriter(staged, state, FORMAT.name, FORMAT.sessions) as events:
            events.write(rows, number)
            files = events.files()
        key = KEY_SQL.format(id="given_id", time="event_time")
        keys = self.con.sql(f"select {key} as key from rows").to_arrow_table()["key"]
        index = IdIndex(state, FORMAT.name, self.version)
        added, merged = index.add(staged, [np.sort(as_numbers(keys))], number, number)
        written = events.batches[number]
        content = hashlib.sha256(made.file.encode()).hexdigest()
        path = str(self.lake.home / "exports" / made.file)
        batch = Batch(
            batch_id=content[:24],
            number=0,
            source=FORMAT.name,
            stream=FORMAT.sessions,
            format=FORMAT.name,
            file=path,
            path=path,
            file_size=0,
            file_mtime_ns=0,
            rows_read=written.count,
            rows_loaded=written.count,
            rows_duplicate=0,
            rows_rejected=0,
            first_event_time=written.first.isoformat() if written.first else None,
            last_event_time=written.last.isoformat() if written.last else None,
            loaded_at=made.loaded_at.replace(tzinfo=UTC).isoformat(),
            seconds=0.0,
            content=content,
            reading=content,
        )
        change = Transaction("load", [*files, *added], merged, numbered(state, [batch]))
        self.state = self.lake.commit(state, change, staged)
