"""Writes rejected rows of the lake into other files: merged, or without some. Adds no row."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from etl.duck import listed, quoted
from etl.lake.records import LakeFile
from etl.lake.schema import REJECTED_COLUMNS, names_of
from etl.lake.state import LakeState

_FORM = "format parquet, compression zstd"


def merged_rejected(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    staged: Path,
    old: Sequence[LakeFile],
    without: Iterable[str] = (),
) -> list[LakeFile]:
    """One file, in the staged folder, with the rejected rows of the old ones but those of the
    batches `without`, told by their batch_id. None when no row is left.
    """
    name = f"rejected/{state.number + 1:08d}-m.parquet"
    target = staged / name
    target.parent.mkdir(parents=True, exist_ok=True)
    paths = listed(state.path_of(file) for file in old)
    con.execute(
        f"copy (select {names_of(REJECTED_COLUMNS)} from read_parquet({paths}) "  # noqa: S608
        f"where not list_contains($without, batch_id)) to {quoted(target)} ({_FORM})",
        {"without": list(without)},
    )
    (rows,) = con.execute(
        "select num_rows from parquet_file_metadata($file)", {"file": str(target)}
    ).fetchall()[0]
    if not rows:
        target.unlink()
        return []
    sources = {file.source for file in old}
    return [
        LakeFile(
            name=name,
            source=sources.pop() if len(sources) == 1 else "",
            rows=rows,
            bytes=target.stat().st_size,
            first_time=min(file.first_time for file in old),
            last_time=max(file.last_time for file in old),
            first_batch=min(file.first_batch for file in old),
            last_batch=max(file.last_batch for file in old),
        )
    ]
