"""Writes rows of the lake into other files, and tells the manifest. Adds no row.

The new files are written beside the lake, then put in force by one record: a kill at any moment
leaves the old files or the new ones, whole.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from etl.duck import create_table, quoted
from etl.errors import SourceError
from etl.lake.durable import flush
from etl.lake.manifest import Manifest, Pruned, day_of
from etl.lake.schema import EVENT_COLUMNS, names_of, table_in
from etl.lake.store import Commit, Lake, origins_of

_SQL = Path(__file__).parent / "sql"
_FORM = "format parquet, compression zstd, parquet_version v2"
# So many bytes of files are held in memory at a time; a day of one source may be more.
_BYTES_AT_ONCE = 64_000_000
_COLUMNS = names_of(EVENT_COLUMNS)


@dataclass(frozen=True)
class RewriteGroup:
    """What one new file shall hold: the rows of a day that the old files have of the batches.

    The old files are of the day and of one source; batches are told by Commit.key.
    """

    old: tuple[str, ...]
    batches: tuple[str, ...]

    @property
    def day(self) -> str:
        """Its day, as 2026-11-20."""
        return day_of(self.old[0])


def rewrite(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    groups: Sequence[RewriteGroup],
    pruned: Pruned | None = None,
) -> Manifest:
    """The manifest in force after each group has become a file, instead of its old ones.

    With `pruned` only the events from its time on stay, and those that the connection's table
    `staying_events` (source, event_id) names; earlier files that are in no group are gone. A
    folder of kept numbers that it names waits in the folder `arranging`. SourceError when a file
    that was written does not hold what it should: the lake is then as it was. Hold the lock.
    """
    manifest = lake.manifest()
    if pruned is None:
        con.execute("create or replace temp table staying_events (source text, event_id text)")
    new: dict[str, RewriteGroup] = {}
    try:
        for part, some in enumerate(_portions(lake, groups)):
            files = _named(f"merged-{manifest.number + 1}-{part}", some)
            _lay_out(con, lake, commits, manifest, files, pruned)
            _write(con, lake, files)
            new |= files
        written = [lake.arranging / name for name in new]
        written += {lake.arranging / origins_of(name) for name in new}
        written += (lake.arranging / pruned.kept).glob("*.parquet") if pruned else ()
        flush(written)
        gone = {name for group in groups for name in group.old}
        stay = {
            name: held
            for name, held in manifest.files.items()
            if name not in gone and (pruned is None or day_of(name) >= str(pruned.time.date()))
        }
        changed = replace(
            manifest,
            number=manifest.number + 1,
            files=stay | {name: group.batches for name, group in new.items()},
            pruned=pruned or manifest.pruned,
        ).without_strangers(commit.key for commit in commits)
        lake.publish_manifest(changed)
    except BaseException:
        # What is in force moves on; what is not is as if it had never been begun.
        if lake.manifest() == manifest:
            shutil.rmtree(lake.arranging, ignore_errors=True)
        raise
    lake.remove_orphans()
    return changed


def _portions(lake: Lake, groups: Sequence[RewriteGroup]) -> Iterator[list[RewriteGroup]]:
    """The groups by day, in lists that fit into memory."""
    some: list[RewriteGroup] = []
    size = 0
    for group in sorted(groups, key=lambda group: group.day):
        group_size = sum((lake.root / name).stat().st_size for name in group.old)
        if some and size + group_size > _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
        some.append(group)
        size += group_size
    if some:
        yield some


def _named(stem: str, groups: Sequence[RewriteGroup]) -> dict[str, RewriteGroup]:
    """New file, below the lake → what it shall hold. Those of a day differ by their number."""
    files: dict[str, RewriteGroup] = {}
    for group in groups:
        folder = f"events/event_date={group.day}"
        number = 0
        while f"{folder}/{stem}_{number}-0.parquet" in files:
            number += 1
        files[f"{folder}/{stem}_{number}-0.parquet"] = group
    return files


def _lay_out(
    con: duckdb.DuckDBPyConnection,
    lake: Lake,
    commits: Sequence[Commit],
    manifest: Manifest,
    files: dict[str, RewriteGroup],
    pruned: Pruned | None,
) -> None:
    """Leaves arranged_rows: the rows of the new files, in their order."""
    writer = {name: commit.key for commit in commits for name in commit.event_files}
    old = sorted({name for group in files.values() for name in group.old})
    create_table(
        con,
        "wanted_files",
        {"path": "VARCHAR", "name": "VARCHAR", "batch": "VARCHAR"},
        [
            {
                "path": str(lake.root / name),
                "name": name,
                "batch": None if name in manifest.files else writer[name],
            }
            for name in old
        ],
    )
    create_table(
        con,
        "wanted_rows",
        dict.fromkeys(("old_file", "batch", "new_file"), "VARCHAR"),
        [
            {"old_file": name, "batch": batch, "new_file": new}
            for new, group in files.items()
            for name in group.old
            for batch in group.batches
        ],
    )
    told = sorted({str(lake.root / origins_of(name)) for name in old if name in manifest.files})
    con.execute(
        "create or replace temp table origins (file varchar, row_number bigint, batch varchar)"
    )
    if told:
        con.execute(
            "insert into origins from read_parquet($told) semi join wanted_files on name = file",
            {"told": told},
        )
    files_read = table_in(
        [lake.root / name for name in old],
        EVENT_COLUMNS,
        *("filename = true", "file_row_number = true"),
    )
    con.execute(f"create or replace temp view old_rows as from {files_read}")
    text = (_SQL / "arranged_rows.sql").read_text(encoding="utf-8")
    con.execute(
        f"create or replace temp table arranged_rows as {text}",
        {"cut": pruned.time if pruned else None},
    )


def _write(con: duckdb.DuckDBPyConnection, lake: Lake, files: dict[str, RewriteGroup]) -> None:
    """Writes arranged_rows beside the lake, and which batch each of them is of."""
    found = con.execute(
        "select new_file, min(rowid), count(*) from arranged_rows group by all"
    ).fetchall()
    rows = dict.fromkeys(files, (0, 0)) | {name: (first, count) for name, first, count in found}
    # One by one: a write that is partitioned may mix up the rows within a file.
    for name, (first, count) in rows.items():
        (lake.arranging / name).parent.mkdir(parents=True, exist_ok=True)
        con.execute(
            f"copy (select {_COLUMNS} from arranged_rows where rowid >= {first} "  # noqa: S608
            f"and rowid < {first + count}) to {quoted(lake.arranging / name)} ({_FORM})"
        )
    origins = lake.arranging / origins_of(next(iter(files)))
    origins.parent.mkdir(exist_ok=True)
    con.execute(
        "copy (select new_file as file, rowid - min(rowid) over (partition by new_file) "  # noqa: S608
        "as row_number, batch from arranged_rows order by file, row_number) "
        f"to {quoted(origins)} ({_FORM})"
    )
    _check(con, lake, {name: count for name, (_, count) in rows.items()})


def _check(con: duckdb.DuckDBPyConnection, lake: Lake, rows: dict[str, int]) -> None:
    """SourceError when a file was not written, or does not hold its rows."""
    paths = {str(lake.arranging / name): number for name, number in rows.items()}
    found = con.execute(
        "select file_name, num_rows from parquet_file_metadata($paths)", {"paths": list(paths)}
    ).fetchall()
    if dict(found) != paths:
        msg = (
            "The rows that were written to new files are not those that were read. The lake is "
            "as it was. Run again; if it happens again, report it with this text."
        )
        raise SourceError(msg)
