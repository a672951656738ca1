"""Takes the events of old days out of the lake. What stays known of them, others have written."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.lake.records import LakeFile, Pruned, Transaction
from etl.lake.rejected_files import merged_rejected
from etl.lake.rewrite import Rewrite, rewrite
from etl.lake.state import LakeState
from etl.lake.store import Lake


def prune_events(
    con: duckdb.DuckDBPyConnection, lake: Lake, state: LakeState, pruned: Pruned, staged: Path
) -> LakeState:
    """The state without the events before pruned.time. Hold the lock.

    Events that the connection's table `staying_events` (source, event_id, event_day) names stay.
    The folder pruned.kept waits in the staged folder. Errors leave the lake as it was.
    """
    staying = set(con.execute("select distinct source, event_day from staying_events").fetchall())
    cut = pruned.time.isoformat()
    leaving = [file for file in state.events if file.first_time < cut]
    mixed = [file for file in leaving if file.last_time >= cut or _has_some_of(file, staying)]
    rewrites = [Rewrite((file,), file.grain) for file in mixed]
    files = rewrite(con, state, staged, rewrites, cut=pruned.time)
    old = [file for file in state.of_kind("rejected") if _loaded(file.first_time) < pruned.time]
    if any(_loaded(file.last_time) >= pruned.time for file in old):
        before = _loaded_before(con, state, pruned)
        files += merged_rejected(con, state, staged, old, without=before)
    gone = [file.name for file in leaving + old]
    if state.pruned:
        gone += [
            path.relative_to(state.root).as_posix()
            for path in (state.root / state.pruned.kept).glob("*")
        ]
    return lake.commit(state, Transaction("prune", files=files, gone=gone, pruned=pruned), staged)


def _has_some_of(file: LakeFile, days: Collection[tuple[str, str]]) -> bool:
    first, last = str(file.first_day), str(file.last_day)
    return any(source == file.source and first <= day <= last for source, day in days)


def _loaded_before(con: duckdb.DuckDBPyConnection, state: LakeState, pruned: Pruned) -> list[str]:
    """The ids of the batches that were loaded before the cut: their rejected rows leave."""
    state.lay_out_batches(con)
    rows = con.execute(
        "select batch_id from lake_batches where timezone('UTC', loaded_at::timestamptz) < $cut",
        {"cut": pruned.time},
    ).fetchall()
    return [batch_id for (batch_id,) in rows]


def _loaded(time: str) -> datetime:
    """When rejected rows were loaded, naive UTC."""
    loaded = datetime.fromisoformat(time)
    return loaded.astimezone(UTC).replace(tzinfo=None) if loaded.tzinfo else loaded
