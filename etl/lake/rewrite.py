"""Writes rows of the lake into other files: merged, divided, or without some of them. Adds no row.

The new files wait beside the lake, as those of a load do; a transaction of the log puts them in
force and the old ones out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from etl.duck import create_table, quoted
from etl.errors import SourceError
from etl.lake.portions import in_portions
from etl.lake.records import LakeFile
from etl.lake.schema import FILE_COLUMNS, names_of, table_in
from etl.lake.spans import NAME_LENGTHS
from etl.lake.state import LakeState

_SQL = Path(__file__).parent / "sql"
_FORM = "format parquet, compression zstd, parquet_version v2"
# So many bytes of files are held in memory at a time; one file may be more.
_BYTES_AT_ONCE = 64_000_000
_COLUMNS = names_of(FILE_COLUMNS)


@dataclass(frozen=True)
class Rewrite:
    """Files of one source that become files of spans of that grain: year, month or day."""

    old: tuple[LakeFile, ...]
    grain: str

    @property
    def bytes(self) -> int:
        """What there is to read."""
        return sum(file.bytes for file in self.old)


def rewrite(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    staged: Path,
    rewrites: Sequence[Rewrite],
    *,
    without: Sequence[int] = (),
    cut: datetime | None = None,
    is_erasing: bool = False,
) -> list[LakeFile]:
    """The new files, in the staged folder. Files of the lake stay as they are.

    without  numbers of batches whose rows do not come along
    cut      only events from then on come along, and those that the connection's table
             `staying_events` (source, event_id) names
    is_erasing  rows that the connection's table `leaving_rows` (path, row_number) names do not
             come along, and are counted in its table `left_of_batches`

    The connection's table `new_properties` (source, event_id, properties), where there is one,
    says what stands for properties of some. SourceError when what was written is not what was read.
    """
    if not rewrites:
        return []
    con.execute(
        "create temp table if not exists new_properties "
        "(source text, event_id text, properties text)"
    )
    if cut is None:
        con.execute("create or replace temp table staying_events (source text, event_id text)")
    if not is_erasing:
        con.execute("create or replace temp table leaving_rows (path text, row_number bigint)")
    leaving = [{"batch_number": number} for number in without]
    create_table(con, "leaving_batches", {"batch_number": "BIGINT"}, leaving)
    new: list[LakeFile] = []
    for some in in_portions(rewrites, lambda one: one.bytes, _BYTES_AT_ONCE):
        _lay_out(con, state, some)
        text = (_SQL / "arranged_rows.sql").read_text(encoding="utf-8")
        con.execute(f"create or replace temp table arranged_rows as {text}", {"cut": cut})
        left = _count_left(con) if is_erasing else 0
        if cut is None and not without:
            _refuse_lost(con, sum(file.rows for one in some for file in one.old) - left)
        new += _write(con, staged, state.number + 1, some, first=len(new))
    con.execute("drop table if exists arranged_rows")
    return new


def _lay_out(con: duckdb.DuckDBPyConnection, state: LakeState, rewrites: Sequence[Rewrite]) -> None:
    """What arranged_rows.sql reads."""
    grains = {file.name: one.grain for one in rewrites for file in one.old}
    files = [state.files[name] for name in grains]
    create_table(
        con,
        "old_files",
        {"path": "VARCHAR", "batch_number": "BIGINT", "name_length": "BIGINT"},
        [
            {
                "path": str(state.path_of(file)),
                "batch_number": file.first_batch,
                "name_length": NAME_LENGTHS[grains[file.name]],
            }
            for file in files
        ],
    )
    options = ("filename = true", "file_row_number = true")
    rows = table_in([state.path_of(file) for file in files], FILE_COLUMNS, *options)
    con.execute(f"create or replace temp view file_rows as from {rows}")
    con.execute(
        "create or replace temp table origins "
        "(path varchar, row_number bigint, batch_number bigint)"
    )
    for origins in sorted({file.origins for file in files if file.origins}):
        con.execute(
            "insert into origins select $root || file, row_number, "
            "split_part(batch, '-', 2)::bigint from read_parquet($origins) "
            "semi join old_files on path = $root || file",
            {"root": f"{state.root}/", "origins": str(state.root / origins)},
        )


def _write(
    con: duckdb.DuckDBPyConnection,
    staged: Path,
    number: int,
    rewrites: Sequence[Rewrite],
    first: int,
) -> list[LakeFile]:
    """Writes arranged_rows, a file for each source and span."""
    grains = {NAME_LENGTHS[one.grain]: one.grain for one in rewrites}
    groups = con.execute(
        "select source, span, min(rowid), count(*), min(event_time), max(event_time), "
        "min(batch_number), max(batch_number) from arranged_rows group by all order by all"
    ).fetchall()
    new = [
        _write_one(con, staged, f"{number:08d}-m{place}", grains, group)
        for place, group in enumerate(groups, first)
    ]
    paths = {str(staged / file.name): file.rows for file in new}
    if paths:
        found = con.execute(
            "select file_name, num_rows from parquet_file_metadata($paths)", {"paths": list(paths)}
        ).fetchall()
        _refuse_other(dict(found) == paths)
    return new


def _write_one(
    con: duckdb.DuckDBPyConnection,
    staged: Path,
    stem: str,
    grains: dict[int, str],
    group: tuple[Any, ...],
) -> LakeFile:
    source, span, first, count, *times, first_batch, last_batch = group
    name = f"events/{source}/{span}/{stem}.parquet"
    target = staged / name
    target.parent.mkdir(parents=True, exist_ok=True)
    # One by one: a write that is partitioned may mix up the rows within a file.
    con.execute(
        f"copy (select {_COLUMNS} from arranged_rows where rowid >= {first} "  # noqa: S608
        f"and rowid < {first + count} order by rowid) to {quoted(target)} ({_FORM})"
    )
    return LakeFile(
        name=name,
        source=source,
        rows=count,
        bytes=target.stat().st_size,
        grain=grains[len(span)],
        first_time=times[0].isoformat(),
        last_time=times[1].isoformat(),
        first_batch=first_batch,
        last_batch=last_batch,
    )


def _count_left(con: duckdb.DuckDBPyConnection) -> int:
    """How many rows of the files that are laid out leave; they are added to left_of_batches."""
    text = (_SQL / "left_of_batches.sql").read_text(encoding="utf-8")
    con.execute(f"create or replace temp table left_now as {text}")
    con.execute("insert into left_of_batches from left_now")
    (rows,) = con.execute("select coalesce(sum(rows), 0)::bigint from left_now").fetchall()[0]
    return int(rows)


def _refuse_lost(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    (count,) = con.execute("select count(*) from arranged_rows").fetchall()[0]
    _refuse_other(count == rows)


def _refuse_other(is_same: bool) -> None:
    if not is_same:
        msg = (
            "The rows that were written to new files are not those that were read. The lake is "
            "as it was. Run again; if it happens again, report it with this text."
        )
        raise SourceError(msg)
