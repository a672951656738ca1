"""Takes all rows of a batch out of the lake, in the transaction that puts others in its place."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from etl.lake.losses import may_hold
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
    """The lake's files without the batch; new ones wait in the staged folder. Files that are lost
    are passed over, and go with the last batch that had rows in them.

    Ids of its events stay among those that may be known: they are looked up where they come again.
    """
    holders = [file for file in state.there if may_hold(file, batch)]
    mixed = [file for file in holders if file.first_batch != file.last_batch]
    events = [file for file in mixed if file.kind == "events"]
    rejected = [file for file in mixed if file.kind == "rejected"]
    rewrites = [Rewrite((file,), file.grain) for file in events]
    files = rewrite(con, state, staged, rewrites, without=[batch.number])
    if rejected:
        files += merged_rejected(con, state, staged, rejected, without=[batch.batch_id])
    gone = [file.name for file in holders] + state.restored_by([batch.number])
    return TakenOut(files, gone)
