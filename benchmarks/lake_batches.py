"""Writes batches straight into a lake, as `dwell load` would leave them. Reads no export."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from etl.formats.events import FORMAT
from etl.lake import Commit, Lake
from etl.lake.event_writer import EventWriter
from etl.load.deduplicate import hash_version


@dataclass(frozen=True)
class MadeBatch:
    """What a batch is known by: the name of its file, its place among the loads, when it came."""

    file: str
    sequence: int
    loaded_at: datetime


def write_batch(lake: Lake, con: duckdb.DuckDBPyConnection, rows: str, batch: MadeBatch) -> Commit:
    """The commit of the events in a table of the connection, all new. Hold the lock.

    The table has event_id, event_time, user_id and any other columns of the lake.
    """
    started = time.monotonic()
    path = str(lake.home / "exports" / batch.file)
    content = hashlib.sha256(batch.file.encode()).hexdigest()
    batch_id = content[:24]
    staged = lake.staging / batch_id
    ids_file = f"ids/{batch_id}.parquet"
    (staged / "ids").mkdir(parents=True)
    with EventWriter(staged / "events", FORMAT.name, FORMAT.sessions) as events:
        events.write(
            con.sql(f"select * rename (event_id as given_id) from {rows}").to_arrow_table()
        )
        con.execute(
            f"copy (select hash(event_id) as id_hash from {rows}) "
            f"to '{staged / ids_file}' (format parquet, compression uncompressed)"
        )
        written = [part.rename(part.with_name(f"{batch_id}-0.parquet")) for part in events.files()]
    commit = Commit(
        batch_id=batch_id,
        source=FORMAT.name,
        stream=FORMAT.sessions,
        format=FORMAT.name,
        file=path,
        path=path,
        file_size=0,
        file_mtime_ns=0,
        rows_read=events.count,
        rows_loaded=events.count,
        rows_duplicate=0,
        rows_rejected=0,
        first_event_time=events.first.isoformat() if events.first else None,
        last_event_time=events.last.isoformat() if events.last else None,
        loaded_at=batch.loaded_at.replace(tzinfo=UTC).isoformat(),
        seconds=round(time.monotonic() - started, 3),
        event_files=tuple(part.relative_to(staged).as_posix() for part in written),
        rejected_file=None,
        content=content,
        reading=content,
        sequence=batch.sequence,
        ids_file=ids_file,
        ids_probe=hash_version(con),
    )
    lake.publish(commit, staged)
    return commit
