"""Writes events and rejected rows of the lake anew without their texts. Finds none itself."""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from etl.lake.records import LakeFile, Transaction
from etl.lake.rejected_files import merged_rejected
from etl.lake.rewrite import Rewrite, rewrite
from etl.lake.state import LakeState
from etl.lake.store import Lake

# What the transaction is called: what it replaces goes at once, and builds are made anew for it.
DROP = "drop"


def drop_texts(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    state: LakeState,
    events: Sequence[LakeFile],
    rejected: Sequence[LakeFile],
    batches: Collection[str],
    staged: Path,
) -> LakeState:
    """The state with other properties of the events that the connection's table `new_properties`
    (source, event_id, properties) names, all in these files, and without the text of the rejected
    rows of these batches, which are in those. Hold the lock.

    Nothing else of a row changes. Errors leave the lake as it was.
    """
    files = rewrite(con, state, staged, [Rewrite((file,), file.grain) for file in events])
    if rejected:
        files += merged_rejected(con, state, staged, rejected, untold=batches)
    gone = [file.name for file in (*events, *rejected)]
    return lake.commit(state, Transaction(DROP, files=files, gone=gone), staged)
