"""Takes all rows of a batch out of the lake, in the transaction that puts others in its place."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from etl.lake.records import Batch, LakeFile
from etl.lake.rejected_files import merged_rejected
from etl.lake.rewrite import Rewrite, rewrite
from etl.lake.state import LakeState


@dataclass(frozen=True)
class TakenOut:
    """Files that come and names of those that go: a part of a transaction."""

    files: list[LakeFile] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def take_out(
    con: duckdb.DuckDBPyConnection, state: LakeState, staged: Path, batch: Batch
) -> TakenOut:
    """The lake's files without the batch; new ones wait in the staged folder.

    Ids of its events stay among those that may be known: they are looked up where they come again.
    """
    holders = [file for file in state.files.values() if _may_hold(file, batch)]
    mixed = [file for file in holders if file.first_batch != file.last_batch]
    events = [file for file in mixed if file.kind == "events"]
    rejected = [file for file in mixed if file.kind == "rejected"]
    rewrites = [Rewrite((file,), file.grain) for file in events]
    files = rewrite(con, state, staged, rewrites, without=[batch.number])
    if rejected:
        files += merged_rejected(con, state, staged, rejected, without=[batch.batch_id])
    return TakenOut(files, [file.name for file in holders])


def _may_hold(file: LakeFile, batch: Batch) -> bool:
    """Whether the file may have rows of the batch: by numbers and, of events, by time."""
    if file.kind == "ids" or not file.first_batch <= batch.number <= file.last_batch:
        return False
    if file.kind == "rejected":
        return True
    if batch.first_event_time is None or batch.last_event_time is None:
        return False
    is_then = file.first_time <= batch.last_event_time and batch.first_event_time <= file.last_time
    return file.source == batch.source and is_then
