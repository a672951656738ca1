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
    untold: Iterable[str] = (),
    *,
    is_erasing: bool = False,
) -> list[LakeFile]:
    """One file, in the staged folder, with the rejected rows of the old ones but those of the
    batches `without`, told by their batch_id, and, `is_erasing`, of those that the connection's
    table `leaving_rejects` (path, row_number) names, others with what `blanked_rejects` and
    `blanked_files` have; without the text of those of the batches `untold`. None when no row is
    left.
    """
    name = f"rejected/{state.number + 1:08d}-m.parquet"
    target = staged / name
    target.parent.mkdir(parents=True, exist_ok=True)
    paths = listed(state.path_of(file) for file in old)
    rows = f"read_parquet({paths}, filename = true, file_row_number = true) as rejects"
    if is_erasing:
        rows += (
            " anti join leaving_rejects on path = rejects.filename "
            "and row_number = rejects.file_row_number"
        )
        rows = (
            "(select rejects.* replace (coalesce(blanked.raw, rejects.raw) as raw, "  # noqa: S608
            "coalesce(blanked_files.told, rejects.file) as file) "
            f"from {rows} left join blanked_rejects as blanked on blanked.path = "
            "rejects.filename and blanked.row_number = rejects.file_row_number "
            "left join blanked_files on blanked_files.path = rejects.filename "
            "and blanked_files.file = rejects.file)"
        )
    con.execute(
        f"copy (select {names_of(REJECTED_COLUMNS)} from (select * replace ("  # noqa: S608
        f"case when not list_contains($untold, batch_id) then raw end as raw) from {rows}) "
        f"where not list_contains($without, batch_id)) to {quoted(target)} ({_FORM})",
        {"without": list(without), "untold": list(untold)},
    )
    (count,) = con.execute(
        "select num_rows from parquet_file_metadata($file)", {"file": str(target)}
    ).fetchall()[0]
    if not count:
        target.unlink()
        return []
    sources = {file.source for file in old}
    return [
        LakeFile(
            name=name,
            source=sources.pop() if len(sources) == 1 else "",
            rows=count,
            bytes=target.stat().st_size,
            first_time=min(file.first_time for file in old),
            last_time=max(file.last_time for file in old),
            first_batch=min(file.first_batch for file in old),
            last_batch=max(file.last_batch for file in old),
        )
    ]
